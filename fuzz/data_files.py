"""Change features, tables, annotations, presets and grids at random, and read them.

See ``fuzz/README.md``.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

from data_corpus import (
    annotation_corpus,
    grid_corpus,
    make_clips,
    make_features,
    members_of,
    odd_facts,
    pack,
    preset_corpus,
    table_corpus,
)
from mutation import mutate_bytes
from watching import FoundError, main, one_line

__all__ = ["DataAttack", "attack_of"]

KINDS = (
    *("all", "archive", "folder", "table", "annotation", "preset", "grid", "setting"),
)
Make = Callable[[random.Random], bytes]


class DataAttack:
    """Data files of one kind or of all."""

    suffix = ".data"

    def __init__(self, folder: Path, kind: str = "all") -> None:
        names = make_clips(folder)
        make_features(folder)
        archive = members_of(folder / "features.npz")
        parts = {
            path.name: path.read_bytes()
            for path in (folder / "features.mfccdata").iterdir()
        }
        tables, presets, grids = table_corpus(names), preset_corpus(), grid_corpus()
        makers: Mapping[str, Make] = {
            "archive": lambda rng: change_archive(archive, rng),
            "folder": lambda rng: change_folder(parts, rng),
            "table": lambda rng: change_text(tables, rng),
            "annotation": lambda rng: change_text(annotation_corpus(names), rng),
            "preset": lambda rng: change_text(presets, rng),
            "grid": lambda rng: change_text(grids, rng),
            "setting": lambda rng: change_text(grids, rng),
        }
        self._folder = folder
        self._makers = makers if kind == "all" else {kind: makers[kind]}

    def make(self, rng: random.Random) -> bytes:
        """Return the name of a kind, a line end, and a file of this kind."""
        kind = rng.choice(list(self._makers))
        return kind.encode() + b"\n" + self._makers[kind](rng)

    def attempt(self, path: Path, rng: random.Random) -> str:
        """Read it as its kind is read."""
        kind, _, content = path.read_bytes().partition(b"\n")
        name = kind.decode()
        return f"{name} {ATTEMPTS[name](self._folder, content)}"


def change_text(seeds: Sequence[bytes], rng: random.Random) -> bytes:
    """Return a text with a few changes, some of them pieces of other texts."""
    content = rng.choice(seeds)
    for _ in range(rng.choice([0, 0, 1, 2])):
        other = rng.choice(seeds)
        start = rng.randrange(len(other) + 1)
        place = rng.randrange(len(content) + 1)
        content = content[:place] + other[start : start + 40] + content[place:]
    return content if rng.random() < 0.02 else mutate_bytes(content, rng)


def change_archive(members: Mapping[str, bytes], rng: random.Random) -> bytes:
    """Return an archive of which the bytes or a member are changed."""
    if rng.random() < 0.4:
        return mutate_bytes(pack(dict(members)), rng)
    changed = dict(members)
    name = rng.choice(list(members))
    changed[name] = _change_head(changed[name], rng)
    if rng.random() < 0.1:
        del changed[rng.choice(list(changed))]
    return pack(changed)


def change_folder(parts: Mapping[str, bytes], rng: random.Random) -> bytes:
    """Return the name of one of the folder's files, a line end, and its new content."""
    name = rng.choice(sorted(parts))
    content = _change_head(parts[name], rng)
    if name == "parameters.json" and rng.random() < 0.3:
        content = rng.choice(odd_facts(parts[name]))
    return name.encode() + b"\n" + content


def _change_head(content: bytes, rng: random.Random) -> bytes:
    size = rng.choice([80, 128, 2000])
    return mutate_bytes(content[:size], rng) + content[size:]


def read_archive(folder: Path, content: bytes) -> str:
    """Read a file of features."""
    path = folder / "mutant.npz"
    path.write_bytes(content)
    return _load_features(path)


def read_folder(folder: Path, content: bytes) -> str:
    """Read a folder of features of which one file is changed."""
    path = folder / "mutant.mfccdata"
    shutil.copytree(folder / "features.mfccdata", path, dirs_exist_ok=True)
    name, _, changed = content.partition(b"\n")
    (path / name.decode()).write_bytes(changed)
    return _load_features(path)


def _load_features(path: Path) -> str:
    from mfccclf import DatasetError
    from mfccclf.datasets.extracted import load_extracted

    try:
        clips = load_extracted(path)
    except DatasetError as error:
        one_line(error, path)
        return "refused"
    clips.fingerprint()
    if len(clips.X) != len(clips.labels) or clips.X[:1].ndim != 3:
        raise FoundError("features of another shape than their labels")
    return "read"


def read_table(folder: Path, content: bytes) -> str:
    """Read a table of clips."""
    return _load_table(folder / "mutant.csv", content, "auto")


def read_annotation(folder: Path, content: bytes) -> str:
    """Read a table of annotations."""
    return _load_table(folder / "no.00.wav.txt", content, "annotations")


def _load_table(path: Path, content: bytes, layout: str) -> str:
    from mfccclf import DatasetError, load_dataset

    path.write_bytes(content)
    try:
        load_dataset(path, layout=layout)
    except DatasetError as error:
        for line in str(error).split("\n"):
            one_line(ValueError(f"{path.name} {line}"), path)
        one_line(ValueError(str(error).replace("\n", " ")), path)
        return "refused"
    return "read"


def read_preset(folder: Path, content: bytes) -> str:
    """Make a pipeline of a preset."""
    from mfccclf import make_pipeline

    path = folder / "mutant.yaml"
    path.write_bytes(content)
    return _refusing(lambda: make_pipeline(path))


def read_grid(folder: Path, content: bytes) -> str:
    """Read a search space."""
    from mfccclf.search.space import grid_size, has_ranges, read_space

    path = folder / "mutant.yaml"
    path.write_bytes(content)

    def read() -> None:
        space = read_space(path)
        has_ranges(space), grid_size(space)

    return _refusing(read)


def read_setting(folder: Path, content: bytes) -> str:
    """Read the texts of --param and --set."""
    import click

    from mfccclf.cli._parsing import parse_settings
    from mfccclf.search import parse_space

    text = content.decode("utf-8", errors="replace").partition(": ")
    setting = f"{text[0]}={text[2]}"
    try:
        return _refusing(lambda: (parse_space([setting]), parse_settings([setting])))
    except click.UsageError as error:
        _printable(error.message)
        return "refused"


def _refusing(work: Callable[[], Any]) -> str:
    try:
        work()
    except (ValueError, TypeError) as error:
        # Errors that Python raises itself have no sentence of ours.
        _printable(str(error))
        return "refused"
    return "read"


def _printable(text: str) -> None:
    if len(text) > 2000:
        raise FoundError(f"a message of {len(text):,} characters: {ascii(text)[:200]}")
    if not re.search(r"[.?]$", text):
        raise FoundError(f"a message that is no sentence: {ascii(text)[-200:]}")


ATTEMPTS = {
    "archive": read_archive,
    "folder": read_folder,
    "table": read_table,
    "annotation": read_annotation,
    "preset": read_preset,
    "grid": read_grid,
    "setting": read_setting,
}


def attack_of(args: argparse.Namespace) -> DataAttack:
    """Make the files to change, and import what reading them needs."""
    import importlib

    for name in ("pipelines", "search", "datasets.extracted", "cli._parsing"):
        importlib.import_module(f"mfccclf.{name}")
    return DataAttack(Path(tempfile.mkdtemp()), args.kind)


if __name__ == "__main__":
    sys.exit(main(__doc__ or "", attack_of, *KINDS))
