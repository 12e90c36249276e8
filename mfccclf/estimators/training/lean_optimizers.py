"""Torch's optimisers without its compiler, whose import takes longer than a training.

Torch marks methods of its optimisers for ``torch.compile``, and the first call of one
imports the whole compiler: a second and more, for nothing where no net is compiled.
These classes take the same methods without the marks, so they compute the same numbers.
"""

from __future__ import annotations

from inspect import unwrap
from typing import Any

import torch
from torch.optim import Optimizer

__all__ = ["SGD", "Adam", "AdamW", "RMSprop"]


class _Unmarked:
    """The methods that all optimisers share, as they are under the marks."""

    add_param_group: Any = unwrap(Optimizer.add_param_group)
    load_state_dict: Any = unwrap(Optimizer.load_state_dict)
    state_dict: Any = unwrap(Optimizer.state_dict)
    zero_grad: Any = unwrap(Optimizer.zero_grad)


class Adam(_Unmarked, torch.optim.Adam):
    """`torch.optim.Adam`."""

    step: Any = torch.no_grad()(unwrap(torch.optim.Adam.step))


class AdamW(_Unmarked, torch.optim.AdamW):
    """`torch.optim.AdamW`."""

    step: Any = torch.no_grad()(unwrap(torch.optim.AdamW.step))


class RMSprop(_Unmarked, torch.optim.RMSprop):
    """`torch.optim.RMSprop`."""

    step: Any = torch.no_grad()(unwrap(torch.optim.RMSprop.step))


class SGD(_Unmarked, torch.optim.SGD):
    """`torch.optim.SGD`."""

    step: Any = torch.no_grad()(unwrap(torch.optim.SGD.step))
