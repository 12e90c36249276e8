"""The way from a sound file to X, as a model file describes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from os import PathLike
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from mfccclf.features._recipe import Recipe, load_clip
from mfccclf.features.extraction import FeatureRecipe
from mfccclf.features.frames import FrameParameters
from mfccclf.features.parameters import FeatureParameters

__all__ = ["FRONT_ENDS", "ClipFrontEnd", "FrontEnd"]


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
class ClipFrontEnd:
    """A transformer of clips, such as `mfccclf.MFCCExtractor`, without scikit-learn."""

    recipe: Recipe
    channel: int | None = None
    allow_silence: bool = False

    @property
    def sample_rate(self) -> int:
        """Rate of the waveforms, in Hz."""
        return self.recipe.sample_rate

    @property
    def n_features(self) -> int:
        """Values per frame."""
        return self.recipe.n_features

    def load(self, path: str | PathLike[str]) -> NDArray[np.float32]:
        """Read a file as a waveform that is long enough."""
        return load_clip(
            path, self.recipe, channel=self.channel, allow_silence=self.allow_silence
        )

    def check(self, waveform: NDArray[np.float32]) -> None:
        """Raise `ValueError` if the waveform cannot be used."""
        problem = self.recipe.problem(waveform)
        if problem:
            raise ValueError(f"The waveform {problem}")

    def extract(self, waveform: NDArray[np.float32]) -> NDArray[np.float32]:
        """Turn a checked waveform into its features."""
        return self.recipe.compute(waveform)


def _mfcc_recipe(parameters: Mapping[str, Any]) -> Recipe:
    return FeatureRecipe(FeatureParameters.from_dict(parameters).validate())


def _frame_recipe(parameters: Mapping[str, Any]) -> Recipe:
    return FrameParameters.from_dict(parameters).validate()


_RECIPES: Mapping[str, Callable[[Mapping[str, Any]], Recipe]] = {
    "MFCCExtractor": _mfcc_recipe,
    "PooledWaveformFrames": _frame_recipe,
    "WaveformFrames": _frame_recipe,
}


def _make_front_end(config: Mapping[str, Any]) -> FrontEnd:
    """Make one from a model file's ``front_end``.

    Raises
    ------
    KeyError, TypeError or ValueError
        If it is not valid.
    """
    return ClipFrontEnd(
        _RECIPES[config["class"]](config["parameters"]),
        channel=config.get("channel"),
        allow_silence=bool(config.get("allow_silence", False)),
    )


FRONT_ENDS: Mapping[str, Callable[[Mapping[str, Any]], FrontEnd]] = dict.fromkeys(
    _RECIPES, _make_front_end
)
