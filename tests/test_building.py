"""Data sets built from recordings that a JSON file lists."""

from __future__ import annotations

import copy
import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
from cli_tools import fail, read_folder, succeed

from mfccclf import load_dataset
from mfccclf.errors import AudioFileError, DatasetError
from mfccclf.synthesis import build_clips, sources_schema
from mfccclf.synthesis.building.faults import pointer_to
from mfccclf.synthesis.building.json_schema import find_faults
from mfccclf.workflows import load_training_data

RATE = 8000
TONES = {"erhu": 300, "pipa": 1200}


def write_recording(path, seconds, *, n_channels=1, rate=RATE):
    """Write a recording: 300 Hz all along on the left, 1200 Hz on the right."""
    time = np.arange(round(seconds * rate)) / rate
    waves = [0.3 * np.sin(2 * np.pi * tone * time) for tone in TONES.values()]
    wave = waves[0] + waves[1] if n_channels == 1 else np.stack(waves, axis=1)
    soundfile.write(path, wave, rate)


@pytest.fixture(name="content")
def valid_content():
    return {
        "format": 1,
        "window_s": 1.0,
        "hop_s": 0.5,
        "sources": [
            {
                "id": "film-1",
                "path": "film.wav",
                "licence": "CC0",
                "stretches": [
                    {"start_s": 0, "end_s": 2, "instruments": ["erhu"]},
                    {"start_s": 1.5, "end_s": 3, "instruments": ["erhu", "pipa"]},
                ],
            },
            {
                "id": "concert",
                "path": "concert.flac",
                "licence": "CC BY 4.0",
                "gain_db": -6,
                "start_s": 0.25,
                "end_s": 2.3,
                "stretches": [{"start_s": 0, "end_s": 2, "instruments": ["pipa"]}],
            },
        ],
    }


@pytest.fixture(name="save")
def saver(tmp_path):
    """Return a function that writes a file of sources beside its recordings."""
    write_recording(tmp_path / "film.wav", 4.2)
    write_recording(tmp_path / "concert.flac", 3, n_channels=2)

    def save(content, name="sources.json"):
        path = tmp_path / name
        path.write_text(json.dumps(content))
        return path

    return save


# What is built


def test_training_data_may_be_a_file_of_sources(content, save, tmp_path):
    reports = []
    data = load_training_data(
        save(content),
        build_in=tmp_path / "built",
        on_progress=lambda *n: reports.append(n),
    )
    assert data.clips.classes == ["erhu", "pipa"]
    assert Path(data.clips.paths[0]).is_relative_to(tmp_path / "built")
    assert reports[-1] == (9, 9)


def test_windows_are_labelled_by_what_covers_them(content, save, tmp_path):
    built = build_clips(save(content), tmp_path / "clips")
    data = load_dataset(built.folder / "labels.csv")
    names = [Path(path).stem for path in data.paths]
    labels = dict(zip(names, data.labels, strict=True))
    assert labels == {
        "film-1-000000000ms": "erhu",
        "film-1-000000500ms": "erhu",
        "film-1-000001000ms": "erhu;pipa",
        "film-1-000001500ms": "erhu;pipa",
        "film-1-000002000ms": "erhu;pipa",
        "film-1-000002500ms": "erhu;pipa",
        "concert-000000250ms": "pipa",
        "concert-000000750ms": "pipa",
        "concert-000001250ms": "pipa",
    }
    assert set(data.groups) == {"film-1", "concert"}
    assert built.n_clips == 9
    assert built.n_unlabelled == 1
    assert built.n_clips_per_label == {"erhu": 6, "pipa": 7}


def test_the_share_that_must_be_covered_can_be_chosen(content, save, tmp_path):
    built = build_clips(save(content | {"overlap": 0.51}), tmp_path / "clips")
    assert built.n_clips_per_label == {"erhu": 5, "pipa": 5}
    built = build_clips(save(content | {"overlap": 1}), tmp_path / "whole")
    assert built.n_clips_per_label == {"erhu": 5, "pipa": 4}


