"""Errors and warnings: one root, and one class per kind of file."""

__all__ = [
    "AudioFileError",
    "AudioFileWarning",
    "CacheWarning",
    "DatasetError",
    "ExportError",
    "MfccclfError",
    "MissingExtraError",
    "ModelFileError",
]


class MfccclfError(Exception):
    """Root of all errors about the user's files; wrong arguments raise others.

    The message is one line: the file, what is wrong with it, and what to do.
    """


class AudioFileError(MfccclfError, OSError):
    """An audio file is missing, unreadable or damaged, or has nothing to classify."""


class ModelFileError(MfccclfError, ValueError):
    """A model file is missing, damaged, altered or of an unknown format."""


class DatasetError(MfccclfError, ValueError):
    """A data set cannot be used as it is; the message lists every problem found."""


class ExportError(MfccclfError, ValueError):
    """A model, or a part of it, cannot be made into what another program runs."""


class MissingExtraError(MfccclfError, ImportError):
    """An optional dependency is missing; the message names the extra to install."""


class AudioFileWarning(UserWarning):
    """An audio file can be used, but may not be what was intended."""


class CacheWarning(UserWarning):
    """The feature cache was damaged or cannot be used; features are not affected."""
