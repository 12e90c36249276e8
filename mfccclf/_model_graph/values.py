"""What is known about a value in a graph before the graph runs."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["BOOL", "DOUBLE", "FLOAT", "INT32", "INT64", "ITEM_SIZES", "Shape", "Value"]

# ONNX's numbers of the types.
FLOAT, INT32, INT64, BOOL, DOUBLE = 1, 6, 7, 9, 11
ITEM_SIZES = {FLOAT: 4, INT64: 8, DOUBLE: 8}

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Value:
    """A value in a graph.

    Attributes
    ----------
    kind : int
        Its type, by ONNX's number.
    shape : tuple of int
        Its shape for an input of a certain size.
    integers : tuple of int or None, default=None
        What it holds, where that is known and small.
    fixed : bool, default=False
        Whether it is a constant of the graph.
    """

    kind: int
    shape: Shape
    integers: tuple[int, ...] | None = None
    fixed: bool = False
