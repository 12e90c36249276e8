"""Tables as HTML that suits light and dark notebooks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

__all__ = ["Markup", "html_table", "score_rows"]

_CELL = "text-align:left;padding:0.15em 0.8em 0.15em 0"
# The text's own colour, so that bars are seen on white and on black.
_BAR = "display:block;height:0.7em;background:currentColor;opacity:0.55"


class Markup(str):
    """HTML that stands in a cell as it is; any other text is escaped."""

    __slots__ = ()


def html_table(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Return a table.

    Parameters
    ----------
    header : sequence of str
        Names of the columns.
    rows : iterable of sequence
        Cells: texts are escaped, numbers rounded to three digits, `Markup` kept.

    Returns
    -------
    html : str
        A ``<table>``.

    Examples
    --------
    >>> from mfccclf.display import html_table
    >>> "<td" in html_table(["label", "clips"], [["<b>", 3]])
    True
    >>> "&lt;b&gt;" in html_table(["label", "clips"], [["<b>", 3]])
    True
    """
    head = "".join(f'<th style="{_CELL}">{escape(name)}</th>' for name in header)
    body = "".join(f"<tr>{_row(cells)}</tr>" for cells in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def score_rows(scores: Mapping[Any, float], n_rows: int = 5) -> list[list[Any]]:
    """Return rows of label, score and bar, the highest scores first.

    Parameters
    ----------
    scores : mapping
        Score of each label, from 0 to 1.
    n_rows : int, default=5
        Most rows.

    Returns
    -------
    rows : list of list
        Cells for `html_table`.

    Examples
    --------
    >>> from mfccclf.display import score_rows
    >>> [row[:2] for row in score_rows({"no": 0.25, "yes": 0.75})]
    [['yes', 0.75], ['no', 0.25]]
    """
    best = sorted(scores, key=lambda label: -scores[label])[:n_rows]
    return [[label, float(scores[label]), _bar(scores[label])] for label in best]


def _bar(score: float) -> Markup:
    width = 8 * min(max(float(score), 0), 1)
    return Markup(f'<span style="{_BAR};width:{width:.2f}em"></span>')


def _row(cells: Sequence[Any]) -> str:
    return "".join(f'<td style="{_CELL}">{_cell(value)}</td>' for value in cells)


def _cell(value: Any) -> str:
    if isinstance(value, Markup):
        return value
    if value is None:
        return ""
    return escape(f"{value:.3f}" if isinstance(value, float) else str(value))
