"""Parameters of a net that classifiers share, and the checks of layer sizes."""

from __future__ import annotations

import numbers
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from mfccclf._parameters import choice, parameter
from mfccclf._validation import argument_error, check_int, check_real
from mfccclf.modules.augmentation import Augmentation, check_augmentation
from mfccclf.modules.dense import ACTIVATIONS
from mfccclf.modules.input_norm import INPUT_NORMS

__all__ = [
    "DenseLayers",
    "InputOptions",
    "check_kernel_size",
    "check_rate",
    "check_rates",
    "check_sizes",
]


def check_kernel_size(name: str, value: Any, *, owner: object) -> int:
    """Return the size of a kernel: an odd int."""
    size = check_int(name, value, minimum=1, owner=owner)
    if size % 2 == 0:
        raise argument_error(name, size, "an odd int >= 1", owner=owner)
    return size


def check_sizes(
    name: str, value: Any, *, owner: object, allow_empty: bool = False
) -> tuple[int, ...]:
    """Return layer sizes as a tuple of int >= 1; one int stands for one layer."""
    sizes = [value] if isinstance(value, numbers.Integral) else value
    is_sequence = isinstance(sizes, (list, tuple)) or hasattr(sizes, "tolist")
    if not is_sequence or (len(sizes) == 0 and not allow_empty):
        raise argument_error(
            name, value, "a sequence of ints, one per layer", owner=owner
        )
    return tuple(check_int(name, size, minimum=1, owner=owner) for size in sizes)


def check_rate(name: str, value: Any, *, owner: object) -> float:
    """Return a dropout rate: a float from 0 to below 1."""
    return check_real(name, value, minimum=0, below=1, owner=owner)


def check_rates(
    name: str, value: Any, *, owner: object, layers: str, skip_last: bool = False
) -> float | tuple[float, ...]:
    """Return one dropout rate, or one per layer.

    Parameters
    ----------
    name : str
        The parameter's name.
    value : float or sequence of float
        What the caller passed.
    owner : object
        Estimator that has the layers' sizes; named in an error.
    layers : str
        Name of the parameter with the layers' sizes.
    skip_last : bool, default=False
        Whether a sequence may leave out the last layer.

    Returns
    -------
    rates : float or tuple of float
        The same.

    Raises
    ------
    ValueError, TypeError
        If a rate is out of range, or the number of rates is wrong.
    """
    if not isinstance(value, (list, tuple)):
        return check_rate(name, value, owner=owner)
    sizes = check_sizes(layers, getattr(owner, layers), owner=owner, allow_empty=True)
    accepted = [len(sizes) - 1, len(sizes)] if skip_last else [len(sizes)]
    if len(value) not in accepted:
        count = " or ".join(map(str, accepted))
        expected = f"one float, or a sequence of {count} floats (one per layer)"
        raise argument_error(name, value, expected, owner=owner)
    return tuple(check_rate(name, rate, owner=owner) for rate in value)


@dataclass(frozen=True)
class DenseLayers:
    """The dense layers between a net's pooling and its output."""

    dense_sizes: Sequence[int] = parameter(
        (),
        "sequence of int",
        "Units of the dense layers before the output.",
        check=partial(check_sizes, allow_empty=True),
    )
    dense_activation: str = choice(
        "relu", tuple(ACTIVATIONS), "Activation of the dense layers."
    )
    dense_dropout: float | Sequence[float] = parameter(
        0.0,
        "float or sequence of float",
        "Dropout after the dense layers: one number for all, or one per layer.",
        check=partial(check_rates, layers="dense_sizes"),
    )


@dataclass(frozen=True)
class InputOptions:
    """What a net does to a clip before its first layer."""

    input_norm: str | None = choice(
        None,
        (None, *INPUT_NORMS),
        'How each clip is normalised on its own before the net: "bands" gives each '
        'feature mean 0 and standard deviation 1 over the clip, "level" all values '
        'of the clip together; "peak" maps the greatest value to 1 and what is 20 '
        "(dB) below it to 0.",
    )
    augmentation: Augmentation | None = parameter(
        None,
        "mapping or None",
        "How far training varies clips of mel bands in dB, anew in each epoch: any of "
        "the parameters of `mfccclf.modules.Augmentation`, such as "
        '``{"time_stretch": 0.15, "noise": 0.5}``. None for not at all.',
        check=check_augmentation,
    )
