"""The tables of a report, as texts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mfccclf.report.inputs import ReportInputs

__all__ = [
    "Table",
    "defined_scores",
    "make_baseline_table",
    "make_decision_table",
    "make_label_table",
    "make_mistake_table",
]

_NAMES = {
    "precision": "Precision",
    "recall": "Recall",
    "f1": "F1",
    "average_precision": "Average precision",
}
_COMPARED = {
    "macro_f1": "Macro F1",
    "micro_f1": "Micro F1",
    "map": "Mean average precision",
    "lrap": "Label ranking average precision",
    "exact_match": "Exact match",
}
_MOST_MISTAKES = 8


class Table(NamedTuple):
    """Headings and rows of cells; the first cell names its row."""

    headings: Sequence[str]
    rows: Sequence[Sequence[str]]


def defined_scores(inputs: ReportInputs) -> dict[str, NDArray[np.float64]]:
    """Return the scores of each label, NaN where `mfccclf.evaluate` has 0 for none.

    Parameters
    ----------
    inputs : ReportInputs
        What the model said.

    Returns
    -------
    scores : dict of str to float64 ndarray of shape (n_classes,)
        Precision, recall, F1 and, for a multilabel model, average precision.
    """
    has_clips = inputs.present.any(axis=0)
    was_given = inputs.answers.any(axis=0)
    is_defined = {
        "precision": was_given,
        "recall": has_clips,
        "f1": has_clips | was_given,
        "average_precision": has_clips,
    }
    rows = inputs.scores["per_class"]
    first = next(iter(rows.values()))
    return {
        name: np.where(defined, [row[name] for row in rows.values()], np.nan)
        for name, defined in is_defined.items()
        if name in first
    }


def make_label_table(inputs: ReportInputs) -> Table:
    """Return the scores of each label; a dash stands for an undefined one."""
    scores = defined_scores(inputs)
    counts = inputs.present.sum(axis=0)
    rows = [
        [label, *(_text(found[row]) for found in scores.values()), f"{counts[row]:,}"]
        for row, label in enumerate(inputs.labels)
    ]
    return Table(["Label", *(_NAMES[name] for name in scores), "Clips"], rows)


def make_decision_table(inputs: ReportInputs) -> Table:
    """Count right and wrong decisions about each label of a multilabel model."""
    rows = []
    for label, found in zip(inputs.labels, inputs.scores["confusion"], strict=True):
        (absent, wrong), (missed, given) = found
        rows.append([label, *(f"{n:,}" for n in (given, missed, wrong, absent))])
    return Table(
        ["Label", "Found", "Missed", "Wrongly given", "Rightly not given"], rows
    )


def make_baseline_table(inputs: ReportInputs) -> Table:
    """Compare a multilabel model with one that names every label for every clip."""
    scores, baseline = inputs.scores, inputs.scores["predict_everything"]
    rows = [
        [name, _text(scores[key]), _text(baseline[key])]
        for key, name in _COMPARED.items()
    ]
    return Table(["Score", "Model", "Naming every label"], rows)


def make_mistake_table(inputs: ReportInputs) -> Table:
    """Return the most frequent pairs of a true label and a wrong answer."""
    counts = np.array(inputs.scores["confusion"])
    totals = counts.sum(axis=1)
    np.fill_diagonal(counts, 0)
    order = np.argsort(-counts, axis=None, kind="stable")[:_MOST_MISTAKES]
    pairs = zip(*np.unravel_index(order, counts.shape), strict=True)
    rows = [
        [inputs.labels[true], inputs.labels[answer], f"{count} of {totals[true]}"]
        for true, answer in pairs
        if (count := counts[true, answer])
    ]
    return Table(["True label", "Predicted", "Clips"], rows)


def _text(score: float) -> str:
    return "\N{EN DASH}" if np.isnan(score) else f"{score:.3f}"
