"""Find clips, labels, groups and splits on disk."""

from mfccclf.datasets.dataset import Dataset
from mfccclf.datasets.loading import load_dataset

__all__ = ["Dataset", "load_dataset"]
