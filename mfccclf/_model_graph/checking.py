"""Check that an ONNX graph is one that this package could have built."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from mfccclf._model_graph.message import Attribute, Graph, Node, read_graph
from mfccclf._model_graph.operators import OPERATORS, Operator
from mfccclf._model_graph.values import FLOAT, Value

__all__ = ["Shapes", "UnexpectedShapesError", "check_graph"]

Sizes = Sequence[int | str]
Shapes = Mapping[str, Sizes]

# Shapes are followed for a short and a long clip; a value whose size grows faster than
# the clip is found out by the long one, and a huge one of any clip by the short one.
_N_CLIPS = 3
_HIGHEST_RANK = 4
_LENGTHS = (1_000, 1_000_000)
# Of any value in the graph, per frame; the net for music needs some 13,000.
_MOST_VALUES = 2**16
# Of all values that are in use at the same time, per frame: a megabyte. The net for
# music needs some 24,000.
_MOST_IN_USE = 2**18
# Multiplications of a whole graph, per frame: those of an LSTM of 4,096 units. The net
# for music needs some eight million.
_MOST_WORK = 2**28


def check_graph(
    content: bytes,
    *,
    inputs: Shapes,
    outputs: Sequence[Shapes],
) -> None:
    """Refuse a graph unless it uses known operators, as this package uses them.

    Parameters
    ----------
    content : bytes
        The encoded ONNX model.
    inputs : mapping of str to sequence of int or str
        The shape of each input by name; a text stands for any size.
    outputs : sequence of such mappings
        What the outputs may be.

    Raises
    ------
    ValueError
        If it is damaged, of another kind, or would take much memory or time.
    """
    graph = read_graph(content)
    if _known(graph.inputs) != _known(inputs):
        raise UnexpectedShapesError("its inputs are not those expected")
    if _known(graph.outputs) not in [_known(one) for one in outputs]:
        raise UnexpectedShapesError("its outputs are not those expected")
    for length in _LENGTHS:
        values = _follow(graph, length)
        for name, shape in graph.outputs.items():
            _check_output(values.get(name), shape)


class UnexpectedShapesError(ValueError):
    """A graph has other inputs or outputs than those expected."""


def _known(shapes: Shapes) -> dict[str, list[int | None]]:
    """Return shapes with None for any size."""
    return {
        name: [size if isinstance(size, int) else None for size in shape]
        for name, shape in shapes.items()
    }


def _follow(graph: Graph, length: int) -> dict[str, Value]:
    """Return all values of a graph for clips of ``length`` frames."""
    values = dict(graph.constants)
    work = 0
    for name, (_, _, n_features) in graph.inputs.items():
        _put(values, name, Value(FLOAT, (_N_CLIPS, length, int(n_features))))
    for number, node in enumerate(graph.nodes):
        operator, inputs = _find(node, values, number)
        try:
            results = operator.apply(inputs, node.attributes)
        except ValueError as error:
            raise ValueError(f"in node {number}, a {node.operator}, {error}") from None
        for name, value in zip(node.outputs, results, strict=True):
            _check_size(value, length)
            _put(values, name, value)
        work += math.prod(results[0].shape) * operator.depth(inputs)
    if work > _MOST_WORK * _N_CLIPS * length:
        raise ValueError("it computes too much for each frame")
    if _most_in_use(graph, values) > _MOST_IN_USE * _N_CLIPS * length:
        raise ValueError("it keeps too many values for each frame")
    return values


def _most_in_use(graph: Graph, values: Mapping[str, Value]) -> int:
    """Return how many numbers a graph holds at once: from their node to their last use.

    Constants do not count, since the file's size bounds them.
    """
    last_uses = {name: i for i, node in enumerate(graph.nodes) for name in node.inputs}
    in_use = {name: math.prod(values[name].shape) for name in graph.inputs}
    now = most = sum(in_use.values())
    for number, node in enumerate(graph.nodes):
        made = {name: math.prod(values[name].shape) for name in node.outputs}
        in_use |= made
        now += sum(made.values())
        most = max(most, now)
        done = {name for name in node.inputs if last_uses[name] == number}
        done |= made.keys() - last_uses.keys()
        now -= sum(in_use.pop(name, 0) for name in done)
    return most


def _find(
    node: Node, values: Mapping[str, Value], number: int
) -> tuple[Operator, list[Value]]:
    operator = OPERATORS.get(node.operator)
    if operator is None:
        raise ValueError(f"node {number} uses the unknown operator {node.operator!r}")
    least, most = operator.n_inputs
    missing = [name for name in node.inputs if name not in values]
    if missing or not least <= len(node.inputs) <= most:
        raise ValueError(f"node {number}, a {node.operator}, lacks inputs")
    inputs = [values[name] for name in node.inputs]
    if all(value.fixed for value in inputs):
        raise ValueError(
            f"node {number}, a {node.operator}, has no input but constants"
        )
    _check_attributes(node.attributes, operator, f"node {number}, a {node.operator},")
    if len(node.outputs) != operator.n_outputs:
        raise ValueError(f"node {number}, a {node.operator}, has too many outputs")
    return operator, inputs


def _check_attributes(
    attributes: Mapping[str, Attribute], operator: Operator, owner: str
) -> None:
    missing = operator.attributes.keys() - operator.optional - attributes.keys()
    if missing or not attributes.keys() <= operator.attributes.keys():
        raise ValueError(f"{owner} has other attributes than ours")
    for name, value in attributes.items():
        if type(value) is not operator.attributes[name]:
            raise ValueError(f"{owner} has a {name} of a wrong type")


def _put(values: dict[str, Value], name: str, value: Value) -> None:
    if not name or name in values:
        raise ValueError(f"it gives the name {name!r} twice, or none")
    values[name] = value


def _check_size(value: Value, length: int) -> None:
    if math.prod(value.shape) > _MOST_VALUES * _N_CLIPS * length:
        raise ValueError("it makes too many values for each frame")
    if len(value.shape) > _HIGHEST_RANK:
        raise ValueError("it makes a value of more than four axes")


def _check_output(value: Value | None, shape: Sizes) -> None:
    if value is None or value.kind != FLOAT or len(value.shape) != len(shape):
        raise ValueError("it does not compute its outputs")
    if value.shape[0] != _N_CLIPS:
        raise ValueError("its outputs are not one per clip")
    for found, promised in zip(value.shape, shape, strict=True):
        if isinstance(promised, int) and found != promised:
            raise ValueError("its outputs have not the shape that it states")
