"""Vary mel bands while a net learns from them.

What rooms, microphones, players and speakers do to a sound can be imitated well enough
on its mel bands in dB. So each batch is varied anew, at a fraction of the cost of
varying waveforms, and features are extracted once.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from mfccclf.modules.augmentation import Augmentation
from mfccclf.modules.pooling import frame_mask, greatest_values

__all__ = ["DECIBEL", "BandAugmentation"]

DECIBEL = math.log(10) / 10  # natural logarithm of a power per decibel
_SILENCE = 1e-14
_COLOUR_POINTS, _NOISE_POINTS = 6, 4
_NOISE_RIPPLE_DB, _NOISE_TILT_DB = 6.0, 12.0
_CUT_DB, _LOWEST_CUT = (20.0, 70.0), 0.3
# Frames in which an echo falls by 60 dB, and its level relative to the direct sound.
_DECAY_FRAMES, _ECHO_DB = (4.0, 40.0), (-20.0, 0.0)


class BandAugmentation(nn.Module):
    """Vary each clip of a batch at random, in training only.

    It does not mix clips: that changes labels, so it is done where batches are made.

    Parameters
    ----------
    augmentation : Augmentation
        How far to vary them.
    """

    def __init__(self, augmentation: Augmentation) -> None:
        super().__init__()
        self.augmentation = augmentation

    def forward(self, X: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """Vary a batch.

        Parameters
        ----------
        X : Tensor of shape (batch, n_frames, n_bands)
            Mel bands in dB, padded at the end with any finite number.
        lengths : int64 Tensor of shape (batch,)
            True frames per clip.

        Returns
        -------
        X : Tensor of shape (batch, n_frames, n_bands)
            The same clips, varied in training and unchanged otherwise.
        lengths : int64 Tensor of shape (batch,)
            Their true frames now.
        """
        if not self.training:
            return X, lengths
        how = self.augmentation
        X, lengths = _warp(X, lengths, how.time_stretch, how.band_warp)
        mask = frame_mask(lengths, X.shape[1])
        X = _echo(X, mask, how.reverberation)
        X = X + _curves(X, _COLOUR_POINTS, how.colour_db)
        X = _limit_band(X, how.band_limit)
        X = _add_noise(X, mask, how.noise, how.noise_snr_db)
        return _hide(X, lengths, how), lengths


def _uniform(X: Tensor, low: float, high: float) -> Tensor:
    """Draw one number per clip, of shape (batch, 1, 1)."""
    return low + (high - low) * torch.rand(len(X), 1, 1, device=X.device)


def _chosen(X: Tensor, share: float) -> Tensor:
    """Choose a share of the clips, as bool of shape (batch, 1, 1)."""
    return _uniform(X, 0, 1) < share


def _curves(X: Tensor, n_points: int, deviation: float) -> Tensor:
    """Draw a smooth curve over the bands per clip, of shape (batch, 1, n_bands)."""
    points = deviation * torch.randn(len(X), 1, n_points, device=X.device)
    return functional.interpolate(
        points, size=X.shape[2], mode="linear", align_corners=True
    )


def _warp(
    X: Tensor, lengths: Tensor, time_stretch: float, band_warp: float
) -> tuple[Tensor, Tensor]:
    """Stretch frames and bands of each clip, by bilinear interpolation."""
    if time_stretch == band_warp == 0:
        return X, lengths
    tempo = torch.exp(_uniform(X, -time_stretch, time_stretch))[:, 0]
    size = torch.exp(_uniform(X, -band_warp, band_warp))[:, 0]
    new = (lengths * tempo[:, 0]).round().long().clamp(min=1)
    n_frames, n_bands = int(new.max()), X.shape[2]
    frames = torch.arange(n_frames, device=X.device) / tempo
    frames = torch.minimum(frames, (lengths - 1)[:, None])
    bands = torch.arange(n_bands, device=X.device) * size
    return _interpolate(X, frames, bands), new


def _interpolate(X: Tensor, frames: Tensor, bands: Tensor) -> Tensor:
    """Return X at fractional frames (batch, n) and bands (batch, m)."""
    n_frames, n_bands = frames.shape[1], bands.shape[1]
    places = torch.stack(
        [
            _from_minus_one(bands, X.shape[2])[:, None, :].expand(-1, n_frames, -1),
            _from_minus_one(frames, X.shape[1])[:, :, None].expand(-1, -1, n_bands),
        ],
        dim=3,
    )
    sampled = functional.grid_sample(
        X[:, None], places, padding_mode="border", align_corners=True
    )
    return sampled[:, 0]


def _from_minus_one(index: Tensor, size: int) -> Tensor:
    """Map indices 0 to size - 1 to -1 to 1, as ``grid_sample`` expects."""
    return 2 * index / max(size - 1, 1) - 1


def _echo(X: Tensor, mask: Tensor, share: float) -> Tensor:
    """Add decaying power of earlier frames to each frame of some clips."""
    if share == 0:
        return X
    peak = greatest_values(X, mask)
    power = torch.exp((X - peak).clamp(max=0) * DECIBEL) * mask
    decay = math.log(1e-6) / torch.exp(_uniform(X, *map(math.log, _DECAY_FRAMES)))
    reverberant, shift = power, 1
    while shift < min(X.shape[1], 2 * _DECAY_FRAMES[1]):
        # Doubling: after k rounds, the sum over 2 ** k earlier frames.
        earlier = functional.pad(reverberant, (0, 0, shift, 0))[:, : X.shape[1]]
        reverberant = reverberant + earlier * torch.exp(decay * shift)
        shift *= 2
    level = torch.exp(_uniform(X, *_ECHO_DB) * DECIBEL) * _chosen(X, share)
    echoing = (
        torch.log(power + level * (reverberant - power) + _SILENCE) / DECIBEL + peak
    )
    return torch.where(mask, echoing, X)


def _limit_band(X: Tensor, share: float) -> Tensor:
    """Remove what lies above a random band from some clips."""
    if share == 0:
        return X
    edge = _uniform(X, _LOWEST_CUT, 1) * X.shape[2]
    above = (torch.arange(X.shape[2], device=X.device) - edge).clamp(0, 2) / 2
    return X - above * _uniform(X, *_CUT_DB) * _chosen(X, share)


def _add_noise(
    X: Tensor, mask: Tensor, share: float, snr_db: tuple[float, float]
) -> Tensor:
    """Add noise of a random colour to some clips."""
    if share == 0:
        return X
    peak = greatest_values(X, mask)
    power = torch.exp((X - peak).clamp(max=0) * DECIBEL) * mask
    mean = power.sum((1, 2), keepdim=True) / _count(mask, X)
    level = torch.log(mean + _SILENCE) + peak * DECIBEL
    tilt = torch.linspace(-_NOISE_TILT_DB, _NOISE_TILT_DB, X.shape[2], device=X.device)
    colour = _curves(X, _NOISE_POINTS, _NOISE_RIPPLE_DB) + tilt * _uniform(X, -1, 1)
    colour = colour * DECIBEL
    colour = colour - torch.log(torch.exp(colour).mean(dim=2, keepdim=True))
    # The power of a band is a mean of a few squares, so it fluctuates.
    draws = torch.rand(2, *X.shape, device=X.device).clamp(min=1e-6)
    flicker = torch.log(-torch.log(draws).mean(dim=0) + 1e-3)
    noise = level - _uniform(X, *snr_db) * DECIBEL + colour + flicker
    return torch.where(
        _chosen(X, share), torch.logaddexp(X * DECIBEL, noise) / DECIBEL, X
    )


def _hide(X: Tensor, lengths: Tensor, how: Augmentation) -> Tensor:
    """Replace stretches of frames and of bands by the mean of the clip."""
    mask = frame_mask(lengths, X.shape[1])
    mean = (X * mask).sum((1, 2), keepdim=True) / _count(mask, X)
    hidden = torch.zeros_like(X, dtype=torch.bool)
    n_frames = lengths[:, None, None]
    frames = torch.arange(X.shape[1], device=X.device)[None, :, None]
    bands = torch.arange(X.shape[2], device=X.device)[None, None, :]
    for _ in range(how.n_masks):
        if how.time_mask > 0:
            hidden = hidden | _stretch(X, frames, n_frames, how.time_mask)
        if how.band_mask > 0:
            hidden = hidden | _stretch(X, bands, X.shape[2], how.band_mask)
    return torch.where(hidden, mean, X)


def _stretch(X: Tensor, index: Tensor, size: Any, share: float) -> Tensor:
    """Draw a stretch of an axis for each clip, up to a share of it."""
    width = _uniform(X, 0, share) * size
    start = _uniform(X, 0, 1) * (size - width)
    inside: Tensor = (index >= start) & (index < start + width)
    return inside


def _count(mask: Tensor, X: Tensor) -> Tensor:
    """Count the values in the true frames of each clip."""
    return mask.sum((1, 2), keepdim=True) * X.shape[2]
