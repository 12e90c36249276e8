"""Mixtures of clips, with their labels."""

from __future__ import annotations

import csv
import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
from cli_tools import fail, read_folder, succeed

from mfccclf import load_dataset
from mfccclf.errors import DatasetError
from mfccclf.synthesis import mix_clips
from mfccclf.variation.equaliser import EQUALISER_HZ, equalise

TONES = {"low": 200, "mid": 900, "high": 3000}


@pytest.fixture(name="solos", scope="module")
def tones_in_a_table(tmp_path_factory):
    """Twelve tones of three labels and four groups."""
    folder = tmp_path_factory.mktemp("solos")
    rows = ["path,label,group"]
    for index in range(12):
        label = list(TONES)[index % 3]
        time = np.arange(3000 + 100 * index) / 8000
        wave = 0.05 * (1 + index) * np.sin(2 * np.pi * TONES[label] * time)
        soundfile.write(folder / f"{index}.wav", wave, 8000)
        rows.append(f"{index}.wav,{label},song-{index // 3}")
    table = folder / "solos.csv"
    table.write_text("\n".join(rows) + "\n")
    return load_dataset(table)


def mix(solos, folder, **changes):
    settings = {"n_mixtures": 20, "n_groups": 2, "sample_rate": 8000}
    return mix_clips(solos, folder, **(settings | changes))


def test_labels_are_those_of_the_voices(solos, tmp_path):
    mixed = mix(solos, tmp_path / "mixed", voices=(1, 3))
    data = load_dataset(mixed.folder / "labels.csv")
    assert len(data) == mixed.n_mixtures == 20
    assert data.multilabel
    assert data.classes == ["high", "low", "mid"]
    assert {len(labels) for labels in data.label_sets} == {1, 2, 3}
    for path, labels in zip(data.paths, data.label_sets, strict=True):
        wave, rate = soundfile.read(path)
        spectrum = np.abs(np.fft.rfft(wave))
        frequencies = np.fft.rfftfreq(len(wave), 1 / rate)
        for label, tone in TONES.items():
            near = spectrum[np.abs(frequencies - tone) < 20].max()
            assert (near > 0.02 * spectrum.max()) == (label in labels)


def test_the_same_call_gives_the_same_bytes(solos, tmp_path):
    first, second = (mix(solos, tmp_path / name).folder for name in "ab")
    assert read_folder(first) == read_folder(second)
    other = mix(solos, tmp_path / "c", random_state=1).folder
    assert read_folder(other) != read_folder(first)


def test_no_recording_lies_in_two_groups(solos, tmp_path):
    folder = mix(solos, tmp_path / "mixed", n_mixtures=40).folder
    manifest = json.loads((folder / "manifest.json").read_text())
    song = dict(zip(solos.paths, solos.groups, strict=True))
    songs = {Path(path).name: group for path, group in song.items()}
    seen = {}
    for clip in manifest["clips"]:
        for voice in clip["voices"]:
            seen.setdefault(songs[voice["path"]], set()).add(clip["group"])
    assert len(seen) == 4
    assert all(len(groups) == 1 for groups in seen.values())


def test_splits_are_kept_apart_and_written(solos, tmp_path):
    import dataclasses

    splits = ["train"] * 6 + ["test"] * 6
    split = dataclasses.replace(solos, splits=splits)
    data = load_dataset(mix(split, tmp_path / "mixed").folder / "labels.csv")
    assert set(data.splits) == {"train", "test"}
    for group, name in zip(data.groups, data.splits, strict=True):
        assert group.startswith(f"{name}-part-")


def test_a_broken_run_is_resumed(solos, tmp_path):
    whole = mix(solos, tmp_path / "whole").folder
    broken = tmp_path / "broken"

    def stop(done, total):
        if done == 7:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        mix(solos, broken, on_progress=stop)
    assert not (broken / "labels.csv").exists()
    assert mix(solos, broken).n_written == 13
    assert read_folder(broken) == read_folder(whole)
    assert mix(solos, broken).n_written == 0


def test_a_folder_of_another_data_set_is_left_alone(solos, tmp_path):
    folder = mix(solos, tmp_path / "mixed").folder
    before = read_folder(folder)
    with pytest.raises(DatasetError, match="but not the beginning of this data set"):
        mix(solos, folder, random_state=1)
    assert read_folder(folder) == before


def test_the_manifest_holds_the_hash_of_each_clip(solos, tmp_path):
    folder = mix(solos, tmp_path / "mixed").folder
    manifest = json.loads((folder / "manifest.json").read_text())
    found = read_folder(folder)
    for clip in manifest["clips"]:
        content = found[f"clips/{clip['name']}"]
        assert clip["sha256"] == hashlib.sha256(content).hexdigest()
    assert len(manifest["sources"]) <= 12


