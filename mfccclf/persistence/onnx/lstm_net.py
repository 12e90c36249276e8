"""The ONNX graph of an `LSTMNet`: padded sequences in, logits out.

Inside, values are laid out frames first, (n_frames, n_clips, n), the one layout of
ONNX's LSTM that every runtime knows.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfccclf._graph_builder import INT32, GraphBuilder, to_numpy
from mfccclf.persistence.onnx.conv_blocks import add_flat_frames, add_pictures
from mfccclf.persistence.onnx.dense import add_dense_layers
from mfccclf.persistence.onnx.padding import add_mask
from mfccclf.persistence.onnx.pooling import Sequences, add_pooling
from mfccclf.persistence.onnx.wide_input import (
    add_frame_statistics,
    add_linear_branch,
    add_projection,
    add_statistics_branch,
    add_wide_limits,
)

__all__ = ["add_lstm_net"]


def add_lstm_net(builder: GraphBuilder, net: Any, X: str, lengths: str) -> str:
    """Add an `LSTMNet` in evaluation mode to a graph.

    Parameters
    ----------
    builder : GraphBuilder
        The graph.
    net : mfccclf.modules.LSTMNet
        The net, with its weights.
    X : str
        Name of the float32 sequences (n_clips, n_frames, n_features), padded with
        zeros.
    lengths : str
        Name of the int64 lengths (n_clips,).

    Returns
    -------
    logits : str
        Name of the float32 logits (n_clips, n_outputs).
    """
    picture, lengths = add_pictures(builder, net, X, lengths)
    frames = add_flat_frames(builder, picture)
    if net.is_wide:
        frames = add_wide_limits(builder, frames)
    output = add_projection(builder, net.projection, frames)
    short_lengths = builder.add("Cast", lengths, to=INT32)
    for layer in net.layers:
        output, state = _add_lstm(builder, layer, output, short_lengths)
    mask = add_mask(builder, output, lengths)
    sequences = Sequences(output, lengths, mask, state=state)
    pooled = add_pooling(builder, net, sequences)
    if net.statistics is None and net.linear is None:
        return add_dense_layers(builder, net, pooled)
    rows = add_frame_statistics(builder, sequences.replace_output(frames))
    pooled = add_statistics_branch(builder, net.statistics, rows, pooled)
    logits = add_dense_layers(builder, net, pooled)
    return add_linear_branch(builder, net.linear, rows, logits)


def _add_lstm(
    builder: GraphBuilder, layer: Any, X: str, lengths: str
) -> tuple[str, str]:
    """Add a layer; return its output (frames, clips, n) and last state (clips, n)."""
    cells = [layer.forward_cell]
    if layer.backward_cell is not None:
        cells.append(layer.backward_cell)
    kernels = [_to_onnx_gates(to_numpy(cell.weight_ih_l0)) for cell in cells]
    recurrent = [_to_onnx_gates(to_numpy(cell.weight_hh_l0)) for cell in cells]
    output, state, _ = builder.add_many(
        "LSTM",
        X,
        builder.constant(np.stack(kernels), "float32"),
        builder.constant(np.stack(recurrent), "float32"),
        builder.constant(np.stack([_biases(cell) for cell in cells]), "float32"),
        lengths,
        n_outputs=3,
        hidden_size=int(cells[0].hidden_size),
        direction="forward" if len(cells) == 1 else "bidirectional",
    )
    return _join_directions(builder, output, 2), _join_directions(builder, state, 1)


def _biases(cell: Any) -> NDArray[np.float32]:
    biases = (to_numpy(cell.bias_ih_l0), to_numpy(cell.bias_hh_l0))
    return np.concatenate([_to_onnx_gates(bias) for bias in biases])


def _to_onnx_gates(weights: NDArray[np.float32]) -> NDArray[np.float32]:
    """Reorder gates from torch's input, forget, cell, output to ONNX's i, o, f, c."""
    i, f, c, o = np.split(weights, 4)
    return np.concatenate([i, o, f, c])


def _join_directions(builder: GraphBuilder, value: str, n_leading: int) -> str:
    """Move the axis of directions to the last but one, and join the last two."""
    perm = [0, 2, 1, 3] if n_leading == 2 else [1, 0, 2]
    shape = builder.constant([0] * n_leading + [-1], "int64")
    return builder.add("Reshape", builder.add("Transpose", value, perm=perm), shape)
