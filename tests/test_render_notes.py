"""Notes rendered from SoundFonts: their layout, their splits, their bytes."""

from __future__ import annotations

import builtins
import json
import struct
from pathlib import Path

import pytest
import soundfile
from cli_tools import fail, succeed

from mfccclf import DatasetError, MissingExtraError, load_dataset
from mfccclf.synthesis import render_notes
from mfccclf.synthesis.notes.general_midi import FAMILIES, GENERAL_MIDI, SOURCES
from mfccclf.synthesis.notes.sound_fonts import font_family


def chunk(name: bytes, content: bytes) -> bytes:
    padding = b"\0" * (len(content) % 2)
    return name + struct.pack("<I", len(content)) + content + padding


def listed(name: bytes, *chunks: bytes) -> bytes:
    return chunk(b"LIST", name + b"".join(chunks))


def write_sound_font(path: Path, programs: list[int], period: int = 100) -> Path:
    """Write a SoundFont in which each program plays one looped square wave."""
    half = period // 2
    samples = ([9000] * half + [-9000] * half) * 20
    n_samples = len(samples)
    wave = struct.pack(f"<{n_samples}h", *samples)
    presets = b"".join(
        struct.pack("<20sHHHIII", b"preset", program, 0, index, 0, 0, 0)
        for index, program in enumerate([*programs, 255])
    )
    bags = b"".join(struct.pack("<HH", i, 0) for i in range(len(programs) + 1))
    zones = struct.pack("<HH", 41, 0) * len(programs) + bytes(4)
    header = struct.pack(
        "<20sIIIIIBbHH", b"s", 0, n_samples, 0, n_samples, 44100, 60, 0, 0, 1
    )
    data = listed(
        b"pdta",
        chunk(b"phdr", presets),
        chunk(b"pbag", bags),
        chunk(b"pmod", bytes(10)),
        chunk(b"pgen", zones),
        chunk(b"inst", struct.pack("<20sH20sH", b"i", 0, b"EOI", 1)),
        chunk(b"ibag", struct.pack("<HHHH", 0, 0, 2, 0)),
        chunk(b"imod", bytes(10)),
        chunk(b"igen", struct.pack("<HHHH", 54, 1, 53, 0) + bytes(4)),
        chunk(b"shdr", header + struct.pack("<20sIIIIIBbHH", b"EOS", *[0] * 9)),
    )
    info = listed(
        b"INFO",
        chunk(b"ifil", struct.pack("<HH", 2, 1)),
        chunk(b"isng", b"EMU8000\0"),
        chunk(b"INAM", b"test\0\0"),
    )
    sound = listed(b"sdta", chunk(b"smpl", wave + bytes(92)))
    path.write_bytes(chunk(b"RIFF", b"sfbk" + info + sound + data))
    return path


@pytest.fixture
def fonts(tmp_path: Path) -> list[Path]:
    names = ("FluidR3_GM", "TimGM6mb", "fluidr3mono")
    return [
        write_sound_font(tmp_path / f"{name}.sf2", [0, 40, 80], period=80 + 20 * number)
        for number, name in enumerate(names)
    ]


@pytest.fixture
def render():
    pytest.importorskip("fluidsynth", exc_type=ImportError)
    return render_notes


def contents(folder: Path) -> dict[str, bytes]:
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def test_rendered_notes_load_as_nsynth_split_by_font_family(fonts, tmp_path, render):
    rendered = render(fonts, tmp_path / "notes", pitch_step=24)
    assert rendered.splits == {"train": ["fluid"], "test": ["timgm"]}
    dataset = load_dataset(tmp_path / "notes")
    assert dataset.layout == "nsynth"
    assert dataset.classes == ["keyboard", "string", "synth_lead"]
    assert len(dataset) == rendered.n_notes
    assert rendered.n_silent > 0
    train, test = (dataset.select(split) for split in ("train", "test"))
    assert len(train) == 2 * len(test)
    assert not set(train.groups) & set(test.groups)