def test_pitch_moves_each_voice_within_its_limit(solos, tmp_path):
    folder = mix(solos, tmp_path / "mixed", pitch=4, n_mixtures=30).folder
    for name, voices in voices_of(folder).items():
        wave, rate = soundfile.read(folder / "clips" / name)
        spectrum = np.abs(np.fft.rfft(wave * np.hanning(len(wave)), 2**16))
        for voice in voices:
            assert abs(voice["semitones"]) <= 4
            pitch = TONES[voice["label"]] * 2 ** (voice["semitones"] / 12)
            bin_ = pitch / rate * 2**16
            near = spectrum[int(bin_ - 80) : int(bin_ + 80)]
            assert abs(near.argmax() + int(bin_ - 80) - bin_) < 40  # 5 Hz
    semitones = [v["semitones"] for some in voices_of(folder).values() for v in some]
    assert np.ptp(semitones) > 6


def voices_of(folder):
    manifest = json.loads((folder / "manifest.json").read_text())
    return {clip["name"]: clip["voices"] for clip in manifest["clips"]}


def test_colour_is_drawn_for_each_voice(solos, tmp_path):
    plain, coloured = (
        mix(solos, tmp_path / name, colour_db=colour).folder
        for name, colour in (("plain", 0), ("coloured", 6))
    )
    assert all("equaliser_db" not in v for v in voices_of(plain)["mixture-000000.wav"])
    gains = [v["equaliser_db"] for some in voices_of(coloured).values() for v in some]
    assert np.shape(gains)[1] == 6
    assert 4 < np.abs(gains).max() <= 6
    assert read_folder(plain) != read_folder(coloured)


def test_equaliser_has_the_gains_that_it_is_given():
    gains = [6.0, 3.0, 0.0, -3.0, -6.0, -9.0]
    time = np.arange(44100) / 44100
    for frequency, gain in zip(EQUALISER_HZ, gains, strict=True):
        tone = np.sin(2 * np.pi * frequency * time)
        level = np.sqrt(np.mean(equalise(tone, 44100, gains) ** 2) * 2)
        assert 20 * np.log10(level) == pytest.approx(gain, abs=1e-6)


def test_mixtures_have_the_length_that_is_asked_for(solos, tmp_path):
    folder = mix(solos, tmp_path / "mixed", duration=0.4).folder
    for path in (folder / "clips").iterdir():
        assert soundfile.info(path).frames == 3200


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"voices": (0, 2)}, "'voices' parameter of mix_clips must be an int >= 1"),
        ({"voices": (3, 2)}, "'voices' parameter of mix_clips must be an int >= 3"),
        ({"voices": 2}, "must be two ints, fewest and most voices"),
        ({"n_mixtures": 0}, "'n_mixtures' parameter of mix_clips"),
        ({"duration": -1}, "'duration' parameter of mix_clips"),
        ({"pitch": 25}, "'pitch' parameter of mix_clips must be .* <= 24"),
        ({"colour_db": -1}, "'colour_db' parameter of mix_clips"),
    ],
)
def test_unusable_settings_are_named(solos, tmp_path, changes, message):
    with pytest.raises((ValueError, TypeError), match=message):
        mix(solos, tmp_path / "mixed", **changes)
    assert not (tmp_path / "mixed").exists()


def test_more_voices_than_labels_are_refused(solos, tmp_path):
    with pytest.raises(DatasetError, match="A mixture of 4 voices needs clips of as"):
        mix(solos, tmp_path / "mixed", voices=(4, 4))


def test_mixtures_are_not_mixed_again(solos, tmp_path):
    folder = mix(solos, tmp_path / "mixed").folder
    with pytest.raises(DatasetError, match="has clips of several labels"):
        mix(load_dataset(folder / "labels.csv"), tmp_path / "again")


def test_the_command_mixes(solos, tmp_path):
    table = Path(solos.root) / "solos.csv"
    options = ["--count", 6, "--groups", 2, "--rate", 8000, "--voices", "2-2"]
    printed = succeed("dataset", "mix", table, "--output", tmp_path / "m", *options)
    assert "Mixed 6 clips in 2 groups that share no recording" in printed
    with open(tmp_path / "m" / "labels.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert all(row["label"].count(";") == 1 for row in rows)
    printed = succeed("dataset", "inspect", tmp_path / "m" / "labels.csv")
    assert "6 clips" in printed
    assert "part-1" in printed


def test_the_command_names_a_wrong_range(solos, tmp_path):
    table = Path(solos.root) / "solos.csv"
    arguments = ["dataset", "mix", table, "--output", tmp_path / "m"]
    fail(*arguments, "--voices", "3-1", code=2, message="not a range of voices")