def test_windows_without_an_instrument_can_have_a_label(content, save, tmp_path):
    built = build_clips(save(content | {"unlabelled": "none"}), tmp_path / "clips")
    assert built.n_clips_per_label["none"] == 1
    assert built.n_unlabelled == 0


def test_clips_are_stereo_of_44100_hz_unless_told_otherwise(content, save, tmp_path):
    folder = build_clips(save(content), tmp_path / "clips").folder
    for path in (folder / "clips").iterdir():
        info = soundfile.info(path)
        assert (info.samplerate, info.channels, info.frames) == (44100, 2, 44100)
        assert info.subtype == "PCM_16"
    mono = content | {"sample_rate": RATE, "channels": 1}
    folder = build_clips(save(mono), tmp_path / "mono").folder
    for path in (folder / "clips").iterdir():
        assert soundfile.info(path).frames == RATE


def test_clips_are_the_samples_of_their_window(content, save, tmp_path):
    plain = content | {"sample_rate": RATE}
    folder = build_clips(save(plain), tmp_path / "clips").folder
    film, _ = soundfile.read(tmp_path / "film.wav")
    clip, _ = soundfile.read(folder / "clips" / "film-1-000001500ms.wav")
    for channel in clip.T:
        np.testing.assert_allclose(channel, film[12000:20000], atol=1e-4)
    concert, _ = soundfile.read(tmp_path / "concert.flac")
    clip, _ = soundfile.read(folder / "clips" / "concert-000000250ms.wav")
    quieter = concert[2000:10000] * 10 ** (-6 / 20)
    np.testing.assert_allclose(clip, quieter, atol=1e-4)


def test_windows_of_30_ms_are_cut(content, save, tmp_path):
    short = content | {"window_s": 0.03, "hop_s": 0.3}
    folder = build_clips(save(short), tmp_path / "clips").folder
    for path in (folder / "clips").iterdir():
        assert soundfile.info(path).frames == 1323


def test_splits_of_sources_are_those_of_their_clips(content, save, tmp_path):
    for source, split in zip(content["sources"], ("train", "test"), strict=True):
        source["split"] = split
    content["sources"][1]["stretches"][0]["instruments"] = ["erhu"]
    folder = build_clips(save(content), tmp_path / "clips").folder
    data = load_dataset(folder / "labels.csv")
    splits = dict(zip(data.groups, data.splits, strict=True))
    assert splits == {"film-1": "train", "concert": "test"}


def test_the_sound_of_a_video_is_taken(content, save, tmp_path):
    av = pytest.importorskip("av")
    film, _ = soundfile.read(tmp_path / "film.wav", dtype="float32")
    with av.open(str(tmp_path / "film.mkv"), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=RATE, layout="mono")
        samples = np.rint(film * 32767).astype(np.int16)[None]
        frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
        frame.sample_rate = RATE
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    content["sources"][0]["path"] = "film.mkv"
    built = build_clips(save(content), tmp_path / "clips")
    clip, _ = soundfile.read(built.folder / "clips" / "film-1-000001500ms.wav")
    assert np.sqrt((clip**2).mean()) == pytest.approx(0.3, rel=0.05)


def test_the_manifest_tells_hashes_licences_and_times(content, save, tmp_path):
    folder = build_clips(save(content), tmp_path / "clips").folder
    manifest = json.loads((folder / "manifest.json").read_text())
    found = read_folder(folder)
    for clip in manifest["clips"]:
        content = found[f"clips/{clip['name']}"]
        assert clip["sha256"] == hashlib.sha256(content).hexdigest()
        assert clip["end_s"] - clip["start_s"] == 1
    film = manifest["sources"][0]
    assert film["licence"] == "CC0"
    digest = hashlib.sha256((tmp_path / "film.wav").read_bytes()).hexdigest()
    assert film["sha256"] == digest


def test_the_same_call_gives_the_same_bytes(content, save, tmp_path):
    first, second = (
        build_clips(save(content), tmp_path / name).folder for name in ("a", "b")
    )
    assert read_folder(first) == read_folder(second)


