"""The way from a sound file to X, as a model file describes it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from mfccclf.errors import AudioFileError
from mfccclf.features.protocol import Extraction, load_clip, load_clips
from mfccclf.step_kinds import STEP_KINDS, fetch
from mfccclf.waveform import RawFormat, Reading
from mfccclf.waveform.paths import AnySource

__all__ = ["FRONT_ENDS", "ClipFrontEnd", "FrontEnd"]


class FrontEnd(Protocol):
    """What prediction needs of a front end; one per class of first steps."""

    @property
    def sample_rate(self) -> int:
        """Rate of the waveforms, in Hz."""

    @property
    def n_features(self) -> int:
        """Values per frame."""

    @property
    def reach_s(self) -> float | None:
        """Seconds of a clip that are looked at, from its start; None for all."""

    @property
    def reading(self) -> Reading:
        """How sound files are read."""

    def load(
        self, path: AnySource, *, raw: RawFormat | None = None
    ) -> NDArray[np.float32]:
        """Read a file as a waveform (n_samples,), or raise `AudioFileError`."""

    def load_each(
        self, paths: Sequence[AnySource], *, raw: RawFormat | None = None
    ) -> Iterator[NDArray[np.float32] | AudioFileError]:
        """Read file after file, some ahead; an error is handed out, not raised."""

    def problem(self, waveform: NDArray[np.float32]) -> str | None:
        """Return what makes a waveform unfit, to follow its name; None if it is fit."""

    def extract_each(
        self, waveforms: Sequence[NDArray[np.float32]]
    ) -> list[NDArray[np.float32]]:
        """Turn checked waveforms into sequences (n_frames, n_features)."""


@dataclass(frozen=True)
class ClipFrontEnd:
    """A transformer of clips, such as `mfccclf.MFCCExtractor`, without scikit-learn."""

    extraction: Extraction
    reading: Reading

    @property
    def sample_rate(self) -> int:
        """Rate of the waveforms, in Hz."""
        return self.extraction.sample_rate

    @property
    def n_features(self) -> int:
        """Values per frame."""
        return self.extraction.n_features

    @property
    def reach_s(self) -> float | None:
        """Seconds of a clip that are looked at, from its start; None for all."""
        n_frames = self.extraction.n_frames
        return None if n_frames is None else n_frames * self.extraction.frame_step_s

    def load(
        self, path: AnySource, *, raw: RawFormat | None = None
    ) -> NDArray[np.float32]:
        """Read a file as a waveform that is long enough."""
        return load_clip(path, self.extraction, self.reading.with_raw(raw))

    def load_each(
        self, paths: Sequence[AnySource], *, raw: RawFormat | None = None
    ) -> Iterator[NDArray[np.float32] | AudioFileError]:
        """Read file after file, some ahead; an error is handed out, not raised."""
        return load_clips(paths, self.extraction, self.reading.with_raw(raw))

    def problem(self, waveform: NDArray[np.float32]) -> str | None:
        """Return what makes a waveform unfit, to follow its name; None if it is fit."""
        return self.extraction.problem(waveform)

    def extract_each(
        self, waveforms: Sequence[NDArray[np.float32]]
    ) -> list[NDArray[np.float32]]:
        """Turn checked waveforms into their features."""
        return self.extraction.compute_each(waveforms)


def _make_front_end(config: Mapping[str, Any]) -> FrontEnd:
    """Make one from a model file's ``front_end``.

    Raises
    ------
    KeyError, TypeError or ValueError
        If it is not valid.
    """
    name = config["class"]
    make_extraction = fetch(STEP_KINDS[name].extraction)
    reading = Reading(config.get("channel"), bool(config.get("allow_silence", False)))
    extraction: Extraction = make_extraction(config["parameters"])
    return ClipFrontEnd(extraction, reading.checked(owner=name))


FRONT_ENDS: Mapping[str, Callable[[Mapping[str, Any]], FrontEnd]] = {
    name: _make_front_end
    for name, kind in STEP_KINDS.items()
    if kind.place == "front end"
}
