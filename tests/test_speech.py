"""Words said by speech programs: pronunciations, layout, voices, training."""

from __future__ import annotations

import csv
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from cli_tools import FAST, fail, read_folder, succeed, write_clip

from mfccclf import DatasetError, load_dataset
from mfccclf.prediction.shipped import open_model
from mfccclf.synthesis.speech import (
    SPEECH_RATE,
    espeak,
    look_up,
    render_speech,
    render_words,
    rendering,
    speaker_of,
)
from mfccclf.synthesis.speech.voices import (
    FESTIVAL_VOICES,
    espeak_phonemes,
    festival_entry,
)

needs_espeak = pytest.mark.skipif(
    shutil.which("espeak-ng") is None, reason="espeak-ng is not installed"
)
needs_festival = pytest.mark.skipif(
    shutil.which("festival") is None, reason="Festival is not installed"
)

# A program that whistles in place of speaking, one of eight tones for what it is told.
WHISTLE = """\
#!/bin/sh
for last; do :; done
case "$*" in
  *--voices=variant*) printf 'Pty Language\\n5 v M Ann !v/Ann\\n5 v M Bob !v/Bob\\n'
    printf '5 v M Storm !v/Storm\\n' ;;
  *silent*) ;;
  *) number=$(printf '%s' "$*" | sed "s|$last||" | cksum | cut -d' ' -f1)
    cp "{tones}/$((number % 8)).wav" "$last" ;;
esac
"""


@pytest.fixture
def whistlers(tmp_path, monkeypatch):
    """Put espeak-ng and flite in front of the real ones, and no Festival."""
    tones = tmp_path / "tones"
    for number in range(8):
        path = tones / f"{number}.wav"
        write_clip(path, frequency=300 + 100 * number, seed=number, seconds=0.4)
    folder = tmp_path / "programs"
    folder.mkdir()
    for name in ("espeak-ng", "flite"):
        program = folder / name
        program.write_text(WHISTLE.replace("{tones}", str(tones)))
        program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    found = shutil.which
    missing = {"festival"}
    monkeypatch.setattr(
        shutil, "which", lambda name: None if name in missing else found(name)
    )
    monkeypatch.setattr(espeak, "ENGLISH", ("en-us", "en-gb"))


# The data set


def test_words_lie_in_folders_of_their_labels_with_the_voice_as_group(
    whistlers, tmp_path
):
    rendered = render_speech(
        {"yes": "yes", "yeah": "yes", "no": "no"}, tmp_path / "d", n_clips=7
    )
    clips = load_dataset(rendered.folder)
    assert clips.layout == "speech-commands"
    assert clips.classes == ["no", "yes"]
    assert len(clips) == rendered.n_clips == sum(rendered.programs.values())
    assert rendered.programs == {"espeak-ng": 6, "flite": 12}
    assert rendered.missing == ["festival"]
    with (rendered.folder / "voices.csv").open(newline="") as file:
        voices = list(csv.DictReader(file))
    assert {row["speaker"] for row in voices} == set(clips.groups)
    assert sum(int(row["clips"]) for row in voices) == len(clips)
    assert "Storm" not in {row["voice"] for row in voices}  # no mouth sounds so


def test_clips_have_the_rate_that_was_asked_for_and_no_silence_around(
    whistlers, tmp_path
):
    render_speech(["yes"], tmp_path / "d", n_clips=1, sample_rate=8000)
    for path in (tmp_path / "d" / "yes").iterdir():
        wave, rate = soundfile.read(path)
        assert rate == 8000
        assert 0.3 < len(wave) / rate < 0.5
        assert np.abs(wave[: rate // 20]).max() > 0.5


def test_equal_calls_give_equal_files(whistlers, tmp_path):
    for name in ("a", "b"):
        render_speech(["yes", "no"], tmp_path / name, n_clips=5, seed=3)
    render_speech(["yes", "no"], tmp_path / "c", n_clips=5, seed=4)
    first, again, other = (read_folder(tmp_path / name) for name in "abc")
    assert first == again
    assert first != other


def test_progress_ends_at_its_total(whistlers, tmp_path):
    told = []
    render_speech(
        ["yes"], tmp_path / "d", n_clips=9, on_progress=lambda *now: told.append(now)
    )
    done, total = zip(*told, strict=True)
    assert len(set(total)) == 1
    assert list(done) == list(range(1, total[0] + 1))


def test_a_word_that_no_voice_can_say_leaves_nothing_behind(whistlers, tmp_path):
    with pytest.raises(DatasetError, match="No voice could say silent"):
        render_speech(["yes", "silent"], tmp_path / "d", n_clips=3)
    assert list((tmp_path / "d").iterdir()) == []


def test_without_a_program_the_error_says_how_to_install_some(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DatasetError, match="apt-get install espeak-ng flite festival"):
        render_speech(["yes"], tmp_path / "d")
    assert not (tmp_path / "d").exists()


def test_a_folder_with_something_in_it_is_not_touched(whistlers, tmp_path):
    write_clip(tmp_path / "d" / "kept.wav", frequency=300, seed=0)
    with pytest.raises(DatasetError, match=r"is not empty: it holds kept\.wav"):
        render_speech(["yes"], tmp_path / "d")
    assert len(read_folder(tmp_path / "d")) == 1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["7"], "English words in letters"),
        (["-v"], "English words in letters"),
        (['a" (quit)'], "English words in letters"),
        ({"yes": "../yes"}, "labels that can name a folder"),
        ({"yes": "test"}, "labels that can name a folder"),
        ({"yes": ""}, "labels that can name a folder"),
        ("yes", "a list of words"),
        ([], "a list of words"),
    ],
)
def test_words_and_labels_that_cannot_be_used(tmp_path, words, message):
    with pytest.raises(ValueError, match=message):
        render_speech(words, tmp_path / "d")