def test_notes_are_as_nsynth_writes_them(fonts, tmp_path, render):
    render(fonts[:1], tmp_path / "notes", pitch_step=24, velocities=[100])
    index = json.loads((tmp_path / "notes" / "examples.json").read_text())
    note = index["string_acoustic_040-055-100"]
    assert note["note_str"] == "string_acoustic_040-055-100"
    assert note["instrument_str"] == "string_acoustic_040"
    assert note["instrument_family"] == 8
    assert note["instrument_family_str"] == "string"
    assert (note["instrument_source"], note["pitch"], note["velocity"]) == (0, 55, 100)
    path = tmp_path / "notes" / "audio" / "string_acoustic_040-055-100.wav"
    info = soundfile.info(path)
    assert (info.frames, info.samplerate, info.channels) == (64000, 16000, 1)
    waveform, _ = soundfile.read(path)
    assert abs(waveform[:48000]).max() > 0.01
    assert abs(waveform[60000:]).max() < 0.01  # released after 3 s


def test_the_same_call_gives_the_same_bytes(fonts, tmp_path, render):
    for name in ("one", "two"):
        render(fonts, tmp_path / name, n_notes=400)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_three_families_make_three_splits(fonts, tmp_path, render):
    other = write_sound_font(tmp_path / "My font.sf2", [0])
    rendered = render([*fonts, other], tmp_path / "notes", n_notes=40)
    assert rendered.splits == {
        "train": ["fluid"],
        "validation": ["timgm"],
        "test": ["my-font"],
    }


def test_links_are_of_their_targets_family(tmp_path):
    write_sound_font(tmp_path / "FluidR3_GM.sf2", [0])
    (tmp_path / "default-GM.sf2").symlink_to(tmp_path / "FluidR3_GM.sf2")
    names = ("default-GM.sf2", "MuseScore_General.sf3", "OPL-3_FM_128M.sf2")
    families = [font_family(tmp_path / name) for name in names]
    assert families == ["fluid", "fluid", "opl3"]
    assert font_family(tmp_path / "sf_GMbank.sf2") == "timgm"


def test_unusable_fonts_and_folders_are_named(fonts, tmp_path, render):
    with pytest.raises(DatasetError, match=r"gone\.sf2 cannot be read"):
        render([tmp_path / "gone.sf2"], tmp_path / "a")
    (tmp_path / "text.sf2").write_text("no font at all")
    with pytest.raises(DatasetError, match=r"text\.sf2 is not a SoundFont"):
        render([tmp_path / "text.sf2"], tmp_path / "b")
    with pytest.raises(DatasetError, match="is not empty: it holds"):
        render(fonts, tmp_path)
    with pytest.raises(ValueError, match="'velocities' .* must be an int >= 1 and"):
        render(fonts, tmp_path / "c", velocities=[0])


def test_a_run_that_is_broken_off_leaves_nothing(fonts, tmp_path, render):
    def break_off(done: int, total: int) -> None:
        if done == 5:
            raise KeyboardInterrupt("broken off")

    with pytest.raises(KeyboardInterrupt, match="broken off"):
        render(fonts, tmp_path / "notes", n_notes=40, on_progress=break_off)
    assert list((tmp_path / "notes").iterdir()) == []
    assert render(fonts, tmp_path / "notes", n_notes=40).n_notes > 0


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (ModuleNotFoundError, r"pip install 'mfccclf\[render\]'"),
        (ImportError, "needs the library fluidsynth.*libfluidsynth3"),
    ],
)
def test_what_is_missing_is_named(monkeypatch, fonts, tmp_path, error, message):
    real = builtins.__import__

    def fake(name, *args, **kwargs):
        if name == "fluidsynth":
            raise error("no such thing")
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", fake)
    with pytest.raises(MissingExtraError, match=message):
        render_notes(fonts, tmp_path / "notes")


def test_the_command_says_what_it_did(fonts, tmp_path, render):
    arguments = ["--soundfont", fonts[0], "--soundfont", fonts[1], "--notes", "60"]
    text = succeed("dataset", "render-notes", *arguments, "-o", tmp_path / "notes")
    assert "Rendered" in text
    assert "test: font family timgm" in text
    fail(
        *("dataset", "render-notes", *arguments, "-o", tmp_path / "notes"),
        code=1,
        message="is not empty",
    )
    fail(
        *("dataset", "render-notes", *arguments, "-o", "x", "--velocities", "loud"),
        code=2,
        message="not a list of velocities",
    )


def test_general_midi_covers_every_family_and_source_once_per_program():
    assert {item.family for item in GENERAL_MIDI} == set(FAMILIES)
    assert {item.source for item in GENERAL_MIDI} == set(SOURCES)
    programs = [item.program for item in GENERAL_MIDI]
    assert programs == sorted(set(programs))
    assert all(21 <= item.lowest < item.highest <= 108 for item in GENERAL_MIDI)
