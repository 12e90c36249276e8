"""What a model file says about the data and the options of its training."""

from __future__ import annotations

from typing import Any

from mfccclf.datasets import Dataset
from mfccclf.workflows.preset_options import RecogniserOptions
from mfccclf.workflows.starting_model import describe_start
from mfccclf.workflows.training_data import TrainingData
from mfccclf.workflows.training_sequences import TrainingSequences

__all__ = ["collect_facts"]


def collect_facts(
    classifier: Any,
    sequences: TrainingSequences,
    options: RecogniserOptions,
) -> dict[str, Any]:
    """Return what a model file says about its training, as plain values.

    Parameters
    ----------
    classifier : SequenceClassifier
        Fitted.
    sequences : TrainingSequences
        What was learned from.
    options : RecogniserOptions
        What was trained.

    Returns
    -------
    facts : dict
        Ready for JSON. The names are part of the file's format.
    """
    data = sequences.data
    n_skipped = len(sequences.skipped)
    return {
        "data": data.clips.name,
        "layout": data.clips.layout,
        "n_clips": len(sequences.clips),
        "n_validation_clips": len(data.validation) if data.validation else 0,
        **({"n_skipped_clips": n_skipped} if n_skipped else {}),
        "seed": options.random_state,
        **_thresholds(data, sequences, options),
        **describe_start(options.start_from, freeze=options.freeze),
        **_added_clips("more", data.more),
        **_added_clips("other", data.ood),
        **({} if data.ood is None else {"other_weight": options.ood_weight}),
        **({"temperature": classifier.temperature_} if options.calibrate else {}),
        **_label_choice(data.clips),
    }


def _thresholds(
    data: TrainingData, sequences: TrainingSequences, options: RecogniserOptions
) -> dict[str, str]:
    """Tell where the thresholds of multilabel clips come from."""
    if not sequences.multilabel:
        return {}
    if data.validation is not None:
        origin = "tuned on the validation clips"
    elif options.thresholds is not None:
        origin = "tuned on the folds of a search"
    else:
        origin = "0.5"
    return {"thresholds": origin}


def _added_clips(kind: str, clips: Dataset | None) -> dict[str, Any]:
    """Describe clips that were learned from in addition to the data."""
    if clips is None:
        return {}
    return {
        f"{kind}_data": clips.name,
        f"n_{kind}_clips": len(clips.paths),
        f"{kind}_fingerprint": clips.fingerprint(),
    }


def _label_choice(clips: Dataset) -> dict[str, Any]:
    """Return what `evaluate` must choose to see labels of the same kind."""
    choice: dict[str, Any] = {}
    if clips.target is not None:
        choice["target"] = clips.target
    if clips.exclude:
        choice["exclude"] = list(clips.exclude)
    return choice
