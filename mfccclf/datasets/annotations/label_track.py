"""Label tracks of Audacity: start, end and label, separated by tabs, without a header.

References
----------
Audacity's manual, "Importing and Exporting Labels". BirdNET-Analyzer writes such files
with the score in a fourth column.
"""

from __future__ import annotations

from mfccclf.datasets.annotations.annotation import Annotation, TableProblems
from mfccclf.datasets.annotations.times import read_span, seconds_in

__all__ = ["is_label_track", "read_label_track"]

# Such a line tells the frequencies of the label above it.
_FREQUENCIES = "\\"


def is_label_track(text: str) -> bool:
    """Return whether a text begins with two numbers and a tab between them."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    cells = first.split("\t")
    return len(cells) >= 2 and None not in map(seconds_in, cells[:2])


def read_label_track(text: str, problems: TableProblems) -> list[Annotation]:
    """Return the labels of a track that have a length.

    Parameters
    ----------
    text : str
        The whole file.
    problems : TableProblems
        Takes what is wrong, by line.
    """
    found = []
    # Only line feeds end lines: a label may hold other separators of Unicode.
    for number, line in enumerate(text.split("\n"), start=1):
        cells = [cell.strip() for cell in line.split("\t")]
        if any(cells) and cells[0] != _FREQUENCIES:
            found += _read_line(cells, f"Line {number}", problems)
    return found


def _read_line(
    cells: list[str], place: str, problems: TableProblems
) -> list[Annotation]:
    start, end, label, *_ = [*cells, "", "", ""]
    span = read_span(start, end, place, problems)
    if not label:
        problems.fault(place, "has no label", "Give it one, or remove it.")
    if span is None or not label:
        return []
    return [Annotation(start_s=span[0], end_s=span[1], label=label, place=place)]
