"""What the commands do, each as one call for Python: train, evaluate, search, ..."""

from mfccclf.workflows.description import Description, describe, format_description
from mfccclf.workflows.extraction import (
    ExtractedDataset,
    extract_clips,
    extract_dataset,
    save_features,
)
from mfccclf.workflows.output import check_output
from mfccclf.workflows.searching import SearchOutcome, search_recognisers
from mfccclf.workflows.testing import TestResult, evaluate_model, load_test_data
from mfccclf.workflows.training import (
    TrainingResult,
    load_training_data,
    train_recogniser,
)

__all__ = [
    "Description",
    "ExtractedDataset",
    "SearchOutcome",
    "TestResult",
    "TrainingResult",
    "check_output",
    "describe",
    "evaluate_model",
    "extract_clips",
    "extract_dataset",
    "format_description",
    "load_test_data",
    "load_training_data",
    "save_features",
    "search_recognisers",
    "train_recogniser",
]
