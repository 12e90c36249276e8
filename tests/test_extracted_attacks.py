"""Files of features made to do harm: each is refused in one line."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mfccclf import DatasetError, load_dataset
from mfccclf.datasets.extracted import archive, load_extracted
from mfccclf.workflows import extract_to_disk, make_extractor

Members = dict[str, bytes]


@pytest.fixture(scope="module")
def features(recordings, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("features")
    clips = load_dataset(recordings)
    for name in ("f.npz", "f.mfccdata"):
        extract_to_disk(make_extractor(features=14), clips, folder / name)
    return folder


def array(values: Any) -> bytes:
    file = io.BytesIO()
    np.save(file, values)
    return file.getvalue()


def header(text: str) -> bytes:
    return b"\x93NUMPY\x01\0" + len(text).to_bytes(2, "little") + text.encode()


def set_fact(key: str, value: Any) -> Callable[[Members], Any]:
    def change(members: Members) -> None:
        facts = json.loads(str(np.load(io.BytesIO(members["facts.npy"]))))
        facts[key] = value
        members["facts.npy"] = array(np.array(json.dumps(facts)))

    return change


def set_member(name: str, content: bytes) -> Callable[[Members], Any]:
    return lambda members: members.update({name: content})


HUGE = "{'descr': '<f4', 'fortran_order': False, 'shape': (1048576, 65536, 14)}\n"
ATTACKS: dict[str, tuple[Callable[[Members], Any], str]] = {
    "huge shape": (set_member("X.npy", header(HUGE)), "should have 3,848,290,697"),
    "no fingerprint": (set_fact("fingerprints", {}), "fingerprints are not those of"),
    "endless shape": (
        set_member("X.npy", header(HUGE.replace("65536", str(10**30)))),
        "should have",
    ),
    "code": (
        set_member("X.npy", header("{'descr': __import__('os').system('true')}\n")),
        "malformed",
    ),
    "unclosed": (set_member("X.npy", header("{'descr': ('<f4'\n")), "readable"),
    "long header": (set_member("X.npy", header(HUGE + " " * 20_000)), "is large"),
    "objects": (set_member("y.npy", array(np.array([{}], object))), "array of objects"),
    "numbers for labels": (set_member("y.npy", array(np.arange(12))), "y are no texts"),
    "no array": (set_member("y.npy", b"nothing"), "magic"),
    "table of labels": (set_member("y.npy", array(np.array([["a"]]))), "no texts"),
    "no facts": (lambda members: members.pop("facts.npy"), "facts.npy"),
    "deep facts": (
        set_member("facts.npy", array(np.array("[" * 100_000))),
        "recursion|readable",
    ),
    "list of facts": (set_member("facts.npy", array(np.array("[]"))), "no mapping"),
    "no data": (set_fact("data", None), "lack 'data'"),
    "strange data": (set_fact("data", {"paths": 1}), "more of the data than is known"),
    "no fingerprints": (set_fact("fingerprints", {"": 1}), "no texts"),
    "no front end": (set_fact("front_end", 3), "lack 'front_end'"),
    "no names": (set_fact("feature_names", "x"), "lack 'feature_names'"),
    "format": (set_fact("format", 10**300), "its format is not"),
}


def change_archive(
    source: Path, change: Callable[[Members], Any], target: Path
) -> Path:
    with zipfile.ZipFile(source) as packed:
        members = {name: packed.read(name) for name in packed.namelist()}
    change(members)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in members.items():
            packed.writestr(name, content)
    return target


def refuse(path: Path, match: str) -> None:
    with pytest.raises(DatasetError, match=match) as caught:
        load_extracted(path)
    assert str(caught.value).startswith(str(path))
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 700


@pytest.mark.parametrize("attack", ATTACKS)
def test_archive_that_is_not_ours_is_refused(attack, features, tmp_path):
    change, match = ATTACKS[attack]
    refuse(change_archive(features / "f.npz", change, tmp_path / "f.npz"), match)


def test_archive_larger_than_the_memory_names_the_folder_that_is_not(
    features, monkeypatch
):
    monkeypatch.setattr(archive, "_memory_size", lambda: 1000)
    refuse(features / "f.npz", r"takes 0.0 GB once it is unpacked.*\.mfccdata does not")


def test_absurdly_long_texts_are_not_unpacked(features, monkeypatch):
    monkeypatch.setattr(archive, "_MOST_TEXT", 1000)
    refuse(features / "f.npz", "its facts are absurdly long")


FOLDER_ATTACKS = {
    "X.npy": (header(HUGE), "readable"),
    "parameters.json": (b"[" * 100_000, "readable"),
    "clips.csv": (b"path,label\n" + b"x" * 200_000 + b",a\n", "field larger than"),
}


@pytest.mark.parametrize("name", FOLDER_ATTACKS)
def test_folder_that_is_not_ours_is_refused(name, features, tmp_path):
    folder = tmp_path / "f.mfccdata"
    folder.mkdir()
    for path in (features / "f.mfccdata").iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    content, match = FOLDER_ATTACKS[name]
    (folder / name).write_bytes(content)
    refuse(folder, match)


def test_features_that_are_ours_are_read(features):
    packed, folder = (
        load_extracted(features / f"f.{end}") for end in ("npz", "mfccdata")
    )
    assert packed.labels == folder.labels
    np.testing.assert_array_equal(packed.X, folder.X)
