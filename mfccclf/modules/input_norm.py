"""Normalise each clip by itself, so that its level, or its colour, does not count."""

from __future__ import annotations

from torch import Tensor

from mfccclf.modules.pooling import frame_mask, greatest_values

__all__ = ["INPUT_NORMS", "PEAK_UNIT_DB", "SMALLEST_DEVIATION", "normalise_clips"]

INPUT_NORMS = ("bands", "level", "peak")
# Brings mel bands, which lie within some 80 dB of their peak, to the size of 1.
PEAK_UNIT_DB = 20.0
# A clip of constant values must not turn rounding errors into features.
SMALLEST_DEVIATION = 1.0


def normalise_clips(X: Tensor, lengths: Tensor, how: str | None) -> Tensor:
    """Normalise the true frames of each clip.

    Parameters
    ----------
    X : Tensor of shape (batch, n_frames, n_features)
        Sequences, padded at the end with any finite number; mel bands in dB, say.
    lengths : int64 Tensor of shape (batch,)
        True frames per clip, each at least 1.
    how : {None, "bands", "level", "peak"}
        "bands": each feature has mean 0 and deviation 1 over the clip; "level": all
        values of the clip together have; "peak": the clip's greatest value becomes 1,
        and 20 below it 0. None: values stay as they are. Deviations count as 1 at
        least.

    Returns
    -------
    X : Tensor of shape (batch, n_frames, n_features)
        Normalised, zero past a clip's end; unchanged for None.
    """
    if how is None:
        return X
    mask = frame_mask(lengths, X.shape[1])
    if how == "peak":
        return ((X - greatest_values(X, mask)) / PEAK_UNIT_DB + 1) * mask
    axes = (1,) if how == "bands" else (1, 2)
    count = lengths[:, None, None] * (1 if how == "bands" else X.shape[2])
    centred = (X - (X * mask).sum(axes, keepdim=True) / count) * mask
    variance = centred.square().sum(axes, keepdim=True) / count
    return centred / variance.sqrt().clamp(min=SMALLEST_DEVIATION)
