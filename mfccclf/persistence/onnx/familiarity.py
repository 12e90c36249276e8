"""The ONNX graph of a classifier's familiarity: embedding and logits in, share out.

It computes in float64, as the classifier does, from float32 and to float32.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mfccclf._graph_builder import DOUBLE, FLOAT, GraphBuilder
from mfccclf.estimators.familiarity.survival import LOWEST_LOG_SURVIVAL
from mfccclf.prediction.graph_limits import FAMILIARITY

__all__ = ["add_familiarity"]


def add_familiarity(
    builder: GraphBuilder, familiarity: Any, logits: str, *, multilabel: bool
) -> None:
    """Add the familiarity of each clip to a graph, and mark it as "familiarity".

    Parameters
    ----------
    builder : GraphBuilder
        The graph, with the embedding marked.
    familiarity : mfccclf.estimators.familiarity.measure.Familiarity
        What the classifier has learned about it.
    logits : str
        Name of the float32 logits (n_clips, n_outputs).
    multilabel : bool
        Whether a clip may have any number of labels.
    """
    embedding = builder.add("Cast", builder.marked["embedding"], to=DOUBLE)
    distance = _add_distance(builder, familiarity.gaussians, embedding)
    wide = builder.add("Cast", logits, to=DOUBLE)
    add_energy = _add_joint_energy if multilabel else _add_energy
    energy = builder.add("Neg", add_energy(builder, wide))
    scores = builder.add("Concat", distance, energy, axis=1)
    share = _add_share(builder, familiarity, scores)
    builder.mark(FAMILIARITY, builder.add("Cast", share, to=FLOAT))


def _add_distance(builder: GraphBuilder, gaussians: Any, embedding: str) -> str:
    """Add the distance (n_clips, 1) from the nearest mean."""
    white = builder.add("MatMul", embedding, _constant(builder, gaussians.whitening))
    columns = builder.add("Unsqueeze", white, builder.constant([1], "int64"))
    difference = builder.add("Sub", columns, _constant(builder, gaussians.means))
    square = builder.add("Mul", difference, difference)
    axes = builder.constant([2], "int64")
    squares = builder.add("ReduceSum", square, axes, keepdims=0)
    return builder.add("Sqrt", builder.add("ReduceMin", squares, axes=[1], keepdims=1))


def _add_energy(builder: GraphBuilder, logits: str) -> str:
    """Add the logarithm of the sum of exponentials (n_clips, 1)."""
    highest = builder.add("ReduceMax", logits, axes=[1], keepdims=1)
    shares = builder.add("Exp", builder.add("Sub", logits, highest))
    return builder.add(
        "Add", highest, builder.add("Log", _add_row_sum(builder, shares))
    )


def _add_joint_energy(builder: GraphBuilder, logits: str) -> str:
    """Add the sum of log(1 + exp x) over the labels (n_clips, 1)."""
    small = builder.add("Exp", builder.add("Neg", builder.add("Abs", logits)))
    one = builder.constant(1.0, "float64")
    rest = builder.add("Log", builder.add("Add", small, one))
    return _add_row_sum(builder, builder.add("Add", builder.add("Relu", logits), rest))


def _add_row_sum(builder: GraphBuilder, value: str) -> str:
    axes = builder.constant([1], "int64")
    return builder.add("ReduceSum", value, axes, keepdims=1)


def _add_share(builder: GraphBuilder, familiarity: Any, scores: str) -> str:
    """Add the share (n_clips,) of known clips that are at least as unusual."""
    centred = builder.add("Sub", scores, _constant(builder, familiarity.centres))
    scaled = builder.add("Div", centred, _constant(builder, familiarity.spreads))
    odd = builder.add("ReduceMax", scaled, axes=[1], keepdims=1)
    curve = familiarity.curve
    above = builder.add(
        "Relu", builder.add("Sub", odd, _constant(builder, curve.knots))
    )
    falls = builder.add("MatMul", above, _constant(builder, -curve.bends))
    lowest = builder.constant(LOWEST_LOG_SURVIVAL, "float64")
    limited = builder.add("Max", falls, lowest)
    highest = builder.constant(0.0, "float64")
    return builder.add("Exp", builder.add("Min", limited, highest))


def _constant(builder: GraphBuilder, array: Any) -> str:
    return builder.constant(np.asarray(array), "float64")
