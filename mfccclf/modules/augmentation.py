"""Vary pictures of mel bands while a net learns from them.

What rooms, microphones, players and speakers do to a sound can be done, nearly enough,
to its mel bands in dB: a batch is varied anew each time, at a fraction of the cost of
varying waveforms, and from features that were extracted once.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from mfccclf._validation import argument_error, check_int, check_real, suggest
from mfccclf.modules.pooling import frame_mask, greatest_values

__all__ = ["DECIBEL", "Augmentation", "BandAugmentation", "check_augmentation"]

DECIBEL = math.log(10) / 10  # natural logarithm of a power per decibel
_SILENCE = 1e-14
_COLOUR_POINTS, _NOISE_POINTS = 6, 4
_NOISE_RIPPLE_DB, _NOISE_TILT_DB = 6.0, 12.0
_CUT_DB, _LOWEST_CUT = (20.0, 70.0), 0.3
# Frames until an echo has fallen by 60 dB, and its level against the direct sound.
_DECAY_FRAMES, _ECHO_DB = (4.0, 40.0), (-20.0, 0.0)


@dataclass(frozen=True, kw_only=True)
class Augmentation:
    """How far training varies clips; all zero for not at all.

    Parameters
    ----------
    time_stretch : float, default=0.0
        Largest change of the tempo: a clip lasts ``exp(u)`` times as long, u drawn
        evenly from minus to plus this.
    band_warp : float, default=0.0
        The same for the place of the bands, as longer or shorter vocal tracts, larger
        or smaller instruments would [1]_.
    colour_db : float, default=0.0
        Standard deviation of a smooth random response over the bands, in dB.
    band_limit : float, default=0.0
        Share of the clips that lose what lies above some band.
    reverberation : float, default=0.0
        Share of the clips that echo.
    noise : float, default=0.0
        Share of the clips that get a noise of random colour.
    noise_snr_db : sequence of two float, default=(0.0, 40.0)
        Lowest and highest level of a clip above its noise, in dB.
    time_mask, band_mask : float, default=0.0
        Largest share of a clip's frames, and of the bands, that is hidden [2]_.
    n_masks : int, default=1
        How many stretches of frames, and of bands, are hidden.
    mix : float, default=0.0
        Share of the clips that sound together with another of the batch, and get its
        labels too, where clips may have several; clips of one label each are never
        mixed. A mixture never has more labels than some clip that is learned from.
    mix_db : float, default=6.0
        Largest difference between the peaks of both, in dB.

    References
    ----------
    .. [1] N. Jaitly and G. E. Hinton, "Vocal Tract Length Perturbation (VTLP) Improves
       Speech Recognition", ICML workshop, 2013.
    .. [2] D. S. Park and others, "SpecAugment: A Simple Data Augmentation Method for
       Automatic Speech Recognition", Interspeech, 2019.
    """

    time_stretch: float = 0.0
    band_warp: float = 0.0
    colour_db: float = 0.0
    band_limit: float = 0.0
    reverberation: float = 0.0
    noise: float = 0.0
    noise_snr_db: tuple[float, float] = (0.0, 40.0)
    time_mask: float = 0.0
    band_mask: float = 0.0
    n_masks: int = 1
    mix: float = 0.0
    mix_db: float = 6.0


_LIMITS: Mapping[str, float] = {
    "time_stretch": 1.0,
    "band_warp": 1.0,
    "colour_db": 100.0,
    "band_limit": 1.0,
    "reverberation": 1.0,
    "noise": 1.0,
    "time_mask": 1.0,
    "band_mask": 1.0,
    "mix": 1.0,
    "mix_db": 100.0,
}


def check_augmentation(name: str, value: Any, *, owner: object) -> Augmentation | None:
    """Return a mapping as an `Augmentation`; None stays None.

    Parameters
    ----------
    name : str
        The parameter's name.
    value : mapping of str to float, or None
        What the caller passed.
    owner : object
        Estimator to name in an error.

    Returns
    -------
    augmentation : Augmentation or None
        The same, checked.

    Raises
    ------
    ValueError, TypeError
        If a key is unknown or a value out of range.
    """
    if value is None:
        return None
    known = [field.name for field in fields(Augmentation)]
    if not isinstance(value, Mapping):
        expected = f"None, or a mapping with any of {', '.join(known)}"
        raise argument_error(name, value, expected, owner=owner, error=TypeError)
    for key in value:
        if key not in known:
            expected = f"a mapping with any of {', '.join(known)}"
            hint = suggest(key, known)
            raise argument_error(name, value, expected, owner=owner, hint=hint)
    checked = {
        key: check_real(
            f"{name}[{key!r}]", number, minimum=0, maximum=limit, owner=owner
        )
        for key, limit in _LIMITS.items()
        if (number := value.get(key)) is not None
    }
    n_masks = check_int(
        f"{name}['n_masks']", value.get("n_masks", 1), minimum=1, owner=owner
    )
    levels = value.get("noise_snr_db", Augmentation.noise_snr_db)
    snr_db = _check_range(f"{name}['noise_snr_db']", levels, owner=owner)
    return Augmentation(**checked, noise_snr_db=snr_db, n_masks=n_masks)


def _check_range(name: str, value: Any, *, owner: object) -> tuple[float, float]:
    is_pair = isinstance(value, (list, tuple)) and len(value) == 2
    if not is_pair or not all(isinstance(number, (int, float)) for number in value):
        expected = "two floats, the lowest and the highest"
        raise argument_error(name, value, expected, owner=owner)
    low, high = (check_real(name, number, owner=owner) for number in value)
    if low > high:
        raise argument_error(name, value, "two floats, the lower first", owner=owner)
    return low, high


class BandAugmentation(nn.Module):
    """Vary each clip of a batch by chance, in training only.

    Which clips sound together is not its concern, since that changes labels.

    Parameters
    ----------
    augmentation : Augmentation
        How far.
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
            The same clips, varied; as they were outside training.
        lengths : int64 Tensor of shape (batch,)
            Their new lengths.
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