def test_a_broken_run_is_resumed(content, save, tmp_path):
    whole = build_clips(save(content), tmp_path / "whole").folder

    def stop(done, total):
        if done == 4:
            raise KeyboardInterrupt

    broken = tmp_path / "broken"
    with pytest.raises(KeyboardInterrupt):
        build_clips(save(content), broken, on_progress=stop)
    assert not (broken / "labels.csv").exists()
    assert build_clips(save(content), broken).n_written == 5
    assert read_folder(broken) == read_folder(whole)
    with pytest.raises(DatasetError, match="but not the beginning of this data set"):
        build_clips(save(content | {"hop_s": 1}), broken)


# What is wrong, by JSON pointer


def change(content, pointer, value):
    """Return a copy with the value at a pointer changed, or removed for None."""
    changed = copy.deepcopy(content)
    *keys, last = pointer.strip("/").split("/")
    home = changed
    for key in keys:
        home = home[int(key)] if isinstance(home, list) else home[key]
    if value is None:
        del home[last]
    else:
        home[int(last) if isinstance(home, list) else last] = value
    return changed


@pytest.mark.parametrize(
    ("pointer", "value", "fault"),
    [
        ("/format", 2, "/format: must be 1. Got 2 instead."),
        ("/window_s", "3", "/window_s: must be a number. Got '3' instead."),
        ("/window_s", None, "(the whole): 'window_s' is missing."),
        ("/hop_s", 0, "/hop_s: must be at least 0.01. Got 0 instead."),
        ("/overlap", 1.5, "/overlap: must be at most 1. Got 1.5 instead."),
        ("/overlap", 0, "/overlap: must be above 0. Got 0 instead."),
        ("/channels", 6, "/channels: must be one of 1, 2. Got 6 instead."),
        ("/channels", True, "/channels: must be one of 1, 2. Got True instead."),
        ("/hopp_s", 1, "/hopp_s: 'hopp_s' is not known. Did you mean 'hop_s'?"),
        ("/sources", [], "/sources: must not be empty."),
        ("/sources/0/licence", "", "/sources/0/licence: must not be empty."),
        ("/sources/0/licence", None, "/sources/0: 'licence' is missing."),
        ("/sources/0/id", "a b", "/sources/0/id: 'a b' has characters that are not"),
        ("/sources/1/id", "FILM-1", "/sources/1/id: 'FILM-1' is the name of source 0"),
        ("/sources/0/split", "train", "/sources/1: 'split' is missing, though other"),
        ("/sources/0/path", "no.wav", "/sources/0/path: "),
        ("/sources/0/path", "sources.json", "/sources/0/path: "),
        ("/sources/0/start_s", 3.5, "/sources/0: has 0.700 s to cut, but a clip has"),
        ("/sources/1/end_s", 0.1, "/sources/1/end_s: must be after start_s, 0.25."),
        ("/sources/1/end_s", 9, "/sources/1/end_s: is 9, but concert.flac ends at 3."),
        (
            "/sources/0/stretches/1/end_s",
            1,
            "/sources/0/stretches/1/end_s: must be after start_s, 1.5. Got 1 instead.",
        ),
        (
            "/sources/0/stretches/1/end_s",
            99,
            "/sources/0/stretches/1/end_s: is 99, but film.wav ends at 4.200 s.",
        ),
        (
            "/sources/0/stretches/0/instruments",
            ["erhu", "erhu"],
            "/sources/0/stretches/0/instruments: holds 'erhu' twice.",
        ),
        (
            "/sources/0/stretches/0/instruments/0",
            "erhu;pipa",
            "/sources/0/stretches/0/instruments/0: 'erhu;pipa' has characters",
        ),
    ],
)
def test_a_fault_is_named_with_its_pointer(
    content, save, tmp_path, pointer, value, fault
):
    path = save(change(content, pointer, value))
    with pytest.raises(DatasetError) as caught:
        build_clips(path, tmp_path / "clips")
    assert f"  - {fault}" in str(caught.value)
    assert "has 1 fault:" in str(caught.value)
    assert not (tmp_path / "clips").exists()


