"""Clips of noise, from which a net learns what has none of its labels."""

from __future__ import annotations

from os import PathLike
from pathlib import Path

import numpy as np
import soundfile
from numpy.random import Generator
from numpy.typing import NDArray

from mfccclf._files import filled_folder, make_empty_folder
from mfccclf._typing import Progress
from mfccclf._validation import check_int
from mfccclf.variation.noise import coloured_noise

__all__ = ["coloured_noise", "render_noise", "swelling_noise"]


_OWNER = "render_noise"
_RATE = 16000
_LOWEST_RATE, _HIGHEST_RATE = 4000, 192_000
_MAX_CLIPS = 100_000
_DURATION_S = (0.5, 3.0)
# From blue, through white and pink, to brown.
_SLOPES = (-0.5, 2.0)
_FAINTEST_DB = -40.0
# Every fourth clip is of clicks and bumps.
_BURSTS_EVERY = 4
_MAX_BURSTS = 8
_BURST_S = (0.003, 0.35)


def render_noise(
    output: str | PathLike[str],
    *,
    n_clips: int = 200,
    sample_rate: int = _RATE,
    seed: int = 0,
    on_progress: Progress | None = None,
) -> Path:
    """Write clips of hiss, rumble, clicks and bumps, loud and faint.

    They serve for outlier exposure: ``X_other`` of `mfccclf.LSTMClassifier.fit`, or
    ``train --other``. A net trained with them gives noise no label.

    Parameters
    ----------
    output : path-like
        Folder to make; it must be empty or not there.
    n_clips : int, default=200
        Number of clips, from half a second to three seconds each: three out of four are
        steady or swelling noise, the others up to eight clicks or bumps in faint noise.
    sample_rate : int, default=16000
        Rate of the clips in Hz, from 4,000 to 192,000. Noise fills the whole band, so
        choose the rate of the recordings that the clips are used with.
    seed : int, default=0
        Equal seeds give equal clips.
    on_progress : callable, optional
        Called as ``on_progress(done, total)``.

    Returns
    -------
    folder : pathlib.Path
        It has 16-bit WAV files in ``noise`` and ``bursts``.

    Raises
    ------
    DatasetError
        If the folder is not empty or cannot be made.
    ValueError
        If an argument is out of range.

    Examples
    --------
    >>> from mfccclf.synthesis import render_noise
    >>> render_noise("noise", n_clips=300, sample_rate=44100)  # doctest: +SKIP
    PosixPath('noise')
    """
    check_int("n_clips", n_clips, minimum=1, maximum=_MAX_CLIPS, owner=_OWNER)
    check_int(
        "sample_rate",
        sample_rate,
        minimum=_LOWEST_RATE,
        maximum=_HIGHEST_RATE,
        owner=_OWNER,
    )
    check_int("seed", seed, minimum=0, owner=_OWNER)
    folder = make_empty_folder(output)
    rng = np.random.default_rng(seed)
    with filled_folder(folder) as temporary:
        for number in range(1, n_clips + 1):
            kind = "noise" if number % _BURSTS_EVERY else "bursts"
            path = temporary / kind / f"{number:05d}.wav"
            path.parent.mkdir(exist_ok=True)
            wave = _draw(kind, sample_rate, rng)
            soundfile.write(path, wave, sample_rate, subtype="PCM_16")
            if on_progress is not None:
                on_progress(number, n_clips)
    return folder


def swelling_noise(
    n_samples: int, rng: Generator, *, sample_rate: int = _RATE
) -> NDArray[np.float64]:
    """Draw noise of any colour that swells and fades a few times, or not at all.

    Parameters
    ----------
    n_samples : int
        Length.
    rng : numpy Generator
        To draw with.
    sample_rate : int, default=16000
        In Hz.

    Returns
    -------
    noise : float64 ndarray of shape (n_samples,)
        With a standard deviation of 1 where it is loudest.

    Examples
    --------
    >>> import numpy as np
    >>> from mfccclf.synthesis import swelling_noise
    >>> swelling_noise(16000, np.random.default_rng(0)).shape
    (16000,)
    """
    noise = _steady_noise(n_samples, sample_rate, rng)
    points = rng.uniform(0, 1, int(rng.integers(2, 9)))
    places = np.linspace(0, len(points) - 1, n_samples)
    return np.asarray(noise * np.interp(places, range(len(points)), points))


def _noise(n_samples: int, sample_rate: int, rng: Generator) -> NDArray[np.float64]:
    """Draw noise that is steady as often as not."""
    if rng.random() < 0.5:
        return swelling_noise(n_samples, rng, sample_rate=sample_rate)
    return _steady_noise(n_samples, sample_rate, rng)


def _steady_noise(
    n_samples: int, sample_rate: int, rng: Generator
) -> NDArray[np.float64]:
    """Draw noise of any colour."""
    slope = rng.uniform(*_SLOPES)
    return coloured_noise(n_samples, slope, rng, sample_rate=sample_rate)


def _bursts(n_samples: int, sample_rate: int, rng: Generator) -> NDArray[np.float64]:
    """Draw clicks and bumps in noise that is 20 to 60 dB fainter."""
    background = _steady_noise(n_samples, sample_rate, rng)
    clip = background * 10 ** (rng.uniform(-60, -20) / 20)
    for _ in range(int(rng.integers(1, _MAX_BURSTS + 1))):
        duration_s = np.exp(rng.uniform(*np.log(_BURST_S)))
        length = max(2, round(duration_s * sample_rate))
        start = int(rng.integers(0, n_samples - length + 1))
        burst = _steady_noise(length, sample_rate, rng)
        gain = 10 ** (rng.uniform(-20, 0) / 20)
        clip[start : start + length] += gain * burst * np.hanning(length)
    return clip


def _draw(kind: str, sample_rate: int, rng: Generator) -> NDArray[np.float32]:
    """Draw a clip of any duration and level."""
    n_samples = round(rng.uniform(*_DURATION_S) * sample_rate)
    draw = _noise if kind == "noise" else _bursts
    wave = draw(n_samples, sample_rate, rng)
    gain = 10 ** (rng.uniform(_FAINTEST_DB, 0) / 20)
    return np.asarray(gain * wave / (np.abs(wave).max() + 1e-9), np.float32)
