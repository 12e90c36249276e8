"""Normalise each clip on its own, so that its level or colour does not matter."""

from __future__ import annotations

from torch import Tensor

from mfccclf.modules.pooling import frame_mask, greatest_values

__all__ = ["INPUT_NORMS", "PEAK_UNIT_DB", "SMALLEST_DEVIATION", "normalise_clips"]

INPUT_NORMS = ("bands", "level", "peak")
# Scales mel bands, which lie within about 80 dB of their peak, to the order of 1.
PEAK_UNIT_DB = 20.0
# So that a clip of constant values does not turn rounding errors into features.
SMALLEST_DEVIATION = 1.0


def normalise_clips(X: Tensor, lengths: Tensor, how: str | None) -> Tensor:
    """Normalise the true frames of each clip.

    Parameters
    ----------
    X : Tensor of shape (batch, n_frames, n_features)
        Sequences, such as mel bands in dB, padded with any finite number.
    lengths : int64 Tensor of shape (batch,)
        True frames per clip, each at least 1.
    how : {None, "bands", "level", "peak"}
        "bands" gives each feature mean 0 and standard deviation 1 over the clip,
        "level" all its values together; "peak" maps the greatest value to 1, and what
        is 20 below it to 0. None leaves the clip unchanged. Deviations below 1 count
        as 1.

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
