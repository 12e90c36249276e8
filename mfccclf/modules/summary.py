"""Count the parameters of modules and describe their layers."""

from __future__ import annotations

from typing import NamedTuple

from torch import nn

__all__ = ["LayerRow", "count_parameters", "trainable_parameters"]


class LayerRow(NamedTuple):
    """One line of a layer table.

    Attributes
    ----------
    name : str
        Name of the layer within its net.
    type : str
        Kind of layer.
    output_shape : tuple of int or None
        Shape of its output, batch first; None for an axis of any size.
    n_parameters : int
        Trainable parameters, counted as Keras does.
    """

    name: str
    type: str
    output_shape: tuple[int | None, ...]
    n_parameters: int


def count_parameters(module: nn.Module) -> tuple[int, int]:
    """Count a module's parameters in two ways.

    Parameters
    ----------
    module : torch.nn.Module
        Any module of this package.

    Returns
    -------
    keras_count : int
        Trainable parameters; as in Keras, one bias vector per LSTM cell.
    torch_count : int
        All parameters; torch's LSTM cells have a second bias vector, zero here.

    Examples
    --------
    >>> from torch import nn
    >>> from mfccclf.modules import count_parameters
    >>> count_parameters(nn.Linear(3, 2))
    (8, 8)
    """
    total = sum(parameter.numel() for parameter in module.parameters())
    return trainable_parameters(module), total


def trainable_parameters(module: nn.Module) -> int:
    """Count the trainable parameters of a module."""
    return sum(p.numel() for p in module.parameters() if p.requires_grad)
