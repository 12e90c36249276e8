"""How well each label is recognised, as numbers and as a section of the page."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mfccclf.report.html import Html, element, table
from mfccclf.report.inputs import ReportInputs

__all__ = ["defined_scores", "show_decisions", "show_label_scores"]

_NAMES = {
    "precision": "Precision",
    "recall": "Recall",
    "f1": "F1",
    "average_precision": "Average precision",
}
_MEANING = (
    "Precision: how many of the clips that got a label have it. Recall: how many of "
    "the clips that have a label got it. F1: their harmonic mean."
)
_AVERAGE_PRECISION = (
    " Average precision: the mean precision while clips are named from the highest "
    "score downwards."
)
_UNDEFINED = (
    " A dash stands for what cannot be said: the recall of a label that no clip has, "
    "or the precision of one that no clip got."
)
_COMPARED = {
    "macro_f1": "Macro F1",
    "micro_f1": "Micro F1",
    "map": "Mean average precision",
    "lrap": "Label ranking average precision",
    "exact_match": "Exact match",
}


def defined_scores(inputs: ReportInputs) -> dict[str, NDArray[np.float64]]:
    """Return the scores of each label, NaN where `mfccclf.evaluate` has 0 for none.

    Parameters
    ----------
    inputs : ReportInputs
        What the model said.

    Returns
    -------
    scores : dict of str to float64 ndarray of shape (n_classes,)
        Precision, recall, F1 and, where clips have several labels, average precision.
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


def show_label_scores(inputs: ReportInputs, picture: Html) -> Html:
    """Return the section with the scores of each label.

    Parameters
    ----------
    inputs : ReportInputs
        What the model said.
    picture : Html
        The same scores, drawn.
    """
    scores = defined_scores(inputs)
    headings = ["Label", *(_NAMES[name] for name in scores), "Clips"]
    counts = inputs.present.sum(axis=0)
    rows: list[list[object]] = [
        [label, *(_text(found[row]) for found in scores.values()), f"{counts[row]:,}"]
        for row, label in enumerate(inputs.labels)
    ]
    text = _MEANING
    if "average_precision" in scores:
        text += _AVERAGE_PRECISION
    if any(np.isnan(found).any() for found in scores.values()):
        text += _UNDEFINED
    parts = [element("p", text), picture, table(headings, rows)]
    if inputs.multilabel:
        parts.append(_compared_with_everything(inputs))
    return element("section", element("h2", "Scores of each label"), *parts)


def show_decisions(inputs: ReportInputs) -> Html:
    """Return the section that counts right and wrong decisions about each label.

    Parameters
    ----------
    inputs : ReportInputs
        Where clips have any number of labels, so that none is taken for just one other.
    """
    text = (
        "Clips of this model have any number of labels, so that no label is taken for "
        "just one other. For each label: how many clips have it and got it, have it "
        "and did not get it, and got it without having it."
    )
    rows: list[list[object]] = []
    for label, found in zip(inputs.labels, inputs.scores["confusion"], strict=True):
        (absent, wrong), (missed, named) = found
        rows.append([label, *(f"{n:,}" for n in (named, missed, wrong, absent))])
    headings = ["Label", "Found", "Missed", "Wrongly named", "Rightly not named"]
    heading = element("h2", "Decisions")
    return element("section", heading, element("p", text), table(headings, rows))


def _compared_with_everything(inputs: ReportInputs) -> Html:
    scores, baseline = inputs.scores, inputs.scores["predict_everything"]
    rows: list[list[object]] = [
        [name, _text(scores[key]), _text(baseline[key])]
        for key, name in _COMPARED.items()
    ]
    headings = ["Score", "Model", "Naming every label"]
    return table(headings, rows, caption="Compared with naming every label")


def _text(score: float) -> str:
    return "\N{EN DASH}" if np.isnan(score) else f"{score:.3f}"
