"""From one clip to its sequence of features, with NumPy alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from mfccclf._batching import batch_by_size
from mfccclf.features.blocks import BLOCKS
from mfccclf.features.clip_loading import load_clip
from mfccclf.features.derivatives import append_derivatives, count_frames_to_compute
from mfccclf.features.overlaps import are_parts_of_one, find_overlap
from mfccclf.features.parameters import FeatureParameters
from mfccclf.features.spectrum import Earlier, Spectrum, short_time_spectrum
from mfccclf.features.trimming import trimmed
from mfccclf.features.waveform_problems import sample_problem, shape_problem
from mfccclf.waveform import Reading

# Most frames computed together: their spectrum stays in the processor's cache.
_MOST_FRAMES = 192


def extract_sequence(
    waveform: NDArray[np.floating], parameters: FeatureParameters
) -> NDArray[np.float32]:
    """Turn one waveform into its sequence of features.

    The numbers equal librosa's for the whole clip, within float32's rounding; frames
    past ``n_frames`` are cut off afterwards.

    Parameters
    ----------
    waveform : floating ndarray of shape (n_samples,)
        One channel at ``parameters.sample_rate``, amplitude between -1 and 1, at least
        ``n_fft`` samples.
    parameters : FeatureParameters
        Which features to compute.

    Returns
    -------
    sequence : float32 ndarray of shape (n_frames, n_features)
        As many frames as the clip has, at most ``parameters.n_frames``.

    Raises
    ------
    ValueError
        If the waveform is too short, not finite or not a waveform, or if a parameter
        is out of range.
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
        Which features to compute; the file is resampled to its ``sample_rate``.
    channel : int or None, default=None
        Channel to use, from 0; None means the mean of all.
    allow_silence : bool, default=False
        Whether a silent file is accepted.

    Returns
    -------
    sequence : float32 ndarray of shape (n_frames, n_features)
        As from `extract_sequence`.

    Raises
    ------
    AudioFileError
        If the file cannot be used, or is too short.

    Examples
    --------
    >>> import tempfile, numpy as np, soundfile
    >>> from mfccclf import FeatureParameters
    >>> from mfccclf.features import extract_file
    >>> tone = np.sin(2 * np.pi * 440 * np.arange(22050) / 22050)
    >>> with tempfile.NamedTemporaryFile(suffix=".wav") as file:
    ...     soundfile.write(file.name, tone, 22050)
    ...     extract_file(file.name, FeatureParameters(features=33)).shape
    (44, 33)
    """
    parameters.validate()
    extraction = FeatureExtraction(parameters)
    reading = Reading(channel, allow_silence).checked(owner="extract_file")
    waveform = load_clip(path, extraction, reading)
    return compute_sequence(waveform, parameters)


@dataclass(frozen=True)
class FeatureExtraction:
    """Features computed by NumPy; a `mfccclf.features.protocol.Extraction`."""

    # Stands in the keys of existing caches, so it keeps the class's first name.
    cache_kind: ClassVar[str] = "FeatureRecipe"

    parameters: FeatureParameters

    @property
    def sample_rate(self) -> int:
        """Rate of the waveforms, in Hz."""
        return self.parameters.sample_rate

    @property
    def n_frames(self) -> int | None:
        """Frames that are kept."""
        return self.parameters.n_frames

    @property
    def n_features(self) -> int:
        """Values per frame."""
        return self.parameters.n_features

    @property
    def frame_step_s(self) -> float:
        """Seconds from a frame to the next."""
        return self.parameters.hop_length / self.parameters.sample_rate

    def problem(self, waveform: NDArray[np.floating]) -> str | None:
        """Return what makes a waveform unfit, to follow its name; None if it is fit."""
        return waveform_problem(waveform, self.parameters)

    def compute_each(
        self, waveforms: Sequence[NDArray[np.floating]]
    ) -> list[NDArray[np.float32]]:
        """Turn checked waveforms into their sequences."""
        return compute_sequences(waveforms, self.parameters)


def make_feature_extraction(
    parameters: Mapping[str, Any], graphs: Mapping[str, bytes]
) -> FeatureExtraction:
    """Make an extraction from the plain values that a model file holds.

    Parameters
    ----------
    parameters : mapping
        As `FeatureParameters.to_dict` returns them.
    graphs : mapping of str to bytes
        Not used: these numbers need no net.

    Returns
    -------
    extraction : FeatureExtraction
        Checked.

    Raises
    ------
    ValueError, TypeError
        If a parameter is unknown, out of range or of a wrong type.
    """
    return FeatureExtraction(FeatureParameters.from_dict(parameters).validate())


def waveform_problem(
    waveform: NDArray[np.floating], parameters: FeatureParameters
) -> str | None:
    """Return what makes a waveform unfit, to follow its name; None if it is fit."""
    return (
        shape_problem(waveform)
        or _length_problem(len(waveform), parameters)
        or sample_problem(waveform)
        or _derivative_problem(len(waveform), parameters)
    )


def _length_problem(n_samples: int, parameters: FeatureParameters) -> str | None:
    if n_samples >= parameters.n_fft:
        return None
    return (
        f"has {n_samples} samples at {parameters.sample_rate} Hz, fewer than "
        f"n_fft={parameters.n_fft}. Pad it, or lower n_fft."
    )


def _derivative_problem(n_samples: int, parameters: FeatureParameters) -> str | None:
    n_frames = parameters.count_frames(n_samples)
    if not parameters.interpolates or n_frames >= parameters.delta_width:
        return None
    return (
        f"has {n_frames} frames, fewer than delta_width={parameters.delta_width}. "
        "Lower delta_width, or take delta_mode='nearest'."
    )


def compute_sequence(
    waveform: NDArray[np.floating], parameters: FeatureParameters
) -> NDArray[np.float32]:
    """Turn a checked waveform into features; as `extract_sequence` otherwise."""
    (sequence,) = compute_sequences([waveform], parameters)
    return sequence


def compute_sequences(
    waveforms: Sequence[NDArray[np.floating]], parameters: FeatureParameters
) -> list[NDArray[np.float32]]:
    """Turn checked waveforms into features; short ones together, in less time.

    The numbers are those of each waveform alone.
    """
    most = count_frames_to_compute(parameters)

    def size_of(sound: NDArray[np.float32]) -> int:
        n_frames = parameters.count_frames(len(sound))
        # Together only where all frames are kept.
        return n_frames if most is None or n_frames <= most else _MOST_FRAMES

    sounds = (trimmed(waveform, parameters) for waveform in waveforms)
    batches = batch_by_size(
        sounds, max_items=_MOST_FRAMES, size_of=size_of, max_size=_MOST_FRAMES
    )
    if are_parts_of_one(waveforms):
        spectra = _spectra_in_turn(batches, parameters)
    else:
        spectra = (_compute_spectrum(batch, parameters) for batch in batches)
    return [
        sequence
        for spectrum in spectra
        for sequence in _compute_columns(spectrum, parameters)
    ]


def _spectra_in_turn(
    batches: Iterable[list[NDArray[np.float32]]], parameters: FeatureParameters
) -> Iterator[Spectrum]:
    """Yield spectra, of which each takes over what it shares with the one before."""
    earlier: NDArray[np.float32] | None = None
    spectrum: Spectrum | None = None
    for batch in batches:
        shared = None
        if earlier is not None and spectrum is not None and len(batch) == 1:
            known = spectrum.n_kept if len(spectrum.magnitude) else len(spectrum.power)
            overlap = find_overlap(earlier, batch[0], parameters, n_known=known)
            shared = overlap and spectrum.share(overlap)
        spectrum = _compute_spectrum(batch, parameters, shared)
        earlier = batch[0] if len(batch) == 1 else None
        yield spectrum


def _compute_spectrum(
    sounds: list[NDArray[np.float32]],
    parameters: FeatureParameters,
    earlier: Earlier | None = None,
) -> Spectrum:
    blocks = [BLOCKS[name] for name in parameters.blocks]
    return short_time_spectrum(
        sounds,
        parameters,
        n_kept=count_frames_to_compute(parameters),
        whole_clip=any(block.needs_whole_clip(parameters) for block in blocks),
        with_magnitude=any(block.needs_magnitude for block in blocks),
        earlier=earlier,
    )


def _compute_columns(
    spectrum: Spectrum, parameters: FeatureParameters
) -> list[NDArray[np.float32]]:
    made = {n: BLOCKS[n].compute(spectrum, parameters) for n in parameters.blocks}
    columns = np.concatenate([made[name] for name in parameters.blocks], axis=1)
    return [
        append_derivatives(columns[rows], parameters)[: parameters.n_frames]
        for rows in spectrum.kept
    ]
