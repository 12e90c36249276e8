"""Arrays that depend on parameters alone, and what blocks make theirs with.

They are cached, because every clip of a run needs the same ones, and read-only, because
the cached array is shared.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from mfccclf._validation import argument_error

__all__ = [
    "WINDOWS",
    "Float32",
    "Float64",
    "check_norm",
    "fft_frequencies",
    "frozen",
    "normalised",
    "window_array",
]

Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]
Array = TypeVar("Array", bound=NDArray[Any])

# Coefficients of the cosine sums that periodic windows are made of.
_COSINE_SUMS = {
    "hann": (0.5, 0.5),
    "hamming": (0.54, 0.46),
    "blackman": (0.42, 0.5, 0.08),
    "boxcar": (1.0,),
}
WINDOWS = tuple(_COSINE_SUMS)
# Beyond these, powers of common values are too large for a float.
_LEAST_NORM, _MOST_NORM = 0.1, 16


@lru_cache(maxsize=32)
def window_array(window: str, win_length: int, n_fft: int) -> Float64:
    """Return a periodic window, centred in ``n_fft`` samples, of shape (n_fft,)."""
    phase = 2 * np.pi * np.arange(win_length) / win_length
    terms = enumerate(_COSINE_SUMS[window])
    values: Float64 = np.zeros(win_length)
    for k, weight in terms:
        values += (-1) ** k * weight * np.cos(k * phase)
    left = (n_fft - win_length) // 2
    padded: Float64 = np.pad(values, (left, n_fft - win_length - left))
    return frozen(padded)


@lru_cache(maxsize=32)
def fft_frequencies(sample_rate: int, n_fft: int) -> Float64:
    """Return the frequency of each bin in Hz, of shape (1 + n_fft // 2,)."""
    frequencies: Float64 = np.fft.rfftfreq(n_fft, 1.0 / sample_rate).astype(np.float64)
    return frozen(frequencies)


def check_norm(name: str, value: Any, *, owner: object, also: str | None = None) -> Any:
    """Return a norm that `normalised` takes, or the text ``also``; else raise."""
    if value is None or (also is not None and value == also):
        return value
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if is_number and (_LEAST_NORM <= value <= _MOST_NORM or value == math.inf):
        return value
    expected = f"None, a float from {_LEAST_NORM} to {_MOST_NORM}, or inf"
    if also is not None:
        expected = f"{also!r}, {expected}"
    raise argument_error(name, value, expected, owner=owner)


def normalised(
    values: NDArray[np.floating], norm: float | None, *, axis: int
) -> NDArray[np.floating]:
    """Divide by the ``norm``-norm along ``axis``; zeros stay zeros."""
    if norm is None:
        return values
    size = np.abs(values)
    if math.isinf(norm):
        length = size.max(axis=axis, keepdims=True)
    else:
        powers = size.astype(np.float64) ** norm
        length = powers.sum(axis=axis, keepdims=True) ** (1.0 / norm)
    length[length < np.finfo(values.dtype).tiny] = 1.0
    scaled: NDArray[np.floating] = values / length
    return scaled.astype(values.dtype, copy=False)


def frozen(array: Array) -> Array:
    """Return an array that nobody can write to."""
    array.flags.writeable = False
    return array
