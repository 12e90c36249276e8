"""Derivatives in time, as `librosa.feature.delta` estimates them."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mfccclf._parameters import choice, parameter, parameter_group
from mfccclf._validation import argument_error, check_int
from mfccclf.features.arrays import Float64, frozen
from mfccclf.features.graphs.places import add_end_padding, add_frames
from mfccclf.features.spectrum_parameters import SpectrumParameters

if TYPE_CHECKING:
    from mfccclf._graph_builder import GraphBuilder

__all__ = [
    "DerivativeParameters",
    "add_derivatives",
    "append_derivatives",
    "count_frames_to_compute",
]

# What numpy.pad calls librosa's modes.
_PAD_MODES = {
    "nearest": "edge",
    "mirror": "reflect",
    "constant": "constant",
    "wrap": "wrap",
}


def _check_width(name: str, value: Any, *, owner: object) -> int:
    width = check_int(name, value, minimum=3, owner=owner)
    if width % 2 == 0:
        raise argument_error(name, value, "an odd int >= 3", owner=owner)
    return width


@parameter_group
class DerivativeParameters(SpectrumParameters):
    """Which time derivatives follow the columns of the blocks."""

    delta: int = choice(
        0,
        (0, 1, 2),
        "Highest order of time derivatives; the derivatives of all columns follow the "
        "columns.",
    )
    delta_width: int = parameter(
        9,
        "int",
        "Frames that a derivative is estimated from; odd.",
        check=_check_width,
    )
    delta_mode: str = choice(
        "nearest",
        ("nearest", "interp", "mirror", "constant", "wrap"),
        'What derivatives take for the frames past the clip\'s ends; "interp" '
        "(librosa's default) needs at least ``delta_width`` frames.",
    )

    @property
    def interpolates(self) -> bool:
        """Whether a derivative needs ``delta_width`` frames of the clip."""
        return self.delta > 0 and self.delta_mode == "interp"


def count_frames_to_compute(parameters: DerivativeParameters) -> int | None:
    """Return how many frames ``n_frames`` needs, with those that derivatives reach."""
    if parameters.n_frames is None or parameters.delta == 0:
        return parameters.n_frames
    if parameters.delta_mode == "wrap":
        return None
    width = parameters.delta_width
    return max(parameters.n_frames + width // 2, width)


def append_derivatives(
    columns: NDArray[np.floating], parameters: DerivativeParameters
) -> NDArray[np.float32]:
    """Return a clip's columns followed by their derivatives, all frames of it."""
    derivatives = [
        _derivative(
            columns,
            order=order,
            width=parameters.delta_width,
            mode=parameters.delta_mode,
        )
        for order in range(1, parameters.delta + 1)
    ]
    return np.concatenate([columns, *derivatives], axis=1, dtype=np.float32)


def add_derivatives(
    builder: GraphBuilder, columns: str, parameters: DerivativeParameters
) -> str:
    """Add what `append_derivatives` does to a graph.

    Parameters
    ----------
    builder : GraphBuilder
        The graph.
    columns : str
        Name of float64 columns (n_frames, n_columns) of a whole clip.
    parameters : DerivativeParameters
        Which derivatives.

    Returns
    -------
    columns : str
        Name of the float64 columns and their derivatives.
    """
    if parameters.delta == 0:
        return columns
    width, mode = parameters.delta_width, parameters.delta_mode
    row = columns
    if mode != "interp":
        row = add_end_padding(builder, row, width // 2, _PAD_MODES[mode], n_axes=2)
    frames = add_frames(builder, row, frame_length=width, hop_length=1)
    orders = range(1, parameters.delta + 1)
    kernels = np.stack([_kernel(width, order) for order in orders])
    by_order = builder.add("MatMul", builder.constant(kernels, "float64"), frames)
    flat = builder.add("Reshape", by_order, builder.constant([0, -1], "int64"))
    if mode == "interp":
        flat = add_end_padding(builder, flat, width // 2, "edge", n_axes=2)
    return builder.add("Concat", columns, flat, axis=1)


def _derivative(
    columns: NDArray[np.floating], *, order: int, width: int, mode: str
) -> NDArray[np.floating]:
    """Return the ``order``-th time derivative per frame, of the shape of ``columns``.

    A polynomial of degree ``order`` is fitted to ``width`` frames around each. Past
    the ends, frames are filled in according to ``mode``, as in `librosa.feature.delta`.
    """
    kernel = _kernel(width, order)
    half = width // 2
    if mode == "interp":
        # Constant past the first and the last full fit: repeat it.
        return np.pad(_correlate(columns, kernel), ((half, half), (0, 0)), "edge")
    padded = np.pad(columns, ((half, half), (0, 0)), _PAD_MODES[mode])  # type: ignore[call-overload]
    return _correlate(padded, kernel)


@lru_cache(maxsize=32)
def _kernel(width: int, order: int) -> Float64:
    """Return the weights of the ``order``-th derivative of a least-squares polynomial.

    The polynomial has degree ``order`` and is fitted to ``width`` frames; the first
    weight belongs to the earliest frame [1]_.

    References
    ----------
    .. [1] A. Savitzky and M. J. E. Golay, "Smoothing and differentiation of data by
       simplified least squares procedures", Analytical Chemistry 36(8), 1964.
    """
    half = width // 2
    time = np.arange(-half, half + 1, dtype=float)
    fit = np.linalg.pinv(np.vander(time, order + 1, increasing=True))
    return frozen(math.factorial(order) * fit[order])


def _correlate(columns: NDArray[np.floating], kernel: Float64) -> Float64:
    n_out = max(len(columns) - len(kernel) + 1, 0)
    shifted = (columns[k : k + n_out] * weight for k, weight in enumerate(kernel))
    total: Float64 = sum(shifted, start=np.zeros((n_out, columns.shape[1])))
    return total