def _evenly(X: Tensor, low: float, high: float) -> Tensor:
    """Draw one number per clip, of shape (batch, 1, 1)."""
    return low + (high - low) * torch.rand(len(X), 1, 1, device=X.device)


def _some(X: Tensor, share: float) -> Tensor:
    """Draw a share of the clips, as bool of shape (batch, 1, 1)."""
    return _evenly(X, 0, 1) < share


def _curves(X: Tensor, n_points: int, deviation: float) -> Tensor:
    """Draw a smooth curve over the bands per clip, of shape (batch, 1, n_bands)."""
    points = deviation * torch.randn(len(X), 1, n_points, device=X.device)
    return functional.interpolate(
        points, size=X.shape[2], mode="linear", align_corners=True
    )


def _warp(
    X: Tensor, lengths: Tensor, time_stretch: float, band_warp: float
) -> tuple[Tensor, Tensor]:
    """Stretch the frames and the bands of each clip, interpolating between both."""
    if time_stretch == band_warp == 0:
        return X, lengths
    tempo = torch.exp(_evenly(X, -time_stretch, time_stretch))[:, 0]
    size = torch.exp(_evenly(X, -band_warp, band_warp))[:, 0]
    new = (lengths * tempo[:, 0]).round().long().clamp(min=1)
    n_frames, n_bands = int(new.max()), X.shape[2]
    frames = torch.arange(n_frames, device=X.device) / tempo
    frames = torch.minimum(frames, (lengths - 1)[:, None])
    bands = torch.arange(n_bands, device=X.device) * size
    places = torch.stack(
        [
            _from_minus_one(bands, n_bands)[:, None, :].expand(-1, n_frames, -1),
            _from_minus_one(frames, X.shape[1])[:, :, None].expand(-1, -1, n_bands),
        ],
        dim=3,
    )
    warped = functional.grid_sample(
        X[:, None], places, padding_mode="border", align_corners=True
    )
    return warped[:, 0], new


def _from_minus_one(index: Tensor, size: int) -> Tensor:
    """Turn indices 0 to size - 1 into -1 to 1, as ``grid_sample`` counts."""
    return 2 * index / max(size - 1, 1) - 1


def _echo(X: Tensor, mask: Tensor, share: float) -> Tensor:
    """Add to each frame of some clips what earlier ones left in the room."""
    if share == 0:
        return X
    peak = greatest_values(X, mask)
    power = torch.exp((X - peak).clamp(max=0) * DECIBEL) * mask
    decay = math.log(1e-6) / torch.exp(_evenly(X, *map(math.log, _DECAY_FRAMES)))
    reverberant, shift = power, 1
    while shift < min(X.shape[1], 2 * _DECAY_FRAMES[1]):
        # Doubling: after k rounds, the sum over 2 ** k earlier frames.
        earlier = functional.pad(reverberant, (0, 0, shift, 0))[:, : X.shape[1]]
        reverberant = reverberant + earlier * torch.exp(decay * shift)
        shift *= 2
    level = torch.exp(_evenly(X, *_ECHO_DB) * DECIBEL) * _some(X, share)
    echoing = (
        torch.log(power + level * (reverberant - power) + _SILENCE) / DECIBEL + peak
    )
    return torch.where(mask, echoing, X)


def _limit_band(X: Tensor, share: float) -> Tensor:
    """Take from some clips what lies above a band."""
    if share == 0:
        return X
    edge = _evenly(X, _LOWEST_CUT, 1) * X.shape[2]
    above = (torch.arange(X.shape[2], device=X.device) - edge).clamp(0, 2) / 2
    return X - above * _evenly(X, *_CUT_DB) * _some(X, share)


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
    colour = _curves(X, _NOISE_POINTS, _NOISE_RIPPLE_DB) + tilt * _evenly(X, -1, 1)
    colour = colour * DECIBEL
    colour = colour - torch.log(torch.exp(colour).mean(dim=2, keepdim=True))
    # A band's power is a mean of a few squares, so it is never still.
    draws = torch.rand(2, *X.shape, device=X.device).clamp(min=1e-6)
    flicker = torch.log(-torch.log(draws).mean(dim=0) + 1e-3)
    noise = level - _evenly(X, *snr_db) * DECIBEL + colour + flicker
    return torch.where(
        _some(X, share), torch.logaddexp(X * DECIBEL, noise) / DECIBEL, X
    )


def _hide(X: Tensor, lengths: Tensor, how: Augmentation) -> Tensor:
    """Put a clip's mean in place of stretches of frames and of bands."""
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
    """Draw a stretch of an axis per clip, up to a share of it."""
    width = _evenly(X, 0, share) * size
    start = _evenly(X, 0, 1) * (size - width)
    inside: Tensor = (index >= start) & (index < start + width)
    return inside


def _count(mask: Tensor, X: Tensor) -> Tensor:
    """Count the true values of each clip."""
    return mask.sum((1, 2), keepdim=True) * X.shape[2]
