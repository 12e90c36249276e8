"""Saved nets made to do harm: nothing outside them is read, and nothing huge built."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
import torch
from keras_files import FakeKeras

from mfccclf import ModelFileError
from mfccclf.persistence import convert_keras, convert_torch
from mfccclf.persistence.convert import hdf5

KERNEL = "lstm_4/lstm_4/part_0/kernel:0"
SPARSE = torch.sparse_coo_tensor(
    torch.zeros(2, 1).long(), [1.0], (2**30, 2**30), check_invariants=True
)
FEATURES: dict[str, Any] = {"features": ["mfcc", "centroid"], "n_mfcc": 4}


def outside(file: h5py.File, folder: Path) -> None:
    (folder / "secret").write_bytes(bytes(1000))
    external = [(str(folder / "secret"), 0, h5py.h5f.UNLIMITED)]
    file.create_dataset(KERNEL, (5, 16), "f4", external=external)


def virtual(file: h5py.File, folder: Path) -> None:
    layout = h5py.VirtualLayout((5, 16), "f4")
    layout[:] = h5py.VirtualSource(str(folder / "other.h5"), "x", (5, 16))
    file.create_virtual_dataset(KERNEL, layout)


def external_link(file: h5py.File, folder: Path) -> None:
    file[KERNEL] = h5py.ExternalLink(str(folder / "other.h5"), "/x")


def soft_link(file: h5py.File, folder: Path) -> None:
    file[KERNEL] = h5py.SoftLink(f"/{KERNEL}")


def linked_group(file: h5py.File, folder: Path) -> None:
    del file["lstm_4"]
    file["lstm_4"] = h5py.ExternalLink(str(folder / "other.h5"), "/")


def texts(file: h5py.File, folder: Path) -> None:
    file[KERNEL] = np.array([["a"] * 16] * 5, dtype="S1")


def empty(file: h5py.File, folder: Path) -> None:
    file[KERNEL] = h5py.Empty("f4")


def group(file: h5py.File, folder: Path) -> None:
    file.create_group(KERNEL)


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (outside, "stored in other files"),
        (virtual, "stored in other files"),
        (external_link, "is a link"),
        (soft_link, "is a link"),
        (linked_group, "is a link"),
        (texts, "no array of numbers"),
        (empty, "no array of numbers"),
        (group, "lacks weights"),
    ],
)
def test_hdf5_reads_nothing_but_its_own_numbers(
    change: Callable[[h5py.File, Path], None], match: str, tmp_path: Path
):
    net = FakeKeras(9, 5)
    net.lstm(4).dense(3, "softmax")
    architecture = net.write_json(tmp_path / "n.json")
    weights = net.write_h5(tmp_path / "n.h5")
    with h5py.File(tmp_path / "other.h5", "w") as other:
        other["x"] = np.zeros((5, 16), "f4")
    with h5py.File(weights, "a") as file:
        del file[KERNEL]
        change(file, tmp_path)
    with pytest.raises(ModelFileError, match=match) as caught:
        convert_keras(architecture, weights, labels=["a", "b", "c"], **FEATURES)
    assert "\n" not in str(caught.value)


def test_keras_zip_of_another_packing_is_refused(tmp_path):
    path = tmp_path / "n.keras"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("config.json", "{}")
        archive.writestr("model.weights.h5", b"")
    with pytest.raises(ModelFileError, match="absurd size or packing"):
        convert_keras(path, labels=["a"])


def plain_state() -> dict[str, Any]:
    net = torch.nn.LSTM(4, 3)
    return {**net.state_dict(), "out.weight": torch.zeros(2, 3)}


@pytest.mark.parametrize(
    "weight",
    [
        torch.zeros(1).expand(2**40, 2**20),
        SPARSE,
        torch.zeros(2, 3, dtype=torch.complex64),
    ],
    ids=["expanded", "sparse", "complex"],
)
def test_tensors_without_numbers_of_their_own_are_refused(weight, tmp_path):
    path = tmp_path / "n.pth"
    torch.save({**plain_state(), "out.weight": weight}, path)
    with pytest.raises(ModelFileError, match="absurd shape or kind|damaged"):
        convert_torch(path, labels=["a", "b"])


def test_compressed_torch_file_is_refused(tmp_path):
    torch.save(plain_state(), tmp_path / "plain.pth")
    path = tmp_path / "packed.pth"
    with (
        zipfile.ZipFile(tmp_path / "plain.pth") as plain,
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed,
    ):
        for name in plain.namelist():
            packed.writestr(name, plain.read(name))
    with pytest.raises(ModelFileError, match="is a compressed zip"):
        convert_torch(path, labels=["a", "b"])


def test_soft_links_in_a_circle_are_not_followed(tmp_path):
    net = FakeKeras(9, 5)
    net.lstm(4).dense(3, "softmax")
    architecture = net.write_json(tmp_path / "n.json")
    weights = net.write_h5(tmp_path / "n.h5")
    with h5py.File(weights, "a") as file:
        del file["lstm_4"]
        file["lstm_4"] = h5py.SoftLink("/round")
        file["round"] = h5py.SoftLink("/lstm_4")
    with pytest.raises(ModelFileError, match="is a link, which is not followed"):
        convert_keras(architecture, weights, labels=["a", "b", "c"], **FEATURES)


def test_one_array_named_often_is_not_read_often(tmp_path, monkeypatch):
    monkeypatch.setattr(hdf5.Room.__init__, "__defaults__", (100 * 20,))
    net = FakeKeras(9, 5)
    net.lstm(4).dense(3, "softmax")
    architecture = net.write_json(tmp_path / "n.json")
    weights = net.write_h5(tmp_path / "n.h5")
    with h5py.File(weights, "a") as file:
        names = list(file["lstm_4"].attrs["weight_names"])
        file["lstm_4"].attrs["weight_names"] = names[:1] * 1000
    with pytest.raises(ModelFileError, match="absurdly large together"):
        convert_keras(architecture, weights, labels=["a", "b", "c"], **FEATURES)
