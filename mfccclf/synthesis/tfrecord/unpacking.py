"""Unpack NSynth's TFRecord files into sound files, in its JSON layout."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any, TextIO

import numpy as np
import soundfile
from numpy.typing import NDArray

from mfccclf._files import atomic_folder
from mfccclf._typing import Progress
from mfccclf._validation import argument_error
from mfccclf.errors import DatasetError
from mfccclf.synthesis.tfrecord.example import Feature, parse_example
from mfccclf.synthesis.tfrecord.records import read_records

__all__ = ["UnpackedNotes", "unpack_notes"]


_AUDIO, _NAME, _RATE = "audio", "note_str", "sample_rate"
# Names become file names, so none may lead out of the folder.
_SAFE_NAME = re.compile(r"\w[\w.-]*")
_LISTS = ("qualities", "qualities_str")
_REQUIRED = (
    _NAME,
    _AUDIO,
    _RATE,
    "instrument_str",
    "instrument_family_str",
    "instrument_source_str",
)


@dataclass(frozen=True, kw_only=True)
class UnpackedNotes:
    """What was unpacked.

    Attributes
    ----------
    folder : pathlib.Path
        The data set.
    counts : dict of str to int
        Notes by the name of their sub-folder.
    """

    folder: Path
    counts: dict[str, int]


def unpack_notes(
    files: Sequence[str | PathLike[str]],
    output: str | PathLike[str],
    *,
    on_progress: Progress | None = None,
) -> UnpackedNotes:
    """Write the notes of NSynth's TFRecord files as sound files with their JSON.

    One note is in memory at a time. Each file becomes a folder of the same name:
    ``nsynth-train.tfrecord`` becomes ``nsynth-train`` with ``examples.json`` and
    ``audio/*.wav``. `mfccclf.load_dataset` reads them all with their official splits.
    A folder appears whole or not at all. Sound files have 16 bits where that is
    lossless, otherwise floats.

    Parameters
    ----------
    files : sequence of path-like
        TFRecord files of NSynth, uncompressed.
    output : path-like
        Folder to make; it must not hold folders of these names yet.
    on_progress : callable, optional
        Called as ``on_progress(done, total)`` with bytes.

    Returns
    -------
    unpacked : UnpackedNotes
        Counts.

    Raises
    ------
    DatasetError
        If a file or a record cannot be used; a record is named by its offset.

    Examples
    --------
    >>> from mfccclf.synthesis import unpack_notes
    >>> unpack_notes(["nsynth-test.tfrecord"], "nsynth").counts  # doctest: +SKIP
    {'nsynth-test': 4096}
    """
    paths = [Path(file).expanduser() for file in files]
    if not paths:
        raise argument_error("files", files, "one file or more", owner="unpack_notes")
    homes = {path: Path(output) / path.name.split(".")[0] for path in paths}
    sizes = _sizes(homes)
    before = 0
    counts: dict[str, int] = {}
    for path, home in homes.items():
        home.parent.mkdir(parents=True, exist_ok=True)
        counts[home.name] = 0
        with atomic_folder(home) as temporary:
            for offset in _unpack_file(path, temporary):
                counts[home.name] += 1
                if on_progress is not None:
                    on_progress(before + offset, sum(sizes.values()))
        before += sizes[path]
    return UnpackedNotes(folder=Path(output), counts=counts)


def _sizes(homes: Mapping[Path, Path]) -> dict[Path, int]:
    """Return the files' sizes; raise before anything is written if one is unusable."""
    if len(set(homes.values())) < len(homes):
        names = ", ".join(path.name for path in homes)
        raise DatasetError(
            f"The files {names} have the same name. Unpack them separately."
        )
    sizes = {}
    for path, home in homes.items():
        if home.exists():
            raise DatasetError(f"{home} already exists. Remove it, or name another.")
        try:
            sizes[path] = path.stat().st_size
        except OSError as error:
            reason = error.strerror or str(error)
            raise DatasetError(
                f"{path} cannot be read ({reason}). Check it."
            ) from error
    return sizes


def _unpack_file(path: Path, home: Path) -> Iterator[int]:
    """Write the notes of one file and their index; yield offsets."""
    (home / "audio").mkdir()
    with (home / "examples.json").open("w", encoding="utf-8") as index:
        yield from _unpack_notes(path, home, index)


def _unpack_notes(path: Path, home: Path, index: TextIO) -> Iterator[int]:
    names: set[str] = set()
    index.write("{")
    for offset, content in read_records(path):
        try:
            name, audio, rate, fields = _parse_note(content)
            if name in names:
                raise ValueError(f"a second note {name!r}")
        except ValueError as error:
            raise DatasetError(
                f"{path}: the record at byte {offset:,} is not a note of NSynth: it "
                f"has {error}. Leave the file out, or make it again."
            ) from error
        _write_audio(home / "audio" / f"{name}.wav", audio, rate)
        separator = ",\n" if names else "\n"
        index.write(f"{separator}{json.dumps(name)}: {json.dumps(fields)}")
        names.add(name)
        yield offset
    index.write("\n}\n")


def _parse_note(content: bytes) -> tuple[str, NDArray[np.float32], int, dict[str, Any]]:
    """Return a note's name, audio, rate and other fields, or raise ValueError."""
    features = parse_example(content)
    missing = [field for field in _REQUIRED if field not in features]
    if missing:
        raise ValueError(f"no field {missing[0]!r}")
    audio = features.pop(_AUDIO)
    if not isinstance(audio, np.ndarray) or not len(audio):
        raise ValueError("no samples")
    if not np.isfinite(audio).all():
        raise ValueError("samples that are not finite")
    fields = {name: _plain(name, feature) for name, feature in features.items()}
    name, rate = fields[_NAME], fields[_RATE]
    if not isinstance(name, str) or not _SAFE_NAME.fullmatch(name):
        raise ValueError(f"the name {name!r}")
    if not isinstance(rate, int) or rate < 1:
        raise ValueError(f"the sample rate {rate!r}")
    return name, audio, rate, fields


def _plain(name: str, feature: Feature) -> Any:
    """Return a field as in NSynth's JSON: a list for qualities, else one value."""
    values: list[Any] = [
        value.decode("utf-8") if isinstance(value, bytes) else value
        for value in (feature.tolist() if isinstance(feature, np.ndarray) else feature)
    ]
    if name in _LISTS:
        return values
    if len(values) != 1:
        raise ValueError(f"{len(values)} values of {name!r}")
    return values[0]


def _write_audio(path: Path, audio: NDArray[np.float32], rate: int) -> None:
    scaled = audio * np.float32(32768)
    whole = bool((scaled == np.rint(scaled)).all())
    if whole and scaled.min() >= -32768 and scaled.max() <= 32767:
        soundfile.write(path, scaled.astype(np.int16), rate, subtype="PCM_16")
    else:
        soundfile.write(path, audio, rate, subtype="FLOAT")
