"""Search for the best parameters of a pipeline, extracting each clip once."""

from mfccclf.search.fit_progress import FitReport
from mfccclf.search.folds import Fold, make_folds
from mfccclf.search.importance import block_importance
from mfccclf.search.journal import Journal
from mfccclf.search.pipeline_search import search_pipeline
from mfccclf.search.results import SearchResults
from mfccclf.search.scheduling import open_scheduler
from mfccclf.search.space import Range, parse_space, read_space
from mfccclf.search.strategies import METHODS, Plan, make_plan

__all__ = [
    "METHODS",
    "FitReport",
    "Fold",
    "Journal",
    "Plan",
    "Range",
    "SearchResults",
    "block_importance",
    "make_folds",
    "make_plan",
    "open_scheduler",
    "parse_space",
    "read_space",
    "search_pipeline",
]