def test_all_faults_are_named_at_once(content, save, tmp_path):
    broken = change(content, "/window_s", -1)
    broken = change(broken, "/sources/0/stretches/0/instruments", [])
    broken = change(broken, "/sources/1/gain_db", "loud")
    with pytest.raises(DatasetError, match=r"(?s)3 faults:.*/window_s.*/0.*/1/gain_db"):
        build_clips(save(broken), tmp_path / "clips")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is not JSON: .* in line 1, column 1"),
        ('{"format": 1,}', "is not JSON: .* in line 1"),
        ('{"format": 1, "format": 1}', "an object has the key 'format' twice"),
        ('{"window_s": NaN}', "NaN is no number in JSON"),
        ("[]", r"\(the whole\): must be an object. Got \[\] instead"),
        ("[" * 10**5, "is not JSON"),
    ],
)
def test_what_is_no_json_is_refused(tmp_path, text, message):
    path = tmp_path / "sources.json"
    path.write_text(text)
    with pytest.raises(DatasetError, match=message):
        build_clips(path, tmp_path / "clips")


def test_bytes_that_are_no_text_are_refused(tmp_path):
    path = tmp_path / "sources.json"
    path.write_bytes(b"\xff\xfe\x00\xd8")
    with pytest.raises(DatasetError, match="is not a text in UTF-8"):
        build_clips(path, tmp_path / "clips")
    with pytest.raises(DatasetError, match="cannot be read"):
        build_clips(tmp_path / "missing.json", tmp_path / "clips")


def test_no_labelled_window_is_refused(content, save, tmp_path):
    for source in content["sources"]:
        source["stretches"] = [{"start_s": 0, "end_s": 0.1, "instruments": ["gong"]}]
    with pytest.raises(DatasetError, match="No window of .* has a label"):
        build_clips(save(content), tmp_path / "clips")
    assert not (tmp_path / "clips").exists()


def test_a_recording_that_breaks_off_is_named(content, save, tmp_path):
    path = save(content)
    whole = (tmp_path / "film.wav").read_bytes()
    (tmp_path / "film.wav").write_bytes(whole[: len(whole) // 2])
    with pytest.raises((AudioFileError, DatasetError), match="film.wav"):
        build_clips(path, tmp_path / "clips")
    assert not (tmp_path / "clips" / "labels.csv").exists()


def test_pointers_escape_their_signs():
    assert pointer_to("a/b", 0, "c~d") == "/a~1b/0/c~0d"
    schema = {"type": "object", "properties": {}, "additionalProperties": False}
    (fault,) = find_faults({"x/y": 1}, schema)
    assert fault.pointer == "/x~1y"


def test_the_schema_uses_no_word_that_is_not_checked():
    known = {
        *("$schema", "$defs", "$ref", "title", "description", "default", "type"),
        *("const", "enum", "required", "properties", "additionalProperties", "items"),
        *("minItems", "uniqueItems", "minLength", "pattern", "minimum", "maximum"),
        "exclusiveMinimum",
    }

    def words(schema):
        yield from schema
        for name in ("properties", "$defs"):
            for part in schema.get(name, {}).values():
                yield from words(part)
        if "items" in schema:
            yield from words(schema["items"])

    assert set(words(sources_schema())) <= known


# The commands


def test_the_command_builds(content, save, tmp_path):
    printed = succeed("dataset", "build", save(content), "--output", tmp_path / "clips")
    assert "Built 9 clips." in printed
    assert "pipa: 7" in printed
    again = succeed("dataset", "build", save(content), "--output", tmp_path / "clips")
    assert "(9 of them had been written before)" in again


def test_the_command_lists_faults(content, save, tmp_path):
    path = save(change(content, "/sources/0/id", 7))
    fail(
        "dataset",
        "build",
        path,
        "--output",
        tmp_path / "clips",
        code=1,
        message="/sources/0/id: must be a string. Got 7 instead.",
    )


def test_the_command_prints_the_schema():
    assert json.loads(succeed("dataset", "schema")) == sources_schema()
