"""Checks of labels and scores before they are compared."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mfccclf._validation import argument_error, suggest
from mfccclf.errors import DatasetError

__all__ = ["OWNER", "check_any_clips", "check_known", "check_shape", "plain"]

OWNER = "evaluate"


def plain(values: Sequence[Any] | NDArray[Any]) -> list[Any]:
    """Return labels as plain Python values, fit for JSON."""
    return [v.item() if isinstance(v, np.generic) else v for v in values]


def check_known(labels: Iterable[Any], classes: Sequence[Any]) -> None:
    """Raise `DatasetError` if a true label is none of the classes."""
    known = set(classes)
    unknown = sorted({str(label) for label in labels if label not in known})
    if unknown:
        raise DatasetError(
            f"The model does not know the labels {', '.join(map(repr, unknown))}. It "
            f"knows {', '.join(map(str, classes))}. "
            f"{suggest(unknown[0], classes)}".rstrip()
        )


def check_any_clips(clips: Sequence[Any]) -> None:
    """Raise `DatasetError` if there are no clips."""
    if not clips:
        raise DatasetError("There are no clips to evaluate. Name some.")


def check_shape(scores: ArrayLike, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Return scores as floats, or raise if they have another shape."""
    values = np.asarray(scores, dtype=np.float64)
    if values.shape != shape:
        expected = f"an array of shape {shape}, clips and classes"
        raise argument_error("scores", values.shape, expected, owner=OWNER)
    return values
