"""Recordings that arrive while they are made; what has arrived is never lost."""

from __future__ import annotations

import json
import os
import re
import secrets
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from mfccclf.studio.cutting import cut_at_pauses
from mfccclf.studio.journal import write_json
from mfccclf.studio.names import check_label
from mfccclf.studio.problems import StudioError
from mfccclf.studio.project import Project
from mfccclf.studio.sound import KeptSound
from mfccclf.waveform import Waveform

__all__ = ["LiveRecording", "Recordings"]

_ID = re.compile(r"[0-9]{8}-[0-9]{6}-[0-9a-f]{4}")
_BYTES = 2  # of a sample
_LONGEST_S = 1800.0
_LONGEST_PIECE_S = 30.0
_RATES = (8000, 192_000)


@dataclass(frozen=True, kw_only=True)
class LiveRecording:
    """A recording that is being made.

    Attributes
    ----------
    id : str
        Its name.
    label : str
        What it is of.
    sample_rate : int
        In Hz; it has one channel of 16-bit samples.
    at_pauses : bool
        Whether each piece between pauses becomes a clip as soon as it is over.
    group : str
        Who or what is recorded.
    settled : int
        Samples that have become clips, or are none.
    """

    id: str
    label: str
    sample_rate: int
    at_pauses: bool
    group: str
    settled: int = 0


class Recordings:
    """The recordings of a project that are being made.

    Each has a file of samples that grows, so whatever process dies, the sound that has
    arrived becomes clips later.

    Parameters
    ----------
    project : Project
        Takes the clips.
    """

    def __init__(self, project: Project) -> None:
        self._project = project
        self._home = project.home / "recordings"
        self._home.mkdir(exist_ok=True)

    def begin(
        self, label: str, sample_rate: int, *, at_pauses: bool = False, group: str = ""
    ) -> LiveRecording:
        """Begin a recording.

        Raises
        ------
        StudioError
            If no data set could have the label, or the rate is none of a microphone.
        """
        least, most = _RATES
        if not least <= sample_rate <= most:
            raise StudioError(
                f"Recordings have {least} to {most} Hz. Got {sample_rate} instead."
            )
        name = f"{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(2)}"
        recording = LiveRecording(
            id=name,
            label=check_label(label),
            sample_rate=sample_rate,
            at_pauses=at_pauses,
            group=group[:60],
        )
        with self._project.lock:
            self._samples(name).touch()
            self._note(recording)
        return recording

    def append(self, name: str, offset: int, content: bytes) -> tuple[int, list[str]]:
        """Add samples to a recording.

        Parameters
        ----------
        name : str
            The recording.
        offset : int
            Samples that the sender has sent before. Those that have arrived already
            are passed over, so a part may be sent twice.
        content : bytes
            Samples: 16 bits, little end first, one channel.

        Returns
        -------
        n_samples : int
            Samples that have arrived; the sender goes on from there.
        clips : list of str
            Clips that came into being.
        """
        with self._project.lock:
            recording = self._find(name)
            path = self._samples(name)
            size = path.stat().st_size // _BYTES
            new = content[(size - offset) * _BYTES :] if 0 <= offset <= size else b""
            new = new[: len(new) // _BYTES * _BYTES]
            if size + len(new) // _BYTES > _LONGEST_S * recording.sample_rate:
                raise StudioError("A recording lasts half an hour at most. End it.")
            # Cut to whole samples first: a killed process may have left half of one.
            os.truncate(path, size * _BYTES)
            with path.open("ab") as file:
                file.write(new)
            clips = self._cut(recording, is_complete=False) if new else []
            return size + len(new) // _BYTES, clips

    def finish(self, name: str) -> list[str]:
        """End a recording; return the clips that came into being at last."""
        with self._project.lock:
            recording = self._find(name)
            clips = self._cut(recording, is_complete=True)
            self._note_path(name).unlink()
            self._samples(name).unlink(missing_ok=True)
            return clips

    def discard(self, name: str) -> None:
        """End a recording whose last clips go to the bin."""
        with self._project.lock:
            clips = self.finish(name)
            if clips:
                self._project.delete(clips)

    def unfinished(self) -> Sequence[tuple[LiveRecording, float]]:
        """Return the recordings that have not ended, and their seconds."""
        with self._project.lock:
            names = sorted(path.stem for path in self._home.glob("*.json"))
            found = [self._find(name) for name in names if _ID.fullmatch(name)]
            return [(one, self._seconds_left(one)) for one in found]

    def _seconds_left(self, recording: LiveRecording) -> float:
        size = self._samples(recording.id).stat().st_size // _BYTES
        return max(0, size - recording.settled) / recording.sample_rate

    def _cut(self, recording: LiveRecording, *, is_complete: bool) -> list[str]:
        """Make clips of what has not become any yet."""
        if not (is_complete or recording.at_pauses):
            return []
        sound = self._read(recording)
        if not len(sound):
            return []
        if not recording.at_pauses:
            return self._keep(recording, sound, recording.settled)
        # What has no pause is cut all the same, rather than looked at for ever longer.
        is_due = is_complete or len(sound) > _LONGEST_PIECE_S * recording.sample_rate
        cut = cut_at_pauses(sound, recording.sample_rate, is_complete=is_due)
        clips: list[str] = []
        for start, end in cut.pieces:
            place = recording.settled + start
            clips += self._keep(recording, sound[start:end], place)
        settled = recording.settled + cut.settled
        self._note(replace(recording, settled=settled))
        return clips

    def _keep(self, recording: LiveRecording, sound: Waveform, place: int) -> list[str]:
        stem = recording.id
        if recording.at_pauses:
            stem += f"-at-{place / recording.sample_rate:.2f}s"
        return self._project.add(
            recording.label,
            f"{stem}.wav",
            KeptSound(sound[:, np.newaxis], recording.sample_rate),
            group=recording.group,
            mark=f"{recording.id}:{place}",
        )

    def _read(self, recording: LiveRecording) -> Waveform:
        path = self._samples(recording.id)
        kept = np.fromfile(path, "<i2", offset=recording.settled * _BYTES)
        return kept.astype(np.float32) / np.float32(32768)

    def _find(self, name: str) -> LiveRecording:
        if not _ID.fullmatch(name) or not self._note_path(name).is_file():
            raise StudioError(f"There is no recording {name[:40]!r} any more.")
        return LiveRecording(**json.loads(self._note_path(name).read_text("utf-8")))

    def _note(self, recording: LiveRecording) -> None:
        write_json(self._note_path(recording.id), asdict(recording))

    def _note_path(self, name: str) -> Path:
        return self._home / f"{name}.json"

    def _samples(self, name: str) -> Path:
        return self._home / f"{name}.pcm"
