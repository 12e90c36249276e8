"""The end of every net: pooling, dense layers, dropout and output."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn

from mfccclf.modules.summary import LayerRow, trainable_parameters

__all__ = [
    "ACTIVATIONS",
    "PooledNet",
    "dropout_row",
    "make_dense",
    "make_dropouts",
]

ACTIVATIONS: dict[str, type[nn.Module]] = {
    "elu": nn.ELU,
    "gelu": nn.GELU,
    "identity": nn.Identity,
    "relu": nn.ReLU,
    "sigmoid": nn.Sigmoid,
    "tanh": nn.Tanh,
}


def make_dropouts(dropout: float | Sequence[float], n_layers: int) -> nn.ModuleList:
    """Make a dropout per layer, from one rate for all or one each; 0 where missing."""
    if isinstance(dropout, (int, float)):
        rates = [float(dropout)] * n_layers
    else:
        rates = [float(rate) for rate in dropout]
        rates += [0.0] * (n_layers - len(rates))
    return nn.ModuleList(nn.Dropout(rate) for rate in rates)


def make_dense(n_in: int, n_out: int) -> nn.Linear:
    """Make a dense layer with Keras's initial values."""
    dense = nn.Linear(n_in, n_out)
    nn.init.xavier_uniform_(dense.weight)
    nn.init.zeros_(dense.bias)
    return dense


def _dense_row(name: str, dense: Any) -> LayerRow:
    """Describe a dense layer."""
    shape = (None, dense.out_features)
    return LayerRow(name, "Dense", shape, trainable_parameters(dense))


def dropout_row(
    dropouts: Any, index: int, above: LayerRow, prefix: str
) -> list[LayerRow]:
    """Describe the dropout after a layer, if it drops anything."""
    rate = dropouts[index].p
    if rate == 0:
        return []
    name = f"{prefix}dropout_{index + 1}"
    return [LayerRow(name, f"Dropout({rate:g})", above.output_shape, 0)]


class PooledNet(nn.Module):
    """Base of nets: what comes after the pooling, and its description.

    Attributes
    ----------
    pooled_size : int
        Values per clip that the pooling gives.
    attention : AttentionPooling or None
        Learned pooling, where ``pooling="attention"``.
    dense : ModuleList of torch.nn.Linear
        The dense layers.
    output : torch.nn.Linear
        The last layer, which gives the logits.
    """

    pooling: str
    pooled_size: int
    attention: nn.Module | None

    def _add_head(
        self,
        size: int,
        n_outputs: int,
        *,
        dense_sizes: Sequence[int],
        dense_activation: str,
        dense_dropout: float | Sequence[float],
    ) -> None:
        """Make the layers behind a pooling that gives ``size`` values."""
        self.pooled_size = size
        sizes = [size, *dense_sizes]
        self.dense = nn.ModuleList(
            make_dense(n_in, n_out) for n_in, n_out in pairwise(sizes)
        )
        self.dense_dropouts = make_dropouts(dense_dropout, len(self.dense))
        self.dense_activation = ACTIVATIONS[dense_activation]()
        self.output = make_dense(sizes[-1], n_outputs)

    def _logits(self, pooled: Tensor) -> Tensor:
        for dense, dropout in zip(self.dense, self.dense_dropouts, strict=True):
            pooled = dropout(self.dense_activation(dense(pooled)))
        logits: Tensor = self.output(pooled)
        return logits

    @property
    def logit_layers(self) -> list[nn.Linear]:
        """The layers whose outputs add up to the logits."""
        return [self.output]

    def divide_logits(self, divisor: float) -> None:
        """Make the last layers give logits divided by a number."""
        with torch.no_grad():
            for layer in self.logit_layers:
                layer.weight.div_(divisor)
                layer.bias.div_(divisor)

    def _pooling_row(self) -> LayerRow:
        count = trainable_parameters(self.attention) if self.attention else 0
        return LayerRow(
            "pooling", f"Pooling({self.pooling})", (None, self.pooled_size), count
        )

    def _dense_rows(self) -> list[LayerRow]:
        rows: list[LayerRow] = []
        for index, dense in enumerate(self.dense):
            rows.append(_dense_row(f"dense_{index + 1}", dense))
            rows.extend(dropout_row(self.dense_dropouts, index, rows[-1], "dense_"))
        rows.append(_dense_row("output", self.output))
        return rows
