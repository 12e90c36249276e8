"""What makes a waveform unfit for any extraction, to follow its name in a message."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["sample_problem", "shape_problem"]

# An amplitude is at most 1; beyond this, squares no longer fit into float32.
_ABSURD_PEAK = 1e10


def shape_problem(waveform: NDArray[Any]) -> str | None:
    """Return what is wrong with a waveform's shape or type; None if nothing is."""
    if waveform.ndim != 1:
        return (
            f"has shape {waveform.shape}, not (n_samples,). Give one channel, such as "
            "the mean of all."
        )
    if not np.issubdtype(waveform.dtype, np.floating):
        return (
            f"is an array of {waveform.dtype}, not of floats between -1 and 1. Divide "
            "it by the largest value that an encoding of its width can hold."
        )
    return None


def sample_problem(waveform: NDArray[np.floating]) -> str | None:
    """Return what is wrong with one or more samples; None if nothing is."""
    if len(waveform) == 0:
        return "has no samples. Record it again, or leave it out."
    peak = max(float(waveform.max()), -float(waveform.min()))
    if not np.isfinite(peak):
        first = int(np.argmin(np.isfinite(waveform)))
        return (
            f"has the value {waveform[first]} at sample {first}. Every sample must be "
            "finite: repair the clip, or leave it out."
        )
    if peak > _ABSURD_PEAK:
        return f"reaches {peak:.3g}, which cannot be an amplitude. Scale it to -1..1."
    return None
