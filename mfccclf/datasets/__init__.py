"""Find clips, labels, groups and splits on disk."""

from mfccclf.datasets.annotations.cutting import Cutting
from mfccclf.datasets.dataset import Dataset
from mfccclf.datasets.in_memory import from_huggingface, from_torchaudio
from mfccclf.datasets.loading import load_dataset, load_unlabelled

__all__ = [
    "Cutting",
    "Dataset",
    "from_huggingface",
    "from_torchaudio",
    "load_dataset",
    "load_unlabelled",
]
