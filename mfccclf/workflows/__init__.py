"""What the commands do, each as one call for Python: train, evaluate, search, ..."""

from mfccclf.datasets.extracted import check_features_output
from mfccclf.workflows.description import Description, describe, format_description
from mfccclf.workflows.extraction import extract_clips, make_extractor
from mfccclf.workflows.feature_files import WrittenFeatures, extract_to_disk
from mfccclf.workflows.more_clips import load_more_clips
from mfccclf.workflows.other_clips import load_other_clips
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
    "SearchOutcome",
    "TestResult",
    "TrainingResult",
    "WrittenFeatures",
    "check_features_output",
    "check_output",
    "describe",
    "evaluate_model",
    "extract_clips",
    "extract_to_disk",
    "format_description",
    "load_more_clips",
    "load_other_clips",
    "load_test_data",
    "load_training_data",
    "make_extractor",
    "search_recognisers",
    "train_recogniser",
]
