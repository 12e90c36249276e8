"""NSynth's TFRecord files: what is read, and what is refused and where."""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from cli_tools import fail, succeed

from mfccclf import DatasetError, WaveformFrames, load_dataset
from mfccclf.synthesis import unpack_notes
from mfccclf.synthesis.tfrecord.checksum import crc32c, masked_crc32c
from mfccclf.synthesis.tfrecord.example import parse_example

# Writing


def varint(number: int) -> bytes:
    number &= 2**64 - 1
    parts = []
    while number > 0x7F:
        parts.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*parts, number])


def field(number: int, content: bytes) -> bytes:
    return varint(number << 3 | 2) + varint(len(content)) + content


def feature(values: Any, *, packed: bool = True) -> bytes:
    if isinstance(values, np.ndarray):
        if packed:
            return field(2, field(1, values.astype("<f4").tobytes()))
        return field(2, b"".join(b"\x0d" + struct.pack("<f", v) for v in values))
    values = values if isinstance(values, list) else [values]
    if values and isinstance(values[0], int):
        numbers = b"".join(map(varint, values))
        loose = b"".join(b"\x08" + varint(value) for value in values)
        return field(3, field(1, numbers) if packed else loose)
    return field(1, b"".join(field(1, value.encode()) for value in values))


def example(features: dict[str, Any], *, packed: bool = True) -> bytes:
    entries = [
        field(1, field(1, name.encode()) + field(2, feature(values, packed=packed)))
        for name, values in features.items()
    ]
    return field(1, b"".join(entries))


def record(content: bytes) -> bytes:
    head = struct.pack("<Q", len(content))
    head += struct.pack("<I", masked_crc32c(head))
    return head + content + struct.pack("<I", masked_crc32c(content))


def note(number: int, *, family: str = "bass", **changes: Any) -> dict[str, Any]:
    rng = np.random.default_rng(number)
    audio = rng.integers(-32768, 32768, 64000) / np.float32(32768)
    name = f"{family}_synthetic_{number:03d}"
    return {
        "note": number,
        "note_str": f"{name}-060-100",
        "instrument": 40 + number,
        "instrument_str": name,
        "pitch": 60,
        "velocity": 100,
        "sample_rate": 16000,
        "audio": audio.astype(np.float32),
        "qualities": [0, 1, 0],
        "qualities_str": ["dark", "long_release"],
        "instrument_family": 0,
        "instrument_family_str": family,
        "instrument_source": 2,
        "instrument_source_str": "synthetic",
        **changes,
    }


def write(path: Path, notes: Sequence[dict[str, Any]]) -> list[int]:
    """Write a TFRecord file; return where each record begins."""
    records = [record(example(fields)) for fields in notes]
    path.write_bytes(b"".join(records))
    return [sum(map(len, records[:index])) for index in range(len(records))]


# Checksums and messages


def test_checksum_of_known_bytes():
    assert crc32c(b"") == 0
    assert crc32c(bytes(32)) == 0x8A9136AA  # RFC 3720, B.4
    assert crc32c(b"\xff" * 32) == 0x62A8AB43
    assert crc32c(b"123456789") == 0xE3069283


@pytest.mark.parametrize("size", [511, 512, 513, 1024, 5000])
def test_long_checksums_are_those_of_a_plain_loop(size):
    data = np.random.default_rng(size).integers(0, 256, size, np.uint8).tobytes()
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    assert crc32c(data) == crc ^ 0xFFFFFFFF


@pytest.mark.parametrize("packed", [True, False])
def test_examples_are_read_packed_or_not(packed):
    features = {"text": ["a", "é"], "numbers": [3, -1, 2**40], "one": 7, "none": []}
    floats = np.array([0.5, -1.0], np.float32)
    read = parse_example(example({**features, "floats": floats}, packed=packed))
    assert read["text"] == [b"a", "é".encode()]
    assert read["numbers"] == [3, -1, 2**40]
    assert read["one"] == [7]
    assert read["none"] == []
    np.testing.assert_array_equal(read["floats"], floats)


@pytest.mark.parametrize(
    ("message", "problem"),
    [
        (b"\x0a\x05ab", "ends past the end"),
        (b"\x0a", "ends past the end"),
        (b"\xff" * 11, "more than ten bytes"),
        (b"\x0b", "unknown kind 3"),
        (b"\x08\x01", "where a message should be"),
    ],
)
def test_broken_messages_are_refused(message, problem):
    with pytest.raises(ValueError, match=problem):
        parse_example(message)


# Unpacking


def test_notes_become_sound_files_that_load_with_their_splits(tmp_path):
    for number, split in enumerate(("train", "valid", "test")):
        notes = [note(number), note(number + 10, family="reed")]
        write(tmp_path / f"nsynth-{split}.tfrecord", notes)
    files = sorted(tmp_path.glob("*.tfrecord"))
    unpacked = unpack_notes(files, tmp_path / "out")
    assert unpacked.counts == dict.fromkeys(
        ["nsynth-test", "nsynth-train", "nsynth-valid"], 2
    )
    dataset = load_dataset(tmp_path / "out")
    assert dataset.layout == "nsynth"
    assert dataset.classes == ["bass", "reed"]
    train = dataset.select("train")
    assert train.groups == ["bass_synthetic_000", "reed_synthetic_010"]
    X = WaveformFrames(full_scale=32768).transform(train.paths)
    expected = note(0)["audio"][:16000].reshape(100, 160)
    np.testing.assert_array_equal(X[0], expected)


