"""Shapes of what operators give; `ValueError` where the inputs do not fit."""

from __future__ import annotations

import math
from collections.abc import Sequence

from mfccclf._model_graph.values import Shape

__all__ = [
    "broadcast",
    "convolve",
    "matrix_product",
    "permute",
    "pool",
    "reduce",
    "require",
    "reshape",
    "squeeze",
    "unsqueeze",
]

_HIGHEST_RANK = 4
# Of convolutions, in frames or bands; far above those of any preset.
_LARGEST_PAD = 1024


def require(condition: bool) -> None:
    """Raise `ValueError` unless a condition holds."""
    if not condition:
        raise ValueError("its inputs or attributes do not fit")


def broadcast(first: Shape, second: Shape) -> Shape:
    """Return the common shape of two values."""
    n_axes = max(len(first), len(second))
    pairs = zip(
        (1,) * (n_axes - len(first)) + first,
        (1,) * (n_axes - len(second)) + second,
        strict=True,
    )
    shape = []
    for one, other in pairs:
        require(one == other or 1 in (one, other))
        shape.append(max(one, other))
    return tuple(shape)


def matrix_product(first: Shape, second: Shape) -> Shape:
    """Return the shape of a value times a matrix, or a vector."""
    require(len(first) >= 2 and len(second) in (1, 2) and first[-1] == second[0])
    return first[:-1] + second[1:]


def permute(shape: Shape, order: Sequence[int]) -> Shape:
    """Return a shape with its axes in another order."""
    require(sorted(order) == list(range(len(shape))))
    return tuple(shape[axis] for axis in order)


def reduce(shape: Shape, axes: Sequence[int], keep: int) -> Shape:
    """Return a shape with axes reduced to one value each."""
    _check_axes(axes, len(shape))
    require(keep in (0, 1))
    sizes = [1 if axis in axes else size for axis, size in enumerate(shape)]
    kept = [size for axis, size in enumerate(sizes) if keep or axis not in axes]
    return tuple(kept)


def unsqueeze(shape: Shape, axes: Sequence[int]) -> Shape:
    """Return a shape with axes of size 1 put in."""
    n_axes = len(shape) + len(axes)
    _check_axes(axes, n_axes)
    require(n_axes <= _HIGHEST_RANK)
    sizes = iter(shape)
    return tuple(1 if axis in axes else next(sizes) for axis in range(n_axes))


def squeeze(shape: Shape, axes: Sequence[int]) -> Shape:
    """Return a shape without axes of size 1."""
    _check_axes(axes, len(shape))
    require(all(shape[axis] == 1 for axis in axes))
    return tuple(size for axis, size in enumerate(shape) if axis not in axes)


def reshape(shape: Shape, wanted: Sequence[int]) -> Shape:
    """Return a shape with its last axes joined: 0 keeps an axis, -1 takes the rest."""
    kept = len(wanted) - 1
    require(list(wanted) == [0] * kept + [-1] and 0 <= kept < len(shape))
    return (*shape[:kept], math.prod(shape[kept:]))


def convolve(shape: Shape, kernel: Shape, pads: Sequence[int]) -> Shape:
    """Return the shape of a convolution with stride 1."""
    n_axes = len(kernel) - 2
    require(n_axes in (1, 2) and len(shape) == len(kernel) and shape[1] == kernel[1])
    require(len(pads) == 2 * n_axes and all(0 <= pad <= _LARGEST_PAD for pad in pads))
    sizes = [
        shape[axis + 2] + pads[axis] + pads[n_axes + axis] - kernel[axis + 2] + 1
        for axis in range(n_axes)
    ]
    require(min(sizes) > 0)
    return (shape[0], kernel[0], *sizes)


def pool(
    shape: Shape, kernel: Sequence[int], strides: Sequence[int], *, up: bool
) -> Shape:
    """Return the shape of pooling, with the last piece cut off or (``up``) kept."""
    sizes = shape[2:]
    require(len(sizes) == len(kernel) == len(strides) and len(sizes) in (1, 2))
    require(all(0 < step <= size for size, step in zip(kernel, strides, strict=True)))
    require(max(kernel) <= _LARGEST_PAD)
    surplus = [step - 1 if up else 0 for step in strides]
    pooled = [
        (size - width + more) // step + 1
        for size, width, step, more in zip(sizes, kernel, strides, surplus, strict=True)
    ]
    require(min(pooled) > 0)
    return (*shape[:2], *pooled)


def _check_axes(axes: Sequence[int], n_axes: int) -> None:
    require(len(set(axes)) == len(axes) > 0)
    require(all(0 <= axis < n_axes for axis in axes))
