"""Predictions as a CSV table, also one without cells that a spreadsheet would run."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from typing import Any, ClassVar, Literal

from mfccclf.prediction.formats.writer import Writer
from mfccclf.prediction.outcome import Prediction, WindowPrediction

__all__ = ["CSVWriter", "SpreadsheetWriter"]

_FORMULA_STARTS = ("=", "@", "+", "-", "\t", "\r")


class CSVWriter(Writer):
    """A table with a column of scores per label; ";" separates several labels."""

    _quoting: ClassVar[Literal[0, 1]] = csv.QUOTE_MINIMAL

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._rows = csv.writer(self.stream, lineterminator="\n", quoting=self._quoting)
        times = ["start_s", "end_s"] if self.with_times else []
        last = ["sureness"] if self.with_sureness else []
        self._write_row(["file", *times, "label", *self.classes, *last])

    def write(self, prediction: Prediction) -> None:
        """Write one row."""
        times: list[float] = []
        if isinstance(prediction, WindowPrediction):
            times = [prediction.start_s, prediction.end_s]
        label = ";".join(str(label) for label in prediction.labels)
        scores = [_number(prediction.scores.get(label)) for label in self.classes]
        last = [_number(prediction.sureness)] if self.with_sureness else []
        self._write_row([prediction.file, *times, label, *scores, *last])
        self.stream.flush()

    def _write_row(self, cells: Sequence[Any]) -> None:
        self._rows.writerow(cells)


class SpreadsheetWriter(CSVWriter):
    """The same table with an apostrophe before each cell that would be a formula.

    A file name or a label such as ``=HYPERLINK(...)`` comes from whoever named the file
    or made the model; spreadsheets run it when the table is opened. All cells are
    quoted, so that none can begin another.
    """

    _quoting = csv.QUOTE_ALL

    def _write_row(self, cells: Sequence[Any]) -> None:
        super()._write_row([_guarded(cell) for cell in cells])


def _guarded(cell: Any) -> Any:
    """Return a cell that a spreadsheet takes for text or a number, never a formula."""
    if not isinstance(cell, str) or not cell.startswith(_FORMULA_STARTS):
        return cell
    return cell if _is_number(cell) else f"'{cell}"


def _is_number(text: str) -> bool:
    return text[:1] in "+-" and text[1:].replace(".", "", 1).isdecimal()


def _number(score: float | None) -> str:
    return "" if score is None else f"{score:.6f}"