# Pronunciations


@needs_festival
def test_pronunciations_come_from_the_lexicon():
    found = look_up(["zero", "Seven", "good morning"])
    assert found["zero"][0].split() == ["z", "ih1", "-", "r", "ow"]
    assert found["Seven"][0].split() == ["s", "eh1", "-", "v", "ax", "n"]
    assert found["good morning"][0].startswith("g uh1 d - m ao1 r")


def test_without_festival_no_pronunciation_is_known(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert look_up(["zero"]) == {"zero": ()}


def test_voices_are_given_phones_that_they_have():
    assert espeak_phonemes("f ay1 v") == "[[f'aiv]]"
    entry = festival_entry("x", "th r iy1", "lp_diphone")
    assert entry == '("x" nil (((t r i1) 1)))'
    entry = festival_entry("x", "z ih1 - r ow", "czech_ph")
    assert entry == '("x" nil (((z i) 1) ((r o u) 0)))'


@needs_festival
@pytest.mark.slow
@pytest.mark.parametrize("voice", FESTIVAL_VOICES)
def test_every_festival_voice_that_is_installed_can_say_every_phone(voice):
    phones = "th ao1 - dh oy1 - zh aw1 - ch uw1 - hh ey1 - y er1 - w ay1 - sh ow1 - ng"
    words = {phone: (f"b aa1 {phone}",) for phone in phones.replace("1", "").split()}
    words.pop("-", None)
    said = {
        rendering.label
        for rendering in render_words(words, TAKES_OF_FESTIVAL, 0)
        if rendering.voice == voice
    }
    assert said in (set(), set(words))


TAKES_OF_FESTIVAL = {"espeak-ng": 0, "accents": 0, "flite": 0, "festival": 1}


@needs_espeak
def test_espeak_says_words_in_many_voices(tmp_path):
    takes = {"espeak-ng": 4, "accents": 4, "flite": 0, "festival": 0}
    words = {"seven": ("s eh1 - v ax n",)}
    said = list(render_words(words, takes, 0, without=["max"]))
    assert len({one.voice for one in said}) > 4
    assert {one.engine for one in said} == {"espeak-ng"}
    for one in said:
        assert 0.1 < len(one.waveform) / SPEECH_RATE < 1.9
        assert np.abs(one.waveform).max() == pytest.approx(0.9)


def test_two_programs_with_one_persons_voice_are_one_group():
    assert speaker_of("kal16") == speaker_of("kal_diphone")
    assert speaker_of("rms") == "rms"
    shares = rendering._count_takes(200)
    assert shares == {"espeak-ng": 60, "accents": 60, "flite": 8, "festival": 4}


# Training


def recordings(folder: Path, labels: dict[str, float]) -> Path:
    for label, hertz in labels.items():
        for number in range(4):
            path = folder / label / f"{number}.wav"
            write_clip(path, frequency=hertz, seed=number)
    return folder


def test_the_command_line_speaks_and_learns_from_what_it_said(whistlers, tmp_path):
    said = succeed(
        *("dataset", "speak", "low", "tall=high", "--clips", 4, "--rate", 8000),
        *("-o", tmp_path / "spoken"),
    )
    assert "Not installed: festival." in said
    n_spoken = len(load_dataset(tmp_path / "spoken"))
    assert f"Wrote {n_spoken} clips of" in said
    data = recordings(tmp_path / "mine", {"low": 300, "high": 900})
    text = succeed(
        *("train", data, "--also", tmp_path / "spoken", "-o", tmp_path / "m.mfccclf"),
        *FAST,
    )
    assert f"on {8 + n_spoken} clips of 2 labels: high, low." in text
    facts = open_model(tmp_path / "m.mfccclf").config["training"]
    assert facts["more_data"] == "spoken"
    assert facts["n_more_clips"] == n_spoken
    assert facts["fingerprint"] == load_dataset(data).fingerprint()


def test_more_clips_must_have_known_labels(tmp_path):
    data = recordings(tmp_path / "mine", {"low": 300, "high": 900})
    more = recordings(tmp_path / "more", {"low": 300, "middle": 500})
    fail(
        *("train", data, "--also", more, "-o", tmp_path / "m.mfccclf"),
        code=1,
        message="more has labels that mine does not have: middle.",
    )
    assert not (tmp_path / "m.mfccclf").exists()


def test_speak_needs_words_in_letters(tmp_path):
    fail(
        *("dataset", "speak", "7", "-o", tmp_path / "d"),
        code=2,
        message="such as 'seven' for '7'",
    )


def test_a_word_cannot_have_two_labels(tmp_path):
    fail(
        *("dataset", "speak", "yes", "yes=ja", "-o", tmp_path / "d"),
        code=2,
        message="'yes' is given twice",
    )


def test_joined_clips_without_groups_stand_alone(tmp_path):
    data = load_dataset(recordings(tmp_path / "mine", {"low": 300, "high": 900}))
    assert data.groups is None
    assert data.join(data).groups is None
    grouped = replace(data, groups=["ann"] * len(data), splits=["train"] * len(data))
    joined = data.join(grouped)
    assert joined.groups == data.paths + ["ann"] * len(data)
    assert joined.splits is None
    assert joined.labels == data.labels * 2
