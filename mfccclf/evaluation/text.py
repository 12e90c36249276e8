"""Scores as plain text for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

__all__ = ["format_fold_scores", "format_scores"]

_OVERALL = (
    ("clips", "n_clips"),
    ("accuracy", "accuracy"),
    ("balanced accuracy", "balanced_accuracy"),
    ("macro F1", "macro_f1"),
    ("loss", "loss"),
)
_PER_CLASS = ("precision", "recall", "f1", "n_clips")
_HEADINGS = ("class", "precision", "recall", "F1", "clips")
_MULTILABEL_SCORES = (
    ("macro F1", "macro_f1"),
    ("micro F1", "micro_f1"),
    ("mean average precision", "map"),
    ("label ranking precision", "lrap"),
    ("exact match", "exact_match"),
)
_MULTILABEL_OVERALL = (
    ("clips", "n_clips"),
    ("right decisions", "accuracy"),
    ("balanced accuracy", "balanced_accuracy"),
    ("loss", "loss"),
)
_MULTILABEL_PER_CLASS = ("precision", "recall", "f1", "average_precision", "n_clips")
_MULTILABEL_HEADINGS = ("label", "precision", "recall", "F1", "AP", "clips")


def format_scores(result: Mapping[str, Any]) -> str:
    """Return the scores as tables of plain text.

    Parameters
    ----------
    result : mapping
        What `mfccclf.evaluate` returns.

    Returns
    -------
    text : str
        Overall scores, scores per class, and the confusion matrix with true labels in
        rows and predictions in columns. For a multilabel model, there is no confusion
        matrix; the scores of naming every label stand beside the model's. For a model
        with limits, the overall scores include the share of clips that it answers.

    Examples
    --------
    >>> from mfccclf import evaluate
    >>> from mfccclf.evaluation import format_scores
    >>> result = evaluate(["no", "yes"], [[0.9, 0.1], [0.2, 0.8]], ["no", "yes"])
    >>> print(format_scores(result).splitlines()[1])
    accuracy           1.000
    """
    is_multilabel = "predict_everything" in result
    tables = _multilabel_tables(result) if is_multilabel else _single_tables(result)
    return "\n\n".join(map(_table, tables))


def format_fold_scores(summary: Mapping[str, Any]) -> str:
    """Return the scores of several folds as a table of plain text.

    Parameters
    ----------
    summary : mapping
        What `mfccclf.evaluation.summarise_folds` returns.

    Returns
    -------
    text : str
        A row for each fold, then the mean and the standard deviation of them.

    Examples
    --------
    >>> from mfccclf.evaluation import evaluate, format_fold_scores, summarise_folds
    >>> folds = {"a": evaluate(["no", "yes"], [[0.9, 0.1], [0.2, 0.8]], ["no", "yes"])}
    >>> print(format_fold_scores(summarise_folds(folds)))  # doctest: +SKIP
    """
    names = [name for _, name in (*_OVERALL[1:], *_MULTILABEL_SCORES[1:])]
    names = [name for name in names if name in summary["mean"]]
    heading = ["fold", "clips", *(name.replace("_", " ") for name in names)]
    rows = [
        [str(one["fold"]), str(one["n_clips"]), *(_number(one[name]) for name in names)]
        for one in summary["folds"]
    ]
    spread = [
        [title, "", *(_number(summary[key][name]) for name in names)]
        for title, key in (("mean", "mean"), ("deviation", "std"))
    ]
    return _table([heading, *rows, *spread])


def _single_tables(result: Mapping[str, Any]) -> Iterator[list[list[str]]]:
    yield _overall(result, _OVERALL)
    yield [list(_HEADINGS), *_per_class(result, _PER_CLASS)]
    labels = [str(label) for label in result["classes"]]
    confusion = zip(labels, result["confusion"], strict=True)
    rows = [[label, *map(str, counts)] for label, counts in confusion]
    yield [["true \\ predicted", *labels], *rows]


def _multilabel_tables(result: Mapping[str, Any]) -> Iterator[list[list[str]]]:
    yield _overall(result, _MULTILABEL_OVERALL)
    baseline = result["predict_everything"]
    rows = [
        [name, _number(result[key]), _number(baseline[key])]
        for name, key in _MULTILABEL_SCORES
    ]
    yield [["", "model", "naming every label"], *rows]
    yield [
        list(_MULTILABEL_HEADINGS),
        *_per_class(result, _MULTILABEL_PER_CLASS),
    ]


def _overall(
    result: Mapping[str, Any], rows: Sequence[tuple[str, str]]
) -> list[list[str]]:
    overall = [[name, _number(result[key])] for name, key in rows]
    return overall + _answered_rows(result)


def _per_class(result: Mapping[str, Any], keys: Sequence[str]) -> list[list[str]]:
    return [
        [label, *(_number(scores[key]) for key in keys)]
        for label, scores in result["per_class"].items()
    ]


def _answered_rows(result: Mapping[str, Any]) -> list[list[str]]:
    """Return how much a model with limits answered; nothing for one without."""
    if "coverage" not in result:
        return []
    accuracy = result["answered_accuracy"]
    return [
        ["answered", _number(result["coverage"])],
        ["right of those", "-" if accuracy is None else _number(accuracy)],
    ]


def _number(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:.3f}"


def _table(rows: Sequence[Sequence[str]]) -> str:
    """Align the first column to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for first, *rest in rows:
        cells = [
            cell.rjust(width) for cell, width in zip(rest, widths[1:], strict=True)
        ]
        lines.append("  ".join([first.ljust(widths[0]), *cells]))
    return "\n".join(lines)
