"""What each operator makes of its inputs: the operators that our graphs use, no more.

Each rule is stricter than ONNX's. Axes, lengths and divisors of integers must be
constants of the graph, so that neither memory nor time can depend on what they hold.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mfccclf._model_graph.shapes import (
    broadcast,
    convolve,
    matrix_product,
    permute,
    pool,
    reduce,
    require,
    reshape,
    squeeze,
    unsqueeze,
)
from mfccclf._model_graph.values import (
    BOOL,
    DOUBLE,
    FLOAT,
    INT32,
    INT64,
    Value,
)

__all__ = ["OPERATORS", "Operator"]

_REALS = (FLOAT, DOUBLE)
_NUMBERS = (FLOAT, DOUBLE, INT64)

Inputs = Sequence[Value]
Attributes = Mapping[str, Any]
Apply = Callable[[Inputs, Attributes], list[Value]]


def _no_depth(inputs: Inputs) -> int:
    return 1


@dataclass(frozen=True)
class Operator:
    """How an operator may be used.

    Attributes
    ----------
    apply : callable
        From inputs and attributes to the outputs.
    n_inputs : tuple of int
        Least and most inputs.
    attributes : dict of str to type
        Type of each attribute; all but the optional ones must be given.
    optional : frozenset of str
        Attributes that may be left out.
    n_outputs : int
        Number of outputs.
    depth : callable
        From inputs to the multiplications for each value of the first output.
    """

    apply: Apply
    n_inputs: tuple[int, int]
    attributes: Mapping[str, type]
    optional: frozenset[str] = frozenset()
    n_outputs: int = 1
    depth: Callable[[Inputs], int] = _no_depth


def _same(inputs: Inputs, attributes: Attributes) -> list[Value]:
    require(inputs[0].kind in _REALS)
    return [Value(inputs[0].kind, inputs[0].shape)]


def _identity(inputs: Inputs, attributes: Attributes) -> list[Value]:
    return [Value(inputs[0].kind, inputs[0].shape)]


def _is_nan(inputs: Inputs, attributes: Attributes) -> list[Value]:
    require(inputs[0].kind in _REALS)
    return [Value(BOOL, inputs[0].shape)]


def _softmax(inputs: Inputs, attributes: Attributes) -> list[Value]:
    require(0 <= attributes["axis"] < len(inputs[0].shape))
    return _same(inputs, attributes)


def _cast(inputs: Inputs, attributes: Attributes) -> list[Value]:
    require(attributes["to"] in (FLOAT, DOUBLE, INT32, INT64))
    return [Value(attributes["to"], inputs[0].shape)]


def _binary(inputs: Inputs, attributes: Attributes) -> list[Value]:
    first, second = inputs
    require(first.kind == second.kind and first.kind in _NUMBERS)
    return [Value(first.kind, broadcast(first.shape, second.shape))]


def _divide(inputs: Inputs, attributes: Attributes) -> list[Value]:
    if inputs[1].kind == INT64:
        divisors = inputs[1].integers
        require(inputs[1].fixed and divisors is not None and min(divisors) > 0)
    return _binary(inputs, attributes)


def _compare(inputs: Inputs, attributes: Attributes) -> list[Value]:
    (value,) = _binary(inputs, attributes)
    return [Value(BOOL, value.shape)]


def _where(inputs: Inputs, attributes: Attributes) -> list[Value]:
    condition, *values = inputs
    require(condition.kind == BOOL)
    (value,) = _binary(values, attributes)
    return [Value(value.kind, broadcast(condition.shape, value.shape))]


def _shape(inputs: Inputs, attributes: Attributes) -> list[Value]:
    shape = inputs[0].shape
    return [Value(INT64, (len(shape),), shape)]


def _gather(inputs: Inputs, attributes: Attributes) -> list[Value]:
    values, index = inputs[0].integers, _scalar(inputs[1])
    require(values is not None and not inputs[0].fixed and 0 <= index < len(values))
    return [Value(INT64, (), (values[index],))] if values else []


def _range(inputs: Inputs, attributes: Attributes) -> list[Value]:
    start, limit, step = inputs
    require((_scalar(start), _scalar(step)) == (0, 1))
    require(limit.shape == () and limit.integers is not None)
    return [Value(INT64, limit.integers or ())]


def _gather_nd(inputs: Inputs, attributes: Attributes) -> list[Value]:
    values, index = inputs
    require(attributes["batch_dims"] == 1 and index.kind == INT64)
    require(len(values.shape) == 3 and index.shape == (values.shape[0], 1))
    return [Value(values.kind, (values.shape[0], values.shape[2]))]


def _unsqueeze(inputs: Inputs, attributes: Attributes) -> list[Value]:
    return [Value(inputs[0].kind, unsqueeze(inputs[0].shape, _integers(inputs[1])))]


def _squeeze(inputs: Inputs, attributes: Attributes) -> list[Value]:
    return [Value(inputs[0].kind, squeeze(inputs[0].shape, _integers(inputs[1])))]


def _reshape(inputs: Inputs, attributes: Attributes) -> list[Value]:
    return [Value(inputs[0].kind, reshape(inputs[0].shape, _integers(inputs[1])))]


def _slice(inputs: Inputs, attributes: Attributes) -> list[Value]:
    value, *rest = inputs
    (start,), (end,), (axis,) = (_integers(one) for one in rest)
    require(value.kind in _REALS and 0 <= axis < len(value.shape))
    require(0 <= start < end <= value.shape[axis])
    shape = (*value.shape[:axis], end - start, *value.shape[axis + 1 :])
    return [Value(value.kind, shape)]


def _transpose(inputs: Inputs, attributes: Attributes) -> list[Value]:
    return [Value(inputs[0].kind, permute(inputs[0].shape, attributes["perm"]))]


def _concat(inputs: Inputs, attributes: Attributes) -> list[Value]:
    axis, first = attributes["axis"], inputs[0]
    require(0 <= axis < len(first.shape) and first.kind in _REALS)
    rest = {
        (value.kind, value.shape[:axis], value.shape[axis + 1 :]) for value in inputs
    }
    require(len(rest) == 1)
    size = sum(value.shape[axis] for value in inputs)
    shape = (*first.shape[:axis], size, *first.shape[axis + 1 :])
    return [Value(first.kind, shape)]


def _reduce(inputs: Inputs, attributes: Attributes) -> list[Value]:
    axes = attributes["axes"] if len(inputs) == 1 else _integers(inputs[1])
    require(inputs[0].kind in _REALS)
    return [
        Value(inputs[0].kind, reduce(inputs[0].shape, axes, attributes["keepdims"]))
    ]


def _mat_mul(inputs: Inputs, attributes: Attributes) -> list[Value]:
    first, second = inputs
    require(first.kind == second.kind and first.kind in _REALS and second.fixed)
    return [Value(first.kind, matrix_product(first.shape, second.shape))]


def _gemm(inputs: Inputs, attributes: Attributes) -> list[Value]:
    value, weight, bias = inputs
    require(attributes["transB"] == 1 and len(weight.shape) == len(value.shape) == 2)
    require({value.kind, weight.kind, bias.kind} == {FLOAT})
    require(weight.fixed and bias.shape == weight.shape[:1])
    return [Value(FLOAT, matrix_product(value.shape, weight.shape[::-1]))]


def _convolve(inputs: Inputs, attributes: Attributes) -> list[Value]:
    value, weight, *bias = inputs
    require(weight.fixed and {one.kind for one in inputs} == {FLOAT})
    require(all(one.fixed and one.shape == weight.shape[:1] for one in bias))
    return [Value(FLOAT, convolve(value.shape, weight.shape, attributes["pads"]))]


def _pool(inputs: Inputs, attributes: Attributes) -> list[Value]:
    require(inputs[0].kind == FLOAT and attributes.get("ceil_mode", 0) in (0, 1))
    shape = pool(
        inputs[0].shape,
        attributes["kernel_shape"],
        attributes["strides"],
        up=attributes.get("ceil_mode", 0) == 1,
    )
    return [Value(FLOAT, shape)]


def _lstm(inputs: Inputs, attributes: Attributes) -> list[Value]:
    value, kernel, recurrent, bias, lengths = inputs
    require(len(value.shape) == 3)
    n_frames, n_clips, n_features = value.shape
    hidden = attributes["hidden_size"]
    ways = {"forward": 1, "bidirectional": 2}.get(attributes["direction"], 0)
    wanted = [
        (ways, 4 * hidden, n_features),
        (ways, 4 * hidden, hidden),
        (ways, 8 * hidden),
    ]
    weights = (kernel, recurrent, bias)
    require([weight.shape for weight in weights] == wanted)
    require(all(weight.fixed and weight.kind == FLOAT for weight in weights))
    require(value.kind == FLOAT and lengths.kind == INT32)
    require(lengths.shape == (n_clips,))
    state = Value(FLOAT, (ways, n_clips, hidden))
    return [Value(FLOAT, (n_frames, ways, n_clips, hidden)), state, state]


def _integers(value: Value) -> tuple[int, ...]:
    """Return the integers of a constant list."""
    require(value.fixed and len(value.shape) == 1 and value.integers is not None)
    return value.integers or ()


def _scalar(value: Value) -> int:
    """Return a constant integer."""
    require(value.fixed and value.shape == () and value.integers is not None)
    return (value.integers or (0,))[0]


def _width(inputs: Inputs) -> int:
    return inputs[0].shape[-1]


def _kernel_size(inputs: Inputs) -> int:
    return math.prod(inputs[1].shape[1:])


def _lstm_depth(inputs: Inputs) -> int:
    return 4 * (inputs[1].shape[-1] + inputs[2].shape[-1])


def _plain(apply: Apply, n_inputs: int) -> Operator:
    return Operator(apply, (n_inputs, n_inputs), {})


def _reducing(n_inputs: int) -> Operator:
    types = {"keepdims": int} if n_inputs == 2 else {"axes": tuple, "keepdims": int}
    return Operator(_reduce, (n_inputs, n_inputs), types)


_POOL_TYPES = {"kernel_shape": tuple, "strides": tuple}
_FLOATS = ("Abs", "Erf", "Exp", "Log", "Neg", "Relu", "Sigmoid", "Sqrt", "Tanh")

OPERATORS: Mapping[str, Operator] = {
    **{name: _plain(_same, 1) for name in _FLOATS},
    **{name: _plain(_binary, 2) for name in ("Add", "Max", "Min", "Mul", "Sub")},
    **{name: _plain(_compare, 2) for name in ("Less", "LessOrEqual")},
    **{name: _reducing(1) for name in ("ReduceMax", "ReduceMean", "ReduceMin")},
    "AveragePool": Operator(_pool, (1, 1), _POOL_TYPES),
    "Cast": Operator(_cast, (1, 1), {"to": int}),
    "Concat": Operator(_concat, (2, 16), {"axis": int}),
    "Conv": Operator(_convolve, (2, 3), {"pads": tuple}, depth=_kernel_size),
    "Div": _plain(_divide, 2),
    "Elu": Operator(_same, (1, 1), {"alpha": float}),
    "Gather": _plain(_gather, 2),
    "GatherND": Operator(_gather_nd, (2, 2), {"batch_dims": int}),
    "Gemm": Operator(_gemm, (3, 3), {"transB": int}, depth=_width),
    "Identity": _plain(_identity, 1),
    "IsNaN": _plain(_is_nan, 1),
    "LSTM": Operator(
        _lstm,
        (5, 5),
        {"direction": str, "hidden_size": int},
        n_outputs=3,
        depth=_lstm_depth,
    ),
    "LeakyRelu": Operator(_same, (1, 1), {"alpha": float}),
    "MatMul": Operator(_mat_mul, (2, 2), {}, depth=_width),
    "MaxPool": Operator(
        _pool, (1, 1), {**_POOL_TYPES, "ceil_mode": int}, frozenset(["ceil_mode"])
    ),
    "Range": _plain(_range, 3),
    "ReduceSum": _reducing(2),
    "Reshape": _plain(_reshape, 2),
    "Shape": _plain(_shape, 1),
    "Slice": _plain(_slice, 4),
    "Softmax": Operator(_softmax, (1, 1), {"axis": int}),
    "Squeeze": _plain(_squeeze, 2),
    "Transpose": Operator(_transpose, (1, 1), {"perm": tuple}),
    "Unsqueeze": _plain(_unsqueeze, 2),
    "Where": _plain(_where, 3),
}
