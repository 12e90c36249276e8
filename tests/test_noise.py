"""Clips of noise to learn from as no label."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile
from cli_tools import FAST, fail, read_folder, succeed, write_clip

from mfccclf import DatasetError
from mfccclf.prediction.shipped import open_model
from mfccclf.synthesis import coloured_noise, render_noise, swelling_noise
from mfccclf.workflows import load_ood_clips


def test_clips_are_short_of_any_level_and_of_two_kinds(tmp_path):
    folder = render_noise(tmp_path / "n", n_clips=40, sample_rate=22050)
    peaks, crests = [], {"noise": [], "bursts": []}
    for path in sorted(folder.rglob("*.wav")):
        wave, rate = soundfile.read(path)
        assert rate == 22050
        assert 0.5 <= round(len(wave) / rate, 3) <= 3
        peaks.append(np.abs(wave).max())
        crests[path.parent.name].append(np.abs(wave).max() / wave.std())
    assert {kind: len(found) for kind, found in crests.items()} == {
        "noise": 30,
        "bursts": 10,
    }
    assert min(peaks) < 0.05
    assert 0.5 < max(peaks) <= 1
    assert np.median(crests["bursts"]) > 1.5 * np.median(crests["noise"])


def test_equal_seeds_give_equal_files(tmp_path):
    first, again = (render_noise(tmp_path / name, n_clips=9) for name in "ab")
    other = render_noise(tmp_path / "c", n_clips=9, seed=1)
    assert read_folder(first) == read_folder(again)
    assert read_folder(first) != read_folder(other)


def test_a_net_can_learn_from_the_clips_as_no_label(tmp_path):
    folder = render_noise(tmp_path / "n", n_clips=8, sample_rate=8000)
    assert len(load_ood_clips([folder])) == 8


@pytest.mark.parametrize("slope", [-0.5, 0.0, 1.0, 2.0])
def test_power_falls_as_the_frequency_to_the_slope(slope):
    noise = coloured_noise(1 << 18, slope, np.random.default_rng(0), sample_rate=16000)
    power = np.abs(np.fft.rfft(noise)) ** 2
    hertz = np.fft.rfftfreq(len(noise), 1 / 16000)
    octaves = [
        power[(hertz >= low) & (hertz < 2 * low)].mean() for low in (250, 1000, 4000)
    ]
    falls = np.log2(np.divide(octaves[:-1], octaves[1:])) / 2
    np.testing.assert_allclose(falls, slope, atol=0.05)
    assert noise.std() == pytest.approx(1, abs=1e-4)


def test_below_40_hz_the_spectrum_is_flat():
    noise = coloured_noise(1 << 18, 2, np.random.default_rng(0), sample_rate=16000)
    power = np.abs(np.fft.rfft(noise)) ** 2
    hertz = np.fft.rfftfreq(len(noise), 1 / 16000)
    low, high = power[hertz < 20].mean(), power[(hertz >= 20) & (hertz < 40)].mean()
    assert low / high == pytest.approx(1, abs=0.2)


def test_noise_swells_and_fades():
    rng = np.random.default_rng(0)
    waves = [swelling_noise(16000, rng, sample_rate=16000) for _ in range(20)]
    levels = np.array([wave.reshape(10, -1).std(axis=1) for wave in waves])
    assert np.median(levels.max(axis=1) / levels.min(axis=1)) > 2


def test_progress_ends_at_its_total(tmp_path):
    told = []
    render_noise(tmp_path / "n", n_clips=3, on_progress=lambda *now: told.append(now))
    assert told == [(1, 3), (2, 3), (3, 3)]


@pytest.mark.parametrize("wrong", [{"n_clips": 0}, {"sample_rate": 100}, {"seed": -1}])
def test_an_odd_argument_is_named_and_nothing_written(tmp_path, wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        render_noise(tmp_path / "n", **wrong)
    assert not (tmp_path / "n").exists()


def test_nothing_is_written_into_a_folder_with_files(tmp_path):
    (tmp_path / "mine.txt").write_text("")
    with pytest.raises(DatasetError, match="not empty"):
        render_noise(tmp_path, n_clips=1)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_the_command_writes_what_train_learns_from_as_no_label(tmp_path):
    told = succeed("dataset", "noise", "-o", tmp_path / "n", "--clips", 5)
    assert told == f"Wrote 5 clips of noise into {tmp_path / 'n'}.\n"
    assert len(read_folder(tmp_path / "n")) == 5
    for label, hertz in (("low", 300), ("high", 900)):
        for number in range(3):
            path = tmp_path / "tones" / label / f"{number}.wav"
            write_clip(path, frequency=hertz, seed=number)
    model = tmp_path / "m.mfccclf"
    succeed("train", tmp_path / "tones", "--other", tmp_path / "n", "-o", model, *FAST)
    assert open_model(model).config["training"]["n_other_clips"] == 5


def test_the_command_tells_of_bad_input_in_one_line(tmp_path):
    (tmp_path / "mine.txt").write_text("")
    told = fail("dataset", "noise", "-o", tmp_path, code=1, message=str(tmp_path))
    assert len(told.stderr.splitlines()) == 1
