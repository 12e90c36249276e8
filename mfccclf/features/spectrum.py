"""The short-time spectrum of waveforms, which all blocks of features start from.

Some features of a frame depend on the whole clip: decibels are cut at ``top_db`` below
the clip's maximum, and chroma follows the clip's tuning. So the spectrum covers the
whole clip, while columns are computed only for the frames that are kept.

Short clips are computed together, one below the other, so that NumPy's overhead counts
once for all of them. Only matrix products are made clip by clip, because BLAS rounds a
row differently for another number of rows.

A clip that overlaps another in memory, as windows of a recording may, takes over the
frames that both have, and what was made of each of them alone.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import accumulate, pairwise
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from mfccclf.features.arrays import Float32, Float64, window_array
from mfccclf.features.overlaps import Overlap
from mfccclf.features.spectrum_parameters import SpectrumParameters

__all__ = ["Earlier", "Spectrum", "short_time_spectrum", "stacked"]

Parameters = TypeVar("Parameters", bound=SpectrumParameters)
Made = TypeVar("Made")

# Frames transformed at a time: few enough to stay in the processor's cache.
_BLOCK = 32


@dataclass(frozen=True)
class Spectrum:
    """Short-time spectrum of one clip, or of several whose frames are all kept.

    Attributes
    ----------
    power : float32 ndarray of shape (n_frames, n_bins)
        Squared magnitude of every frame, clip after clip.
    magnitude : float32 ndarray of shape (n_kept, n_bins)
        Magnitude of the frames to keep; empty when no feature needs it.
    n_kept : int
        Number of frames to keep.
    starts : tuple of int
        First frame of each clip.
    earlier : Earlier or None
        Frames that the clip shares with one before it.
    """

    power: Float32
    magnitude: Float32
    n_kept: int
    starts: tuple[int, ...]
    earlier: Earlier | None = None
    _made: dict[Any, Any] = field(default_factory=dict, init=False, repr=False)

    @cached_property
    def clips(self) -> list[slice]:
        """Which frames are each clip's."""
        return [slice(*pair) for pair in pairwise((*self.starts, len(self.power)))]

    @cached_property
    def kept(self) -> list[slice]:
        """Which of the frames to keep are each clip's."""
        return [slice(*pair) for pair in pairwise((*self.starts, self.n_kept))]

    def largest(self, values: NDArray[np.floating]) -> Float64:
        """Return each clip's largest value, of shape (n_clips,)."""
        by_frame = values.max(axis=1)
        return np.maximum.reduceat(by_frame, self.starts).astype(np.float64)

    def by_frame(self, values: Float64) -> Float64:
        """Repeat each clip's value for its frames to keep; a single value stays so."""
        if len(values) == 1:
            return values
        counts = [rows.stop - rows.start for rows in self.kept]
        return np.repeat(values, counts)[:, np.newaxis]

    def once(
        self, compute: Callable[[Spectrum, Parameters], Made], parameters: Parameters
    ) -> Made:
        """Return what a function makes of this spectrum, made once for all blocks."""
        if compute not in self._made:
            self._made[compute] = compute(self, parameters)
        made: Made = self._made[compute]
        return made

    def of_each(
        self, compute: Callable[[Float32, Parameters], Float32], parameters: Parameters
    ) -> Float32:
        """Return what a function makes of each frame's magnitude alone.

        Parameters
        ----------
        compute : callable
            Turns magnitudes (n_some, n_bins) into as many rows of an array.
        parameters : SpectrumParameters
            Its second argument.

        Returns
        -------
        rows : float32 ndarray of shape (n_kept, ...)
            Those of shared frames are taken over.
        """
        earlier = self.earlier
        if earlier is None or compute not in earlier.made:
            rows = compute(self.magnitude, parameters)
        else:
            known, overlap = earlier.made[compute], earlier.overlap
            rows = np.empty((self.n_kept, *known.shape[1:]), np.float32)
            overlap.take_over(known, rows)
            for some in overlap.others(self.n_kept):
                rows[some] = compute(self.magnitude[some], parameters)
        self._made[compute] = rows
        return rows

    def share(self, overlap: Overlap) -> Earlier:
        """Return what the clip of a later spectrum may take over."""
        return Earlier(overlap, self.power, self.magnitude, self._made)

    def product(
        self, values: NDArray[np.floating], matrix: NDArray[np.floating]
    ) -> NDArray[np.floating]:
        """Multiply the frames to keep by a matrix, clip by clip."""
        return stacked([values[rows] @ matrix for rows in self.kept])


class Earlier(NamedTuple):
    """What a spectrum takes over: frames, and what was made of each of them."""

    overlap: Overlap
    power: Float32
    magnitude: Float32
    made: dict[Any, Any]


