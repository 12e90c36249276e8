"""Frames that two waveforms have in common, since both are parts of one array.

Windows of a recording are. What lies at the same place in memory is the same sound, so
this holds whatever the waveforms stand for.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from numpy.typing import NDArray

from mfccclf.features.arrays import Float32
from mfccclf.features.spectrum_parameters import SpectrumParameters

__all__ = ["Overlap", "are_parts_of_one", "find_overlap"]


class Overlap(NamedTuple):
    """Frames of a clip that are frames of an earlier clip, too.

    Attributes
    ----------
    start, stop : int
        The first of them, and the one behind the last.
    shift : int
        How much further back they are in the earlier clip.
    """

    start: int
    stop: int
    shift: int

    def take_over(self, known: NDArray[Any], rows: NDArray[Any]) -> None:
        """Copy the earlier clip's rows for these frames, as far as there are any."""
        stop = min(self.stop, len(rows))
        rows[self.start : stop] = known[self.start + self.shift : stop + self.shift]

    def others(self, n_frames: int) -> list[slice]:
        """Return the frames before and behind these, of so many."""
        stop = min(self.stop, n_frames)
        return [slice(0, min(self.start, n_frames)), slice(stop, n_frames)]


def are_parts_of_one(waveforms: Sequence[NDArray[Any]]) -> bool:
    """Tell whether any neighbours may overlap in memory."""
    return any(
        later.base is not None and later.base is earlier.base
        for earlier, later in pairwise(waveforms)
    )


def find_overlap(
    earlier: Float32, later: Float32, parameters: SpectrumParameters, *, n_known: int
) -> Overlap | None:
    """Find the frames that a waveform shares with one before it.

    Parameters
    ----------
    earlier, later : float32 ndarray of shape (n_samples,)
        The second begins behind the first.
    parameters : SpectrumParameters
        Frame and hop.
    n_known : int
        Frames of the earlier waveform whose spectrum is known.

    Returns
    -------
    overlap : Overlap or None
        The frames that touch no padding in either. None if there are none, or if the
        waveforms do not lie whole hops apart in one array.
    """
    if later.base is None or later.base is not earlier.base:
        return None
    if not (earlier.flags.c_contiguous and later.flags.c_contiguous):
        return None
    n_bytes = later.ctypes.data - earlier.ctypes.data
    shift, rest = divmod(n_bytes, later.itemsize * parameters.hop_length)
    if rest or shift <= 0:
        return None
    start, stop = _unpadded(len(later), parameters)
    known = min(_unpadded(len(earlier), parameters)[1], n_known)
    stop = min(stop, known - shift)
    return Overlap(start, stop, shift) if start < stop else None


def _unpadded(n_samples: int, parameters: SpectrumParameters) -> tuple[int, int]:
    """Return the first frame that touches no padding, and the next that does."""
    n_before = parameters.n_fft // 2 if parameters.center else 0
    start = -(-n_before // parameters.hop_length)
    last = (n_samples + n_before - parameters.n_fft) // parameters.hop_length
    return start, last + 1
