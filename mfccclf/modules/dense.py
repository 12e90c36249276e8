"""Dense layers and dropout, as all nets end with them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import nn

from mfccclf.modules.summary import LayerRow, trainable_parameters

__all__ = ["ACTIVATIONS", "dense_row", "dropout_row", "make_dense", "make_dropouts"]

ACTIVATIONS: dict[str, type[nn.Module]] = {
    "elu": nn.ELU,
    "gelu": nn.GELU,
    "identity": nn.Identity,
    "relu": nn.ReLU,
    "sigmoid": nn.Sigmoid,
    "tanh": nn.Tanh,
}


def make_dropouts(dropout: float | Sequence[float], n_layers: int) -> nn.ModuleList:
    """Make a dropout per layer, from one rate or from one each; the rest have none."""
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


def dense_row(name: str, dense: Any) -> LayerRow:
    """Describe a dense layer."""
    shape = (None, dense.out_features)
    return LayerRow(name, "Dense", shape, trainable_parameters(dense))


def dropout_row(
    dropouts: Any, index: int, above: LayerRow, prefix: str
) -> list[LayerRow]:
    """Describe a dropout below a row; nothing where it drops nothing."""
    rate = dropouts[index].p
    if rate == 0:
        return []
    name = f"{prefix}dropout_{index + 1}"
    return [LayerRow(name, f"Dropout({rate:g})", above.output_shape, 0)]
