"""A training or a search, written down in every program that was asked for."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mfccclf.tracking.mlflow import MlflowTracker
from mfccclf.tracking.tensorboard import TensorBoardTracker
from mfccclf.tracking.tracker import Tracker

if TYPE_CHECKING:
    from mfccclf.search import SearchResults
    from mfccclf.workflows import SearchOutcome, TrainingResult

__all__ = ["RunLog", "open_run_log"]

TRACKERS: Mapping[str, Callable[[str, str], Tracker]] = {
    "tensorboard": TensorBoardTracker,
    "mlflow": MlflowTracker,
}
_CURVES = {
    "train_loss": "loss/training",
    "valid_loss": "loss/validation",
    "train_accuracy": "accuracy/training",
    "valid_accuracy": "accuracy/validation",
    "lr": "learning rate",
}
_SCORES = ("accuracy", "balanced_accuracy", "macro_f1", "loss")
_LONGEST = 250  # characters of a value; MLflow's first stores hold no more


class RunLog:
    """Writes a run down in every tracker.

    Parameters
    ----------
    trackers : sequence of Tracker
        Where; none means that nothing is written.

    Examples
    --------
    >>> from mfccclf.tracking import open_run_log
    >>> with open_run_log(["tensorboard=runs"], name="mine") as log:  # doctest: +SKIP
    ...     log.log_training(result, result.save("mine.mfccclf"))
    """

    def __init__(self, trackers: Sequence[Tracker]) -> None:
        self._trackers = trackers

    def log_epoch(self, row: Mapping[str, Any]) -> None:
        """Write down an epoch.

        Parameters
        ----------
        row : mapping
            A row of ``history_``, as `mfccclf.LSTMClassifier.fit` hands it to its
            ``on_epoch``.
        """
        found = {
            curve: float(row[name])
            for name, curve in _CURVES.items()
            if row[name] is not None
        }
        for tracker in self._trackers:
            tracker.log_metrics(found, row["epoch"])

    def log_training(self, result: TrainingResult, model: Path) -> None:
        """Write down parameters, scores, confusions and the model file.

        Parameters
        ----------
        result : TrainingResult
            Of the training.
        model : pathlib.Path
            The saved model file.
        """
        for tracker in self._trackers:
            tracker.log_parameters(_facts(result))
            tracker.log_metrics(_final_scores(result), result.kept_epoch)
            for split, scores in result.scores.items():
                _log_confusion(tracker, split, scores)
            tracker.log_model(model)

    def log_search(self, outcome: SearchOutcome, model: Path) -> None:
        """Write down every combination, and the training of the best.

        Parameters
        ----------
        outcome : SearchOutcome
            Of the search.
        model : pathlib.Path
            The saved model file.
        """
        for tracker in self._trackers:
            _log_candidates(tracker, outcome.results)
        for row in outcome.training.pipeline[-1].history_:
            self.log_epoch(row)
        self.log_training(outcome.training, model)


@contextmanager
def open_run_log(targets: Sequence[str], *, name: str) -> Iterator[RunLog]:
    """Start a run in every program that is named, and end it, also after an error.

    Parameters
    ----------
    targets : sequence of str
        ``"tensorboard=FOLDER"`` and ``"mlflow=URI"``.
    name : str
        What the run is about, such as the name of its model file. The time is added.

    Yields
    ------
    run_log : RunLog
        For the run.

    Raises
    ------
    ValueError
        If a target is neither.
    MissingExtraError
        If its package is not installed.
    MfccclfError
        If a store cannot be used.

    Examples
    --------
    >>> from mfccclf.tracking import open_run_log
    >>> with open_run_log(["tensorboard=runs"], name="mine") as run:  # doctest: +SKIP
    ...     result = train_recogniser(data, on_epoch=run.log_epoch)
    ...     run.log_training(result, result.save("mine.mfccclf"))
    """
    makers = [_parse(target) for target in targets]
    run_name = f"{name} {time.strftime('%Y-%m-%d %H.%M.%S')}"
    trackers: list[Tracker] = []
    failed = True
    try:
        trackers.extend(make(where, run_name) for make, where in makers)
        yield RunLog(trackers)
        failed = False
    finally:
        for tracker in trackers:
            tracker.close(failed=failed)


def _parse(target: str) -> tuple[Callable[[str, str], Tracker], str]:
    kind, _, where = target.partition("=")
    if kind not in TRACKERS or not where:
        raise ValueError(
            f"The log {target!r} must be tensorboard=FOLDER or mlflow=URI, such as "
            "tensorboard=runs or mlflow=sqlite:///runs.db."
        )
    return TRACKERS[kind], where


def _facts(result: TrainingResult) -> dict[str, str]:
    """Return what was chosen and what it was trained on, as short texts."""
    chosen = {
        name: value
        for name, value in result.pipeline.get_params().items()
        if "__" in name and not hasattr(value, "get_params")
    }
    facts = {
        "preset": result.preset,
        "fingerprint": result.fingerprint,
        "n_clips": result.n_clips,
        "n_epochs": result.n_epochs,
        "n_parameters": result.n_parameters,
        "classes": ", ".join(result.classes),
        **result.data,
        **result.limits,
        **chosen,
    }
    return {name: _short(value) for name, value in facts.items()}


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."


def _final_scores(result: TrainingResult) -> dict[str, float]:
    return {
        f"final {score}/{_plain(split)}": float(scores[score])
        for split, scores in result.scores.items()
        for score in _SCORES
        if scores.get(score) is not None
    }


def _plain(split: str) -> str:
    """Return a split's name without commas, which MLflow does not take."""
    return split.replace(",", "")


def _log_confusion(tracker: Tracker, split: str, scores: Mapping[str, Any]) -> None:
    """Draw which labels are mistaken for which; clips of several labels have none."""
    if "confusion" not in scores:
        return
    from mfccclf.plots import plot_confusion

    figure = plot_confusion(scores["confusion"], scores["classes"])
    with warnings.catch_warnings():
        # As in our own pictures, a label that the font lacks stands behind its number.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        tracker.log_figure(f"confusion {_plain(split)}", figure)


def _log_candidates(tracker: Tracker, results: SearchResults) -> None:
    for number, row in enumerate(results.rows, start=1):
        parameters = {name: _short(value) for name, value in row.parameters.items()}
        scores = {scorer: row.mean(scorer) for scorer in results.scoring}
        tracker.log_candidate(f"candidate {number}", parameters, scores)
