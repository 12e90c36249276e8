"""Data sets whose features are on disk: sequences and labels in one file or folder."""

from mfccclf.datasets.extracted.clips import ExtractedClips
from mfccclf.datasets.extracted.reading import is_extracted, load_extracted
from mfccclf.datasets.extracted.writing import (
    check_features_output,
    join_splits,
    write_extracted,
)

__all__ = [
    "ExtractedClips",
    "check_features_output",
    "is_extracted",
    "join_splits",
    "load_extracted",
    "write_extracted",
]
