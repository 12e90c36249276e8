"""``mfccclf predict``: labels for sound files."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ._errors import FAILED, print_error
from ._streams import own_streams

if TYPE_CHECKING:
    from mfccclf.prediction import Prediction

__all__ = ["predict"]


class Format(StrEnum):
    """How predictions are printed."""

    text = "text"
    json = "json"
    csv = "csv"


def predict(
    files: Annotated[
        list[str], typer.Argument(metavar="FILE...", help="Sound files to recognise.")
    ],
    model: Annotated[
        str, typer.Option(help="Name of a shipped model, or path of a model file.")
    ] = "names",
    top: Annotated[
        int, typer.Option(min=1, help="Show the K labels with the highest scores.")
    ] = 1,
    format: Annotated[Format, typer.Option(help="How to print.")] = Format.text,
) -> None:
    """Print the label of each sound file.

    A file that cannot be read gets one line on stderr; the others are predicted all
    the same, and the exit code is 1.
    """
    from mfccclf.prediction import Predictor

    predictor = Predictor(model)
    with own_streams():
        writer = _WRITERS[format](predictor.classes, top)
        failures = _print_outcomes(predictor.predict_each(files), writer)
    if failures:
        raise typer.Exit(FAILED)


class _Writer:
    """Prints predictions, one by one.

    Parameters
    ----------
    classes : sequence
        The model's labels.
    top : int
        How many labels to show.
    """

    def __init__(self, classes: Sequence[Any], top: int) -> None:
        self.classes = classes
        self.top = top

    def write(self, prediction: Prediction) -> None:
        """Print one file's label with its score, or the best few."""
        ranked = _rank(prediction, self.top)
        listed = ", ".join(f"{label} ({score:.2f})" for label, score in ranked)
        typer.echo(f"{prediction.file}: {listed}")


class _JSONWriter(_Writer):
    def write(self, prediction: Prediction) -> None:
        """Print one object in one line, labels with the highest scores first."""
        record = prediction.to_dict()
        top = self.top if self.top > 1 else len(self.classes)
        record["scores"] = dict(_rank(prediction, top))
        typer.echo(json.dumps(record))


class _CSVWriter(_Writer):
    def __init__(self, classes: Sequence[Any], top: int) -> None:
        super().__init__(classes, top)
        self.rows = csv.writer(sys.stdout, lineterminator="\n")
        self.rows.writerow(["file", "label", *classes])

    def write(self, prediction: Prediction) -> None:
        """Print one row, with a score per label."""
        scores = [f"{prediction.scores[label]:.6f}" for label in self.classes]
        self.rows.writerow([prediction.file, prediction.label, *scores])


_WRITERS: dict[Format, type[_Writer]] = {
    Format.text: _Writer,
    Format.json: _JSONWriter,
    Format.csv: _CSVWriter,
}


def _print_outcomes(outcomes: Iterable[Prediction | Exception], writer: _Writer) -> int:
    """Print each prediction, and each error; return the number of errors."""
    failures = 0
    for outcome in outcomes:
        if isinstance(outcome, Exception):
            print_error(outcome)
            failures += 1
        else:
            writer.write(outcome)
    return failures


def _rank(prediction: Prediction, top: int) -> list[tuple[Any, float]]:
    ranked = sorted(prediction.scores.items(), key=lambda item: -item[1])
    return ranked[:top]
