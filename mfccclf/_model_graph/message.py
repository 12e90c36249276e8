"""Read ONNX models strictly: any field that our graphs do not use is refused.

References
----------
.. [1] ONNX, "Open Neural Network Exchange Intermediate Representation", onnx.ai.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from mfccclf._model_graph.values import ITEM_SIZES, Shape, Value
from mfccclf._protobuf import as_bytes, read_fields, read_integers

__all__ = ["Attribute", "Graph", "Node", "read_graph"]

IR_VERSION = 8
OPSET = 17
LARGEST_NAME = 128
MOST_NODES = 10_000
MOST_TENSORS = 10_000
_MOST_FIELDS = 64
_LARGEST_METADATA = 2**20
# Integers are axes, indices and counts; a longer list is nothing that a graph needs.
_MOST_INTEGERS = 4
_INT64 = 7

Attribute = int | float | str | tuple[int, ...]
_Content = int | bytes
_Fields = dict[int, list[_Content]]


@dataclass(frozen=True)
class Node:
    """One operation: what goes in, what comes out."""

    operator: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: dict[str, Attribute]


@dataclass(frozen=True)
class Graph:
    """A graph whose every byte has been read.

    Attributes
    ----------
    nodes : list of Node
        In order.
    constants : dict of str to Value
        By name.
    inputs, outputs : dict of str to tuple
        Shapes of float32 values by name; a text stands for any size.
    """

    nodes: list[Node]
    constants: dict[str, Value]
    inputs: dict[str, tuple[int | str, ...]]
    outputs: dict[str, tuple[int | str, ...]]


def read_graph(content: bytes) -> Graph:
    """Read an ONNX model.

    Parameters
    ----------
    content : bytes
        The encoded model.

    Returns
    -------
    graph : Graph
        Its graph.

    Raises
    ------
    ValueError
        If it is no model or holds anything that our graphs never do: functions, inner
        graphs, data in other files, other domains, versions or kinds of numbers.
    """
    # Looked at in place: the constants may be large.
    view = cast("bytes", memoryview(content))
    model = _read(view, {1: 1, 2: 1, 7: 1, 8: 1, 14: _MOST_FIELDS})
    if _number(model, 1) != IR_VERSION:
        raise ValueError(f"it is not of IR version {IR_VERSION}")
    operators = _read(_message(model, 8), {1: 1, 2: 1})
    if _text(operators, 1) or _number(operators, 2) != OPSET:
        raise ValueError(f"its operators are not those of ONNX, version {OPSET}")
    if sum(len(as_bytes(entry)) for entry in model.get(14, [])) > _LARGEST_METADATA:
        raise ValueError("its metadata are too long")
    for entry in model.get(14, []):
        notes = _read(as_bytes(entry), {1: 1, 2: 1})
        str(_message(notes, 1), "utf-8"), str(_message(notes, 2), "utf-8")
    return _read_graph(_message(model, 7))


def _read_graph(content: bytes) -> Graph:
    parts = {1: MOST_NODES, 2: 1, 5: MOST_TENSORS, 11: 1, 12: 2}
    graph = _read(content, parts)
    _text(graph, 2)
    return Graph(
        [_read_node(as_bytes(node)) for node in graph.get(1, [])],
        _unique(graph.get(5, []), _read_constant),
        _unique(graph.get(11, []), _read_info),
        _unique(graph.get(12, []), _read_info),
    )


def _unique(
    contents: list[_Content], read: Callable[[bytes], tuple[str, Any]]
) -> dict[str, Any]:
    found = dict(read(as_bytes(content)) for content in contents)
    if len(found) != len(contents):
        raise ValueError("it gives a name twice")
    return found


def _read_node(content: bytes) -> Node:
    node = _read(bytes(content), {1: _MOST_FIELDS, 2: 3, 3: 1, 4: 1, 5: 8})
    _text(node, 3)
    return Node(
        _text(node, 4),
        tuple(_as_text(name) for name in node.get(1, [])),
        tuple(_as_text(name) for name in node.get(2, [])),
        _unique(node.get(5, []), _read_attribute),
    )


def _read_attribute(content: bytes) -> tuple[str, Attribute]:
    found = _read(content, {1: 1, 2: 1, 3: 1, 4: 1, 8: _MOST_FIELDS, 20: 1})
    read = _ATTRIBUTES.get(_number(found, 20))
    if read is None:
        raise ValueError("a node has an attribute that is no number or text")
    field, value = read
    if found.keys() - {1, 20} > {field}:
        raise ValueError("a node has an attribute of two kinds")
    return _text(found, 1), value(found, field)


def _float(found: _Fields, field: int) -> float:
    content = _message(found, field)
    if len(content) != 4:
        raise ValueError("a number is not a float32")
    value: float = struct.unpack("<f", content)[0]
    if not math.isfinite(value):
        raise ValueError("an attribute is not finite")
    return value


def _integers(found: _Fields, field: int) -> tuple[int, ...]:
    return tuple(
        number for value in found.get(field, []) for number in read_integers(value)
    )


def _integer(found: _Fields, field: int) -> int:
    (number,) = read_integers(_number(found, field))
    return number


def _read_constant(content: bytes) -> tuple[str, Value]:
    tensor = _read(content, {1: _MOST_FIELDS, 2: 1, 8: 1, 9: 1})
    shape = _integers(tensor, 1)
    kind = _number(tensor, 2)
    if kind not in ITEM_SIZES or len(shape) > 4 or any(n < 1 for n in shape):
        raise ValueError("a constant is of an unknown kind or shape")
    data = _message(tensor, 9)
    if len(data) != math.prod(shape) * ITEM_SIZES[kind]:
        raise ValueError("a constant has not the size of its shape")
    return _text(tensor, 8), Value(kind, shape, _small(kind, shape, data), fixed=True)


def _small(kind: int, shape: Shape, data: bytes) -> tuple[int, ...] | None:
    """Return the integers of a constant, None for other kinds of numbers."""
    if kind != _INT64:
        return None
    if len(shape) > 1 or len(data) > 8 * _MOST_INTEGERS:
        raise ValueError("a constant holds more integers than a graph needs")
    return struct.unpack(f"<{len(data) // 8}q", data)


def _read_info(content: bytes) -> tuple[str, tuple[int | str, ...]]:
    info = _read(bytes(content), {1: 1, 2: 1})
    tensor = _read(_message(_read(_message(info, 2), {1: 1}), 1), {1: 1, 2: 1})
    if _number(tensor, 1) != 1:
        raise ValueError("an input or output is not float32")
    sizes = _read(_message(tensor, 2), {1: 4}).get(1, [])
    return _text(info, 1), tuple(_read_size(as_bytes(size)) for size in sizes)


def _read_size(content: bytes) -> int | str:
    size = _read(content, {1: 1, 2: 1})
    if len(size) != 1:
        raise ValueError("an input or output has no clear shape")
    return _integer(size, 1) if 1 in size else _text(size, 2)


def _read(content: bytes, most: dict[int, int]) -> _Fields:
    """Return the values of each field, at most as many as ``most`` allows."""
    found: _Fields = {}
    for number, value in read_fields(content):
        if number not in most:
            raise ValueError(f"it uses part {number} of ONNX, which our graphs do not")
        values = found.setdefault(number, [])
        values.append(value)
        if len(values) > most[number]:
            raise ValueError(f"it has more than {most[number]:,} parts of one kind")
    return found


def _message(found: _Fields, field: int) -> bytes:
    if field not in found:
        raise ValueError(f"it lacks part {field}")
    return as_bytes(found[field][0])


def _number(found: _Fields, field: int) -> int:
    value = found.get(field, [-1])[0]
    if not isinstance(value, int):
        raise ValueError(f"part {field} is not a number")
    return value


def _text(found: _Fields, field: int) -> str:
    return _as_text(found[field][0]) if field in found else ""


def _as_text(value: _Content) -> str:
    content = bytes(as_bytes(value))
    text = content.decode("ascii")
    if len(text) > LARGEST_NAME or not text.isprintable():
        raise ValueError("a name is too long or cannot be printed")
    return text


# By the kind of an attribute: in which field it stands, and how to read it.
_ATTRIBUTES: dict[int, tuple[int, Callable[[_Fields, int], Attribute]]] = {
    1: (2, _float),
    2: (3, _integer),
    3: (4, _text),
    7: (8, _integers),
}
