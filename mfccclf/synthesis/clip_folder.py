"""Data sets of clips written to disk: sound files, labels.csv and a manifest."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any, Protocol, TypeVar

import numpy as np
import soundfile
from numpy.typing import NDArray

from mfccclf._files import atomic_path, sweep_all_remains
from mfccclf._hashing import hash_file, hash_text
from mfccclf._typing import Progress
from mfccclf.errors import DatasetError

__all__ = ["ClipFolder", "MadeClips", "relative_name", "write_pcm16"]

_LABELS_NAME, _MANIFEST_NAME = "labels.csv", "manifest.json"
_CLIPS = "clips"
_STARTED_NAME = ".started.json"


class _Named(Protocol):
    @property
    def name(self) -> str: ...


Planned = TypeVar("Planned", bound=_Named)


@dataclass(frozen=True, kw_only=True)
class MadeClips:
    """A data set that was made.

    Attributes
    ----------
    folder : pathlib.Path
        Where: clips, labels.csv and manifest.json.
    """

    folder: Path

    @property
    def table(self) -> Path:
        """The table of labels, which `mfccclf.load_dataset` reads."""
        return self.folder / _LABELS_NAME


class ClipFolder:
    """A folder to write clips into, so that an interrupted run can be resumed.

    Each file is written whole or not at all, labels and manifest last: a folder with a
    manifest is complete.

    Parameters
    ----------
    path : path-like
        Folder to make; it must be empty, or hold the beginning of the same data set.
    identity : mapping
        All that the clips depend on, as plain data.

    Raises
    ------
    DatasetError
        If the folder holds something else, or cannot be made.
    """

    def __init__(self, path: str | PathLike[str], identity: Mapping[str, Any]) -> None:
        self.path = Path(path)
        self._identity = hash_text(json.dumps(identity, sort_keys=True))
        self._prepare()

    @property
    def is_complete(self) -> bool:
        """Whether this very data set has been finished."""
        return (self.path / _MANIFEST_NAME).is_file()

    def fill(
        self,
        clips: Sequence[Planned],
        render: Callable[[Planned], NDArray[np.float32]],
        sample_rate: int,
        *,
        on_progress: Progress | None = None,
    ) -> int:
        """Write the clips that are not there yet, as 16-bit WAV files.

        Parameters
        ----------
        clips : sequence of objects
            All clips; ``name`` is the name of the file.
        render : callable
            Makes the waveform of a clip: float32, of shape (n_samples,) or (n_samples,
            n_channels).
        sample_rate : int
            Samples per second.
        on_progress : callable, optional
            Called as ``on_progress(done, total)``.

        Returns
        -------
        n_written : int
            Clips that this call wrote.
        """
        n_written = 0
        for done, clip in enumerate(clips, start=1):
            path = self.path / _CLIPS / clip.name
            if not path.is_file():
                with atomic_path(path) as temporary:
                    write_pcm16(temporary, render(clip), sample_rate)
                n_written += 1
            if on_progress is not None:
                on_progress(done, len(clips))
        return n_written

    def finish(
        self,
        rows: Sequence[Mapping[str, str]],
        manifest: Mapping[str, Any],
        clips: Sequence[Mapping[str, Any]],
    ) -> None:
        """Write labels.csv and the manifest.

        Parameters
        ----------
        rows : sequence of mapping
            Columns of labels.csv except "path", one row per clip.
        manifest : mapping
            What to record of the data set.
        clips : sequence of mapping
            What to record of each clip; "name" is its file. Size and SHA-256 are added.
        """
        table = io.StringIO()
        writer = csv.DictWriter(table, ["path", *rows[0]], lineterminator="\n")
        writer.writeheader()
        for clip, row in zip(clips, rows, strict=True):
            writer.writerow({"path": f"{_CLIPS}/{clip['name']}", **row})
        listed = [
            {**clip, **hash_file(self.path / _CLIPS / clip["name"])._asdict()}
            for clip in clips
        ]
        self._write_text(_LABELS_NAME, table.getvalue())
        whole = {**manifest, "identity": self._identity, "clips": listed}
        text = json.dumps(whole, indent=1, ensure_ascii=False, sort_keys=True)
        self._write_text(_MANIFEST_NAME, f"{text}\n")
        (self.path / _STARTED_NAME).unlink(missing_ok=True)

    def _prepare(self) -> None:
        found = self._list()
        if found and self._recorded_identity() != self._identity:
            raise DatasetError(
                f"Folder {self.path} is not empty: it holds {found[0]}, but not the "
                "beginning of this data set. Name a new folder."
            )
        if not found:
            self._make()
        sweep_all_remains(self.path / _CLIPS)

    def _list(self) -> list[str]:
        try:
            return sorted(entry.name for entry in self.path.iterdir())
        except FileNotFoundError:
            return []
        except OSError as exc:
            raise DatasetError(
                f"{self.path} cannot be used as a folder: {exc.strerror}. Name another."
            ) from exc

    def _make(self) -> None:
        try:
            (self.path / _CLIPS).mkdir(parents=True)
        except OSError as exc:
            raise DatasetError(
                f"Folder {self.path} cannot be made: {exc.strerror}. Name another."
            ) from exc
        self._write_text(_STARTED_NAME, json.dumps({"identity": self._identity}))

    def _recorded_identity(self) -> str | None:
        for name in (_MANIFEST_NAME, _STARTED_NAME):
            try:
                values = json.loads((self.path / name).read_text(encoding="utf-8"))
                return str(values["identity"])
            except (OSError, ValueError, KeyError, TypeError):
                continue
        return None

    def _write_text(self, name: str, text: str) -> None:
        with atomic_path(self.path / name) as temporary:
            temporary.write_text(text, encoding="utf-8")


def relative_name(path: Path, root: Path) -> str:
    """Return a path relative to a folder where it lies below it, else as it is."""
    return (path.relative_to(root) if path.is_relative_to(root) else path).as_posix()


def write_pcm16(path: Path, waveform: NDArray[np.float32], sample_rate: int) -> None:
    """Write a waveform as a 16-bit WAV file.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    waveform : float32 ndarray of shape (n_samples,) or (n_samples, n_channels)
        Amplitude between -1 and 1; louder samples are clipped.
    sample_rate : int
        Samples per second.
    """
    scaled = np.rint(waveform * 32768).clip(-32768, 32767).astype(np.int16)
    soundfile.write(path, scaled, sample_rate, subtype="PCM_16")
