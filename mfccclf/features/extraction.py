"""From one clip to its sequence of features, with numpy alone."""

from __future__ import annotations

from os import PathLike, fspath

import numpy as np
from numpy.typing import NDArray

from mfccclf.errors import AudioFileError
from mfccclf.features import _spectral
from mfccclf.features._spectral import Spectrum
from mfccclf.features.parameters import FeatureParameters
from mfccclf.waveform import load_waveform

# An amplitude is at most 1; beyond this, squares no longer fit into float32.
_ABSURD_PEAK = 1e10


def extract_sequence(
    waveform: NDArray[np.floating], parameters: FeatureParameters
) -> NDArray[np.float32]:
    """Turn one waveform into its sequence of features.

    The numbers are librosa's for the whole clip, within float32's rounding; frames
    past ``n_frames`` are left out afterwards.

    Parameters
    ----------
    waveform : floating ndarray of shape (n_samples,)
        One channel at ``parameters.sample_rate``, amplitude between -1 and 1, at least
        ``n_fft`` samples.
    parameters : FeatureParameters
        Which features, and how.

    Returns
    -------
    sequence : float32 ndarray of shape (n_frames, n_features)
        As many frames as the clip has, at most ``parameters.n_frames``.

    Raises
    ------
    ValueError
        If the waveform is too short, not finite or no waveform, or if a parameter is
        out of range.
    TypeError
        If a parameter is of the wrong type.

    Examples
    --------
    >>> import numpy as np
    >>> from mfccclf import FeatureParameters, extract_sequence
    >>> tone = np.sin(2 * np.pi * 440 * np.arange(22050) / 22050)
    >>> extract_sequence(tone, FeatureParameters()).shape
    (44, 33)
    """
    parameters.validate()
    problem = waveform_problem(waveform, parameters)
    if problem:
        raise ValueError(f"The waveform {problem}")
    return compute_sequence(waveform, parameters)


def extract_file(
    path: str | PathLike[str],
    parameters: FeatureParameters,
    *,
    channel: int | None = None,
    allow_silence: bool = False,
) -> NDArray[np.float32]:
    """Read one audio file and turn it into its sequence of features.

    Parameters
    ----------
    path : path-like
        Any file that `load_waveform` can read.
    parameters : FeatureParameters
        Which features, and how; the file is resampled to its ``sample_rate``.
    channel : int or None, default=None
        Channel to use, from 0; None means the mean of all.
    allow_silence : bool, default=False
        Whether a silent file is accepted.

    Returns
    -------
    sequence : float32 ndarray of shape (n_frames, n_features)
        As many frames as the clip has, at most ``parameters.n_frames``.

    Raises
    ------
    AudioFileError
        If the file cannot be used, or is too short.
    """
    parameters.validate()
    waveform = load_clip(path, parameters, channel=channel, allow_silence=allow_silence)
    return compute_sequence(waveform, parameters)


def load_clip(
    path: str | PathLike[str],
    parameters: FeatureParameters,
    *,
    channel: int | None = None,
    allow_silence: bool = False,
) -> NDArray[np.float32]:
    """Read one audio file that is long enough for at least one frame."""
    waveform = load_waveform(
        path,
        sample_rate=parameters.sample_rate,
        channel=channel,
        allow_silence=allow_silence,
    )
    problem = waveform_problem(waveform, parameters)
    if problem:
        raise AudioFileError(f"{fspath(path)} {problem}")
    return waveform


def waveform_problem(
    waveform: NDArray[np.floating], parameters: FeatureParameters
) -> str | None:
    """Return what makes a waveform unfit, to follow its name; None if it is fit."""
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
    if len(waveform) < parameters.n_fft:
        return (
            f"has {len(waveform)} samples at {parameters.sample_rate} Hz, fewer than "
            f"n_fft={parameters.n_fft}. Pad it, or lower n_fft."
        )
    peak = max(float(waveform.max()), -float(waveform.min()))
    if not np.isfinite(peak):
        first = int(np.argmin(np.isfinite(waveform)))
        return (
            f"has the value {waveform[first]} at sample {first}. Every sample must be "
            "finite: leave the clip out, or mend it."
        )
    if peak > _ABSURD_PEAK:
        return f"reaches {peak:.3g}, which is no amplitude. Scale it to -1..1."
    n_frames = count_frames(len(waveform), parameters)
    interpolates = parameters.delta > 0 and parameters.delta_mode == "interp"
    if interpolates and n_frames < parameters.delta_width:
        return (
            f"has {n_frames} frames, fewer than delta_width={parameters.delta_width}. "
            "Lower delta_width, or take delta_mode='nearest'."
        )
    return None


def count_frames(n_samples: int, parameters: FeatureParameters) -> int:
    """Return how many frames a waveform of ``n_samples`` has before any cut."""
    padding = 2 * (parameters.n_fft // 2) if parameters.center else 0
    return 1 + (n_samples + padding - parameters.n_fft) // parameters.hop_length


def compute_sequence(
    waveform: NDArray[np.floating], parameters: FeatureParameters
) -> NDArray[np.float32]:
    """Turn a checked waveform into features; as `extract_sequence` otherwise."""
    spectrum = _spectral.short_time_spectrum(
        np.asarray(waveform, np.float32),
        parameters,
        n_kept=_frames_to_compute(parameters),
        whole_clip=_needs_whole_clip(parameters),
        with_magnitude=bool({"centroid", "contrast"} & set(parameters.blocks)),
    )
    columns = np.concatenate(_compute_blocks(spectrum, parameters), axis=1)
    orders = range(1, parameters.delta + 1)
    derivatives = [
        _spectral.derivative(
            columns,
            order=order,
            width=parameters.delta_width,
            mode=parameters.delta_mode,
        )
        for order in orders
    ]
    sequence: NDArray[np.float32] = np.concatenate(
        [columns, *derivatives], axis=1, dtype=np.float32
    )
    return sequence[: parameters.n_frames]


def _frames_to_compute(parameters: FeatureParameters) -> int | None:
    """Return how many frames ``n_frames`` needs, with those that derivatives reach."""
    if parameters.n_frames is None or parameters.delta == 0:
        return parameters.n_frames
    if parameters.delta_mode == "wrap":
        return None
    width = parameters.delta_width
    return max(parameters.n_frames + width // 2, width)


def _needs_whole_clip(parameters: FeatureParameters) -> bool:
    blocks = set(parameters.blocks)
    decibels_relative = parameters.top_db is not None or parameters.ref == "max"
    if {"mfcc", "mel"} & blocks and decibels_relative:
        return True
    if "chroma" in blocks and parameters.tuning is None:
        return True
    return "contrast" in blocks and not parameters.linear


def _compute_blocks(
    spectrum: Spectrum, parameters: FeatureParameters
) -> list[NDArray[np.floating]]:
    made: dict[str, NDArray[np.floating]] = {}
    wanted = set(parameters.blocks)
    if wanted & {"mfcc", "mel"}:
        made["mel"] = _spectral.mel_decibels(spectrum, parameters)
    if "mfcc" in wanted:
        made["mfcc"] = _spectral.cepstrum(made["mel"], parameters)
    if "centroid" in wanted:
        made["centroid"] = _spectral.spectral_centroid(spectrum, parameters)
    if "chroma" in wanted:
        made["chroma"] = _spectral.chroma(spectrum, parameters)
    if "contrast" in wanted:
        made["contrast"] = _spectral.spectral_contrast(spectrum, parameters)
    if "zero" in wanted:
        made["zero"] = np.zeros((spectrum.n_kept, 1))
    return [made[block] for block in parameters.blocks]
