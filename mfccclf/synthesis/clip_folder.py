"""Write a data set of clips: sound files, labels.csv and a manifest with hashes."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from numpy.typing import NDArray

from mfccclf._files import atomic_path
from mfccclf._hashing import hash_file, hash_text
from mfccclf.errors import DatasetError

__all__ = ["ClipFolder"]

LABELS, MANIFEST = "labels.csv", "manifest.json"
_CLIPS = "clips"
_STARTED = ".started.json"


class ClipFolder:
    """A folder that fills with clips, and goes on where an earlier run broke off.

    Each file is written whole or not at all, the labels and the manifest last: a folder
    with a manifest is complete.

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
        """Whether an earlier run has finished this very data set."""
        return (self.path / MANIFEST).is_file()

    def __contains__(self, name: str) -> bool:
        """Tell whether a clip has been written."""
        return (self.path / _CLIPS / name).is_file()

    def write(self, name: str, waveform: NDArray[np.float32], sample_rate: int) -> None:
        """Write a clip as 16-bit WAV.

        Parameters
        ----------
        name : str
            Name of the file.
        waveform : float32 ndarray of shape (n_samples,) or (n_samples, n_channels)
            Amplitude between -1 and 1; what is louder is cut off.
        sample_rate : int
            Samples per second.
        """
        scaled = np.rint(waveform * 32768).clip(-32768, 32767).astype(np.int16)
        with atomic_path(self.path / _CLIPS / name) as temporary:
            soundfile.write(temporary, scaled, sample_rate, subtype="PCM_16")

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
            Columns of labels.csv but for "path", one per clip.
        manifest : mapping
            What there is to know of the data set.
        clips : sequence of mapping
            What there is to know of each clip; "name" is its file. Size and SHA-256
            are added.
        """
        table = io.StringIO()
        columns = ["path", *rows[0]]
        writer = csv.DictWriter(table, columns, lineterminator="\n")
        writer.writeheader()
        for clip, row in zip(clips, rows, strict=True):
            writer.writerow({"path": f"{_CLIPS}/{clip['name']}", **row})
        listed = [
            {**clip, **hash_file(self.path / _CLIPS / clip["name"])._asdict()}
            for clip in clips
        ]
        self._write_text(LABELS, table.getvalue())
        whole = {**manifest, "identity": self._identity, "clips": listed}
        text = json.dumps(whole, indent=1, ensure_ascii=False, sort_keys=True)
        self._write_text(MANIFEST, f"{text}\n")
        (self.path / _STARTED).unlink(missing_ok=True)

    def _prepare(self) -> None:
        try:
            found = sorted(entry.name for entry in self.path.iterdir())
        except FileNotFoundError:
            found = []
        except OSError as exc:
            raise DatasetError(
                f"{self.path} cannot be used as a folder: {exc.strerror}. Name another."
            ) from exc
        if found and self._identity_there() != self._identity:
            raise DatasetError(
                f"Folder {self.path} is not empty (it holds {found[0]}), nor the "
                "beginning of the same data set. Name a new folder."
            )
        if found:
            return
        try:
            (self.path / _CLIPS).mkdir(parents=True)
        except OSError as exc:
            raise DatasetError(
                f"Folder {self.path} cannot be made: {exc.strerror}. Name another."
            ) from exc
        self._write_text(_STARTED, json.dumps({"identity": self._identity}))

    def _identity_there(self) -> str | None:
        for name in (MANIFEST, _STARTED):
            try:
                values = json.loads((self.path / name).read_text(encoding="utf-8"))
                return str(values["identity"])
            except (OSError, ValueError, KeyError, TypeError):
                continue
        return None

    def _write_text(self, name: str, text: str) -> None:
        with atomic_path(self.path / name) as temporary:
            temporary.write_text(text, encoding="utf-8")
