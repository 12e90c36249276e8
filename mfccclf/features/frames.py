"""Waveforms cut into frames, for nets that read samples instead of features."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from mfccclf._parameters import checked_values, document, optional, parameter
from mfccclf._validation import argument_error, check_int, check_real
from mfccclf.features.plain import PlainParameters
from mfccclf.features.waveform_problems import sample_problem, shape_problem

__all__ = ["READ_FULL_SCALE", "FrameParameters", "make_frame_extraction"]

# What libsndfile and load_waveform divide 16-bit samples by.
READ_FULL_SCALE = 32768


_at_least_one = partial(check_int, minimum=1)


@document()
@dataclass(frozen=True, kw_only=True)
class FrameParameters(PlainParameters):
    """Everything that decides how a waveform is cut into frames.

    Immutable, comparable and hashable. Nothing is checked before `validate`.

    Parameters
    ----------
    {parameters}

    Examples
    --------
    >>> from mfccclf.features import FrameParameters
    >>> FrameParameters(frame_length=160, pooling=4).validate().frame_length
    160
    """

    cache_kind: ClassVar[str] = "FrameParameters"

    sample_rate: int = parameter(
        16000,
        "int",
        "Rate of the waveforms in Hz; files are resampled to it.",
        check=_at_least_one,
    )
    duration: float | None = parameter(
        1.0,
        "float or None",
        "Seconds to keep from the start of a clip, rounded down to whole frames; None "
        "keeps all.",
        check=optional(check_real, above=0),
    )
    frame_length: int = parameter(
        160, "int", "Samples per frame; frames do not overlap.", check=_at_least_one
    )
    pooling: int = parameter(
        1,
        "int",
        "Successive samples that are averaged into one value; divides "
        "``frame_length``.",
        check=_at_least_one,
    )
    full_scale: int = parameter(
        32767,
        "int",
        "Value of a 16-bit sample that stands for 1; 32768 leaves waveforms as "
        "`load_waveform` gives them.",
        check=_at_least_one,
    )

    @property
    def n_frames(self) -> int | None:
        """Most frames of a sequence: the whole frames within ``duration``."""
        if self.duration is None:
            return None
        return round(self.duration * self.sample_rate) // self.frame_length

    @property
    def n_features(self) -> int:
        """Values per frame."""
        return self.frame_length // self.pooling

    @property
    def frame_step_s(self) -> float:
        """Seconds from one frame to the next."""
        return self.frame_length / self.sample_rate

    @property
    def feature_names(self) -> list[str]:
        """Names of the columns: "sample_0" and so on, in order of time."""
        return [f"sample_{index}" for index in range(self.n_features)]

    def validate(self, *, owner: object = None) -> FrameParameters:
        """Check every parameter, as `FeatureParameters.validate` does.

        Parameters
        ----------
        owner : object, default=None
            What an error says the parameter belongs to; None means this object.

        Returns
        -------
        self : FrameParameters
            The same values.

        Raises
        ------
        ValueError, TypeError
            If a value is out of range, of a wrong type, or does not fit another.
        """
        owner = self if owner is None else owner
        checked_values(type(self), self, owner=owner)
        if self.frame_length % self.pooling:
            expected = f"a divisor of frame_length={self.frame_length}"
            raise argument_error("pooling", self.pooling, expected, owner=owner)
        if self.n_frames == 0:
            expected = (
                f"at least {self.frame_length / self.sample_rate:g} s, one frame of "
                f"frame_length={self.frame_length} at {self.sample_rate} Hz"
            )
            raise argument_error("duration", self.duration, expected, owner=owner)
        return self

    def problem(self, waveform: NDArray[np.floating]) -> str | None:
        """Return why a waveform is unfit, to follow its name; None if it is fit."""
        return shape_problem(waveform) or sample_problem(waveform)

    def compute_each(
        self, waveforms: Sequence[NDArray[np.floating]]
    ) -> list[NDArray[np.float32]]:
        """Cut checked waveforms into frames, as `compute` does each."""
        return [self.compute(waveform) for waveform in waveforms]

    def compute(self, waveform: NDArray[np.floating]) -> NDArray[np.float32]:
        """Cut a checked waveform into frames.

        Parameters
        ----------
        waveform : floating ndarray of shape (n_samples,)
            One channel at ``sample_rate``, amplitude between -1 and 1.

        Returns
        -------
        sequence : float32 ndarray of shape (n_frames, n_features)
            As many frames as the clip reaches into, at most ``n_frames``; the last is
            padded with zeros.
        """
        n_frames = -(-len(waveform) // self.frame_length)
        if self.n_frames is not None:
            n_frames = min(n_frames, self.n_frames)
        kept = np.asarray(waveform[: n_frames * self.frame_length], np.float32)
        padded = np.zeros(n_frames * self.frame_length, np.float32)
        padded[: len(kept)] = kept * np.float32(READ_FULL_SCALE)
        padded /= np.float32(self.full_scale)
        if self.pooling > 1:
            padded = padded.reshape(-1, self.pooling).mean(axis=1)
        return padded.reshape(n_frames, self.n_features)


def make_frame_extraction(
    parameters: Mapping[str, Any], graphs: Mapping[str, bytes]
) -> FrameParameters:
    """Make an extraction from the plain values that a model file holds.

    Parameters
    ----------
    parameters : mapping
        As `FrameParameters.to_dict` returns them.
    graphs : mapping of str to bytes
        Not used: these numbers need no net.

    Returns
    -------
    extraction : FrameParameters
        Checked.

    Raises
    ------
    ValueError, TypeError
        If a parameter is unknown, out of range or of the wrong type.
    """
    return FrameParameters.from_dict(parameters).validate()
