"""Errors and warnings of the package: one root, one class per kind of file."""

__all__ = [
    "AudioFileError",
    "AudioFileWarning",
    "CacheWarning",
    "DatasetError",
    "MfccclfError",
    "MissingExtraError",
    "ModelFileError",
]


class MfccclfError(Exception):
    """Root of every error that is about the user's files, not about the call.

    The message is one line that names the file, says what is wrong and what to do.
    """


class AudioFileError(MfccclfError, OSError):
    """An audio file is missing, unreadable, damaged or holds nothing to classify."""


class ModelFileError(MfccclfError, ValueError):
    """A model file is missing, damaged, altered or of an unknown format."""


class DatasetError(MfccclfError, ValueError):
    """A data set cannot be used as it is; the message lists each problem found."""


class MissingExtraError(MfccclfError, ImportError):
    """An optional dependency is needed; the message names the extra to install."""


class AudioFileWarning(UserWarning):
    """An audio file can be used, but something in it deserves a look."""


class CacheWarning(UserWarning):
    """The feature cache cannot be used, or was damaged; the features are right."""
