"""The way from a sound file to X, as a model file describes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from os import PathLike
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from mfccclf.features.extraction import compute_sequence, load_clip, waveform_problem
from mfccclf.features.parameters import FeatureParameters

__all__ = ["FRONT_ENDS", "FrontEnd", "MFCCFrontEnd"]


class FrontEnd(Protocol):
    """What prediction needs of a front end; one per class of first steps."""

    @property
    def sample_rate(self) -> int:
        """Rate of the waveforms, in Hz."""

    @property
    def n_features(self) -> int:
        """Values per frame."""

    def load(self, path: str | PathLike[str]) -> NDArray[np.float32]:
        """Read a file as a waveform (n_samples,), or raise `AudioFileError`."""

    def check(self, waveform: NDArray[np.float32]) -> None:
        """Raise `ValueError` if the waveform cannot be used."""

    def extract(self, waveform: NDArray[np.float32]) -> NDArray[np.float32]:
        """Turn a checked waveform into a sequence (n_frames, n_features)."""


@dataclass(frozen=True)
class MFCCFrontEnd:
    """`mfccclf.MFCCExtractor` without scikit-learn."""

    parameters: FeatureParameters
    channel: int | None = None
    allow_silence: bool = False

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> MFCCFrontEnd:
        """Make one from a model file's ``front_end``; ValueError if it is not valid."""
        parameters = FeatureParameters.from_dict(config["parameters"])
        return cls(
            parameters.validate(),
            channel=config.get("channel"),
            allow_silence=bool(config.get("allow_silence", False)),
        )

    @property
    def sample_rate(self) -> int:
        """Rate of the waveforms, in Hz."""
        return self.parameters.sample_rate

    @property
    def n_features(self) -> int:
        """Values per frame."""
        return self.parameters.n_features

    def load(self, path: str | PathLike[str]) -> NDArray[np.float32]:
        """Read a file as a waveform that is long enough."""
        return load_clip(
            path,
            self.parameters,
            channel=self.channel,
            allow_silence=self.allow_silence,
        )

    def check(self, waveform: NDArray[np.float32]) -> None:
        """Raise `ValueError` if the waveform cannot be used."""
        problem = waveform_problem(waveform, self.parameters)
        if problem:
            raise ValueError(f"The waveform {problem}")

    def extract(self, waveform: NDArray[np.float32]) -> NDArray[np.float32]:
        """Turn a checked waveform into its features."""
        return compute_sequence(waveform, self.parameters)


FRONT_ENDS: Mapping[str, Callable[[Mapping[str, Any]], FrontEnd]] = {
    "MFCCExtractor": MFCCFrontEnd.from_config,
}