def short_time_spectrum(
    waveforms: Sequence[Float32],
    parameters: SpectrumParameters,
    *,
    n_kept: int | None,
    whole_clip: bool,
    with_magnitude: bool,
    earlier: Earlier | None = None,
) -> Spectrum:
    """Transform frames of waveforms; float64 inside, float32 outside.

    Parameters
    ----------
    waveforms : sequence of float32 ndarray of shape (n_samples,)
        Each of at least ``n_fft`` samples. Either one waveform, or several of which
        none has more than ``n_kept`` frames.
    parameters : SpectrumParameters
        Frame, hop and window.
    n_kept : int or None
        Frames to keep; None for all.
    whole_clip : bool
        Whether the frames after those are needed, too.
    with_magnitude : bool
        Whether the magnitude is needed besides the power.
    earlier : Earlier or None, default=None
        Frames of the only waveform that are known.

    Returns
    -------
    spectrum : Spectrum
        Power of all frames, magnitude of those to keep.
    """
    framed = [_framed(waveform, parameters) for waveform in waveforms]
    if not whole_clip:
        framed = [frames[:n_kept] for frames in framed]
    *starts, n_frames = accumulate(map(len, framed), initial=0)
    n_kept = n_frames if n_kept is None or len(framed) > 1 else min(n_kept, n_frames)
    n_bins = 1 + parameters.n_fft // 2
    power = np.empty((n_frames, n_bins), np.float32)
    magnitude = np.empty((n_kept if with_magnitude else 0, n_bins), np.float32)
    window = window_array(
        parameters.window,
        parameters.win_length or parameters.n_fft,
        parameters.n_fft,
    )
    parts = list(zip(starts, framed, strict=True))
    if earlier is not None:
        earlier.overlap.take_over(earlier.power, power)
        earlier.overlap.take_over(earlier.magnitude, magnitude)
        others = earlier.overlap.others(n_frames)
        parts = [(some.start, framed[0][some]) for some in others]
    for start, frames in parts:
        for block, size in _magnitudes(frames, window, start):
            np.square(size, out=power[block])
            magnitude[block] = size[: max(len(magnitude) - block.start, 0)]
    return Spectrum(power, magnitude, n_kept, tuple(starts), earlier)


def _framed(waveform: Float32, parameters: SpectrumParameters) -> Float32:
    """Return overlapping frames as a view, of shape (n_frames, n_fft)."""
    n_fft, hop_length = parameters.n_fft, parameters.hop_length
    if parameters.center:
        waveform = _padded(waveform, n_fft // 2, parameters.pad_mode)
    waveform = np.ascontiguousarray(waveform)
    shape = (1 + (len(waveform) - n_fft) // hop_length, n_fft)
    step = waveform.itemsize
    # Skips the checks of NumPy's own views, which take time for a short clip.
    return np.ndarray(shape, np.float32, waveform, strides=(hop_length * step, step))


def stacked(parts: list[NDArray[np.floating]]) -> NDArray[np.floating]:
    """Return the clips' rows one below the other."""
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def _padded(waveform: Float32, n_more: int, mode: str) -> Float32:
    if mode != "constant":
        return np.pad(waveform, n_more, mode)  # type: ignore[call-overload,no-any-return]
    # For a short clip, np.pad takes a fifth of the time of the whole transform.
    padded = np.zeros(len(waveform) + 2 * n_more, np.float32)
    padded[n_more : n_more + len(waveform)] = waveform
    return padded


class _Workspace(NamedTuple):
    """Arrays for one block of frames, from windowed frames to their magnitudes."""

    windowed: Float64
    transformed: NDArray[np.complex128]
    rounded: NDArray[np.complex64]
    magnitude: Float32

    def cut(self, n_frames: int) -> _Workspace:
        """Return the same arrays for fewer frames."""
        return _Workspace(
            self.windowed[:n_frames],
            self.transformed[:n_frames],
            self.rounded[:n_frames],
            self.magnitude[:n_frames],
        )


def _make_workspace(n_fft: int) -> _Workspace:
    n_bins = 1 + n_fft // 2
    return _Workspace(
        np.empty((_BLOCK, n_fft)),
        np.empty((_BLOCK, n_bins), np.complex128),
        np.empty((_BLOCK, n_bins), np.complex64),
        np.empty((_BLOCK, n_bins), np.float32),
    )


class _Kept(threading.local):
    """Workspaces of one thread.

    Kept from clip to clip: they stay in the processor's cache, and the system need not
    clear new ones, which takes as long as transforming a short clip.
    """

    def __init__(self) -> None:
        self.workspace = lru_cache(maxsize=8)(_make_workspace)


_KEPT = _Kept()


def _magnitudes(
    frames: Float32, window: Float64, first: int
) -> Iterator[tuple[slice, Float32]]:
    """Yield blocks of frames and their magnitudes, of shape (n_block, n_bins).

    Frames are counted from ``first``. The next block overwrites these magnitudes.
    """
    space = _KEPT.workspace(frames.shape[1])
    for start in range(0, len(frames), _BLOCK):
        stop = min(start + _BLOCK, len(frames))
        used = space.cut(stop - start)
        # Widened first: NumPy multiplies mixed widths through small buffers.
        used.windowed[:] = frames[start:stop]
        np.multiply(used.windowed, window, out=used.windowed)
        np.fft.rfft(used.windowed, out=used.transformed)
        # Rounded before the magnitude is taken: librosa's numbers to the last bit.
        used.rounded[:] = used.transformed
        block = slice(first + start, first + stop)
        yield block, np.abs(used.rounded, out=used.magnitude)
