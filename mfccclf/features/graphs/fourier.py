"""The Fourier transform of frames in an ONNX graph, as two small matrix products.

A frame of ``rows * columns`` samples is transformed along the rows, turned by a factor
for each place, and transformed along the columns [1]_. For 2048 samples, that takes a
tenth of the multiplications of one large matrix, and a hundredth of its memory; and it
needs none but the most common operators, which every runtime has.

References
----------
.. [1] J. W. Cooley and J. W. Tukey, "An algorithm for the machine calculation of
   complex Fourier series", Mathematics of Computation 19(90), 1965.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from mfccclf.features.arrays import Float64
from mfccclf.features.graphs.places import add_slice

if TYPE_CHECKING:
    from mfccclf._graph_builder import GraphBuilder

__all__ = ["add_fourier_transform"]


def add_fourier_transform(
    builder: GraphBuilder, frames: str, n_fft: int
) -> tuple[str, str]:
    """Add what `numpy.fft.rfft` makes of frames.

    Parameters
    ----------
    builder : GraphBuilder
        The graph.
    frames : str
        Name of float64 frames (n_frames, n_fft).
    n_fft : int
        Their length.

    Returns
    -------
    real, imaginary : str
        Names of the float64 parts, each (n_frames, 1 + n_fft // 2).
    """
    n_rows = _divisor_near_root(n_fft)
    n_columns = n_fft // n_rows
    grid = builder.add(
        "Reshape", frames, builder.constant([-1, n_rows, n_columns], "int64")
    )
    turned = _turn(builder, _transform_rows(builder, grid, n_rows), n_rows, n_fft)
    return _transform_columns(builder, turned, n_rows, n_columns)


def _divisor_near_root(n_fft: int) -> int:
    """Return the largest divisor up to the square root; 1 for a prime number."""
    return max(size for size in range(1, math.isqrt(n_fft) + 1) if n_fft % size == 0)


def _waves(n_places: int, n_waves: int, period: int) -> tuple[Float64, Float64]:
    """Return real and imaginary part of exp(-2 pi i place wave / period)."""
    phase = np.outer(np.arange(n_places), np.arange(n_waves)) % period
    angle = 2 * np.pi * phase / period
    return np.cos(angle), -np.sin(angle)


def _transform_rows(builder: GraphBuilder, grid: str, n_rows: int) -> tuple[str, str]:
    """Transform the real values along the axis before the last.

    The matrix stands on the left: ONNX Runtime before 1.25 fuses a transposed factor
    with the product, but cannot compute that in double precision.
    """
    matrix = np.concatenate(_waves(n_rows, n_rows, n_rows), axis=1).T
    both = builder.add("MatMul", builder.constant(matrix, "float64"), grid)
    real = add_slice(builder, both, 0, n_rows, axis=1)
    return real, add_slice(builder, both, n_rows, 2 * n_rows, axis=1)


def _turn(
    builder: GraphBuilder, parts: tuple[str, str], n_rows: int, n_fft: int
) -> str:
    """Multiply by a factor for each place; return both parts (n_frames, rows, 2 n)."""
    real, imaginary = parts
    cosine, sine = _waves(n_rows, n_fft // n_rows, n_fft)
    turned = [
        builder.add(
            operator,
            builder.add_with("Mul", real, first),
            builder.add_with("Mul", imaginary, second),
        )
        for operator, first, second in (("Sub", cosine, sine), ("Add", sine, cosine))
    ]
    return builder.add("Concat", *turned, axis=2)


def _transform_columns(
    builder: GraphBuilder, turned: str, n_rows: int, n_columns: int
) -> tuple[str, str]:
    """Transform the complex values along the last axis, and put bins in order."""
    n_bins = 1 + n_rows * n_columns // 2
    n_kept = -(-n_bins // n_rows)
    cosine, sine = _waves(n_columns, n_kept, n_columns)
    matrix = np.block([[cosine, sine], [-sine, cosine]])
    by_row = builder.add_with("MatMul", turned, matrix)
    ordered = builder.add("Transpose", by_row, perm=[0, 2, 1])
    flat = builder.add("Reshape", ordered, builder.constant([0, -1], "int64"))
    real = add_slice(builder, flat, 0, n_bins, axis=1)
    second = n_kept * n_rows
    return real, add_slice(builder, flat, second, second + n_bins, axis=1)