def test_the_json_is_that_of_nsynth(tmp_path):
    path = tmp_path / "nsynth-train.tfrecord"
    write(path, [note(0), note(1)])
    unpack_notes([path], tmp_path / "out")
    home = tmp_path / "out" / "nsynth-train"
    index = json.loads((home / "examples.json").read_text())
    fields = note(0)
    del fields["audio"]
    assert index[fields["note_str"]] == fields
    info = soundfile.info(home / "audio" / f"{fields['note_str']}.wav")
    assert (info.frames, info.samplerate, info.subtype) == (64000, 16000, "PCM_16")


def test_samples_that_16_bits_cannot_hold_are_kept(tmp_path):
    audio = np.array([0.1, -1.5, 1e-9], np.float32)
    path = tmp_path / "n.tfrecord"
    write(path, [note(0, audio=audio)])
    unpack_notes([path], tmp_path / "out")
    (clip,) = tmp_path.rglob("*.wav")
    np.testing.assert_array_equal(soundfile.read(clip, dtype="float32")[0], audio)


@pytest.mark.parametrize("place", [0, 9, 12, 5000, -2])
def test_flipped_bytes_are_refused_with_the_records_offset(place, tmp_path):
    path = tmp_path / "nsynth-train.tfrecord"
    offsets = write(path, [note(index) for index in range(3)])
    content = bytearray(path.read_bytes())
    end = offsets[2]
    content[end + place if place < 0 else offsets[1] + place] ^= 0x10
    path.write_bytes(content)
    message = rf"nsynth-train\.tfrecord: the record at byte {offsets[1]:,} is damaged"
    with pytest.raises(DatasetError, match=message):
        unpack_notes([path], tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize("lost", [1, 5, 100, 256_000])
def test_files_that_are_cut_short_are_refused_with_the_offset(lost, tmp_path):
    path = tmp_path / "nsynth-train.tfrecord"
    offsets = write(path, [note(0), note(1)])
    path.write_bytes(path.read_bytes()[:-lost])
    message = rf"the record at byte {offsets[1]:,} is cut short"
    with pytest.raises(DatasetError, match=message):
        unpack_notes([path], tmp_path / "out")


def without(name: str) -> dict[str, Any]:
    fields = note(0)
    del fields[name]
    return fields


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (without("audio"), "no field 'audio'"),
        (without("instrument_str"), "no field 'instrument_str'"),
        (note(0, audio=np.zeros(0, np.float32)), "no samples"),
        (note(0, audio=np.array([np.nan], np.float32)), "samples that are not finite"),
        (note(0, note_str="../../evil"), "the name '../../evil'"),
        (note(0, sample_rate=0), "the sample rate 0"),
        (note(0, pitch=[1, 2]), "2 values of 'pitch'"),
        (note(1), "a second note 'bass_synthetic_001-060-100'"),
    ],
)
def test_records_that_are_no_notes_are_refused_with_the_offset(
    fields, message, tmp_path
):
    path = tmp_path / "n.tfrecord"
    offsets = write(path, [note(1), fields])
    where = rf"the record at byte {offsets[1]:,} is not a note of NSynth: it has "
    with pytest.raises(DatasetError, match=where + message):
        unpack_notes([path], tmp_path / "out")


def test_other_files_and_folders_are_refused(tmp_path):
    (tmp_path / "n.tfrecord").write_bytes(b"this is a text and no TFRecord file")
    with pytest.raises(
        DatasetError, match="byte 0 is damaged, or this is not a TFRecord"
    ):
        unpack_notes([tmp_path / "n.tfrecord"], tmp_path / "out")
    (tmp_path / "out" / "n").mkdir()
    with pytest.raises(DatasetError, match=r"out/n already exists"):
        unpack_notes([tmp_path / "n.tfrecord"], tmp_path / "out")
    with pytest.raises(DatasetError, match=r"gone\.tfrecord cannot be read"):
        unpack_notes([tmp_path / "gone.tfrecord"], tmp_path / "new")
    with pytest.raises(ValueError, match="'files' .* must be one file or more"):
        unpack_notes([], tmp_path / "new")


def test_the_command_unpacks_and_a_bare_file_says_so(tmp_path):
    path = tmp_path / "records" / "nsynth-test.tfrecord"
    path.parent.mkdir()
    write(path, [note(0)])
    message = "mfccclf dataset unpack"
    fail("train", path, "-o", tmp_path / "m.mfccclf", code=1, message=message)
    fail("train", path.parent, "-o", tmp_path / "m.mfccclf", code=1, message=message)
    text = succeed("dataset", "unpack", path, "-o", tmp_path / "out")
    assert "Unpacked 1 notes" in text
