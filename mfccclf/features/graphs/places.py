"""Which values of a row make it longer at both ends, or make its frames, in a graph.

A row is a waveform of shape (n_samples,) or columns of shape (n_frames, n_columns); its
values lie along the first axis.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from mfccclf._graph_builder import GraphBuilder

__all__ = ["add_end_padding", "add_frames", "add_range", "add_row_length", "add_slice"]


def add_row_length(builder: GraphBuilder, row: str) -> str:
    """Add the number of a row's values, int64 of shape (1,)."""
    first = builder.constant([0], "int64")
    return builder.add("Gather", builder.add("Shape", row), first)


def add_range(builder: GraphBuilder, start: int, stop: str, step: int = 1) -> str:
    """Add int64 numbers from ``start`` to below ``stop``, which has shape (1,)."""
    first, each = builder.constant(start, "int64"), builder.constant(step, "int64")
    end = builder.add("Squeeze", stop, builder.constant([0], "int64"))
    return builder.add("Range", first, end, each)


def add_slice(
    builder: GraphBuilder, value: str, start: int, stop: int, *, axis: int = 0
) -> str:
    """Add a part of a value, cut along one axis."""
    bounds = [builder.constant([place], "int64") for place in (start, stop, axis)]
    return builder.add("Slice", value, *bounds)


def add_frames(
    builder: GraphBuilder, row: str, *, frame_length: int, hop_length: int
) -> str:
    """Add overlapping frames of a row that is at least one frame long.

    Returns
    -------
    frames : str
        Name of the frames, of shape (n_frames, frame_length) for a waveform and
        (n_frames, frame_length, n_columns) for columns.
    """
    room = builder.add_with(
        "Sub", add_row_length(builder, row), frame_length - 1, "int64"
    )
    starts = add_range(builder, 0, room, hop_length)
    starts = builder.add("Unsqueeze", starts, builder.constant([1], "int64"))
    places = builder.add_with("Add", starts, np.arange(frame_length), "int64")
    return builder.add("Gather", row, places, axis=0)


def add_end_padding(
    builder: GraphBuilder, row: str, n_more: int, mode: str, *, n_axes: int = 1
) -> str:
    """Add a row that is ``n_more`` values longer at both ends, as `numpy.pad` does it.

    Parameters
    ----------
    builder : GraphBuilder
        The graph.
    row : str
        Name of a float32 waveform (n_samples,) or of float64 columns (n_frames,
        n_columns).
    n_more : int
        Values before and after it.
    mode : {"constant", "edge", "linear_ramp", "reflect", "symmetric", "wrap"}
        What they are; "linear_ramp" is for waveforms.
    n_axes : int, default=1
        1 for a waveform, 2 for columns.
    """
    if mode == "constant":
        widths = [n_more, *[0] * (n_axes - 1)] * 2
        return builder.add("Pad", row, builder.constant(widths, "int64"))
    length = add_row_length(builder, row)
    stop = builder.add_with("Add", length, n_more, "int64")
    places = add_range(builder, -n_more, stop)
    padded = builder.add("Gather", row, _PLACES[mode](builder, places, length), axis=0)
    if mode == "linear_ramp":
        return _add_ramps(builder, padded, places, length, n_steps=n_more)
    return padded


def _add_ramps(
    builder: GraphBuilder, padded: str, places: str, length: str, *, n_steps: int
) -> str:
    """Scale a waveform down to 0 within the ``n_steps`` added at either end."""
    before = builder.add_with("Add", places, n_steps, "int64")
    last = builder.add_with("Add", length, n_steps - 1, "int64")
    nearest = builder.add("Min", before, builder.add("Sub", last, places))
    steps = builder.add_with("Max", nearest, 0, "int64")
    steps = builder.cast(builder.add_with("Min", steps, n_steps, "int64"), "float32")
    return builder.add(
        "Mul", padded, builder.add_with("Div", steps, n_steps, "float32")
    )


def _nearest_places(builder: GraphBuilder, places: str, length: str) -> str:
    last = builder.add_with("Sub", length, 1, "int64")
    return builder.add("Min", builder.add_with("Max", places, 0, "int64"), last)


def _reflected_places(builder: GraphBuilder, places: str, length: str) -> str:
    last = builder.add_with("Sub", length, 1, "int64")
    period = builder.add("Add", last, last)
    # A row of one value is its own reflection.
    within = builder.add("Mod", places, builder.add_with("Max", period, 1, "int64"))
    return builder.add("Min", within, builder.add("Sub", period, within))


def _mirrored_places(builder: GraphBuilder, places: str, length: str) -> str:
    period = builder.add("Add", length, length)
    within = builder.add("Mod", places, period)
    last = builder.add_with("Sub", period, 1, "int64")
    return builder.add("Min", within, builder.add("Sub", last, within))


def _repeated_places(builder: GraphBuilder, places: str, length: str) -> str:
    return builder.add("Mod", places, length)


_PLACES: Mapping[str, Callable[[GraphBuilder, str, str], str]] = {
    "edge": _nearest_places,
    "linear_ramp": _nearest_places,
    "reflect": _reflected_places,
    "symmetric": _mirrored_places,
    "wrap": _repeated_places,
}
