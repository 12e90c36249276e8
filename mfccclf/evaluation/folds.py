"""Mean and deviation of the scores of several folds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

__all__ = ["MEASURES", "summarise_folds"]

# The scores of one number, among all that an evaluation tells.
MEASURES = (
    "accuracy",
    "balanced_accuracy",
    "macro_f1",
    "micro_f1",
    "map",
    "lrap",
    "exact_match",
    "loss",
)


def summarise_folds(scores: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return mean and deviation of the scores of several folds.

    Parameters
    ----------
    scores : mapping of str to mapping
        What `mfccclf.evaluate` returns for each fold, by its name.

    Returns
    -------
    summary : dict
        "n_clips" and "n_folds"; "mean" and "std" (the standard deviation over the
        folds), each by the name of the measure; "folds", a list of all the scores of
        each fold, with its name under "fold".

    Examples
    --------
    >>> from mfccclf import evaluate
    >>> from mfccclf.evaluation import summarise_folds
    >>> right = evaluate(["no", "yes"], [[0.9, 0.1], [0.2, 0.8]], ["no", "yes"])
    >>> half = evaluate(["no", "yes"], [[0.9, 0.1], [0.7, 0.3]], ["no", "yes"])
    >>> summary = summarise_folds({"1": right, "2": half})
    >>> summary["n_clips"], summary["mean"]["accuracy"], summary["std"]["accuracy"]
    (4, 0.75, 0.25)
    """
    known = [name for name in MEASURES if all(name in one for one in scores.values())]
    values = {name: [one[name] for one in scores.values()] for name in known}
    return {
        "n_clips": sum(one["n_clips"] for one in scores.values()),
        "n_folds": len(scores),
        "mean": {name: float(np.mean(values[name])) for name in known},
        "std": {name: float(np.std(values[name])) for name in known},
        "folds": [{"fold": name, **one} for name, one in scores.items()],
    }
