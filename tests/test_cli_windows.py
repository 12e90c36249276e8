"""``predict`` on long recordings, on standard input, and in other programs' formats."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from itertools import pairwise

import numpy as np
import pytest
import soundfile
from cli_tools import fail, run, succeed
from typer.testing import CliRunner

from mfccclf import Predictor
from mfccclf.cli.main import app
from mfccclf.prediction.formats import FORMATS

RATE = 16000


@pytest.fixture(scope="module")
def model(trained):
    path, _ = trained
    return path


def wave(*parts):
    """Tones of (frequency, seconds) one after the other; 0 Hz is silence."""
    rng = np.random.default_rng(0)
    pieces = []
    for frequency, seconds in parts:
        time = np.arange(round(seconds * RATE)) / RATE
        piece = 0.4 * np.sin(2 * np.pi * frequency * time)
        if frequency:
            piece += 0.02 * rng.standard_normal(len(time))
        pieces.append(piece)
    return np.concatenate(pieces).astype(np.float32)


@pytest.fixture(scope="module")
def recording(tmp_path_factory):
    """Low for 4 s, silence for 2 s, high for 3.5 s."""
    path = tmp_path_factory.mktemp("long") / "long take.wav"
    soundfile.write(path, wave((150, 4), (0, 2), (3000, 3.5)), RATE)
    return path


def pipe(data, *arguments, code=0):
    """Run predict with bytes on standard input."""
    arguments = ["predict", "-", *[str(argument) for argument in arguments]]
    result = CliRunner().invoke(app, arguments, input=data)
    assert result.exit_code == code, result.output
    return result


def records(text):
    return [json.loads(line) for line in text.splitlines()]


def test_text_has_a_line_per_window(recording, model):
    text = succeed("predict", recording, "--model", model, "--window", 2)
    lines = text.splitlines()
    assert len(lines) == 5
    assert lines[0].startswith(f"{recording} 0:00:00.00-0:00:02.00: ")
    assert lines[2] == f"{recording} 0:00:04.00-0:00:06.00: -"
    assert lines[4].startswith(f"{recording} 0:00:08.00-0:00:09.50: ")


def test_json_has_the_contract_and_times(recording, model):
    options = ["--window", "3", "--hop", "1", "--format", "json"]
    found = records(succeed("predict", recording, "--model", model, *options))
    assert [(item["start_s"], item["end_s"]) for item in found] == [
        *((start, start + 3) for start in range(7)),
        (7, 9.5),
    ]
    for item in found:
        assert list(item) == [
            *("file", "label", "labels", "scores", "model", "duration_s"),
            *("start_s", "end_s", "familiarity"),
        ]
        assert item["file"] == str(recording)


def test_silence_gets_no_label_in_any_format(recording, model):
    common = ["predict", recording, "--model", model, "--window", 2, "--format"]
    (silent,) = (r for r in records(succeed(*common, "json")) if r["start_s"] == 4)
    assert (silent["label"], silent["labels"], silent["scores"]) == (None, [], {})
    rows = list(csv.DictReader(io.StringIO(succeed(*common, "csv"))))
    assert [rows[2][key] for key in ("label", "high", "low")] == ["", "", ""]
    for format in ("audacity", "raven"):
        assert "4.000000\t6.000000" not in succeed(*common, format)


def test_merge_joins_neighbours(recording, model):
    options = ["--window", 1, "--merge", "--format", "json"]
    found = records(succeed("predict", recording, "--model", model, *options))
    assert len(found) < 9
    labels = [item["label"] for item in found]
    assert all(one != other for one, other in pairwise(labels))
    (silent,) = (item for item in found if item["label"] is None)
    assert (silent["start_s"], silent["end_s"]) == (4, 6)
    assert (found[0]["start_s"], found[-1]["end_s"]) == (0, 9.5)


def test_audacity_without_windows_is_one_segment(recordings, model):
    clip = recordings / "low" / "0.wav"
    text = succeed("predict", clip, "--model", model, "--format", "audacity")
    start, end, label = text.rstrip("\n").split("\t")
    assert (start, end) == ("0.000000", "0.700000")
    assert label in ("low", "high")


def test_raven_table_has_its_columns(recording, model):
    options = ["--window", 2, "--format", "raven"]
    text = succeed("predict", recording, "--model", model, *options)
    rows = list(csv.DictReader(io.StringIO(text), delimiter="\t"))
    assert [row["Selection"] for row in rows] == ["1", "2", "3", "4"]
    assert {row["Begin File"] for row in rows} == {"long take.wav"}
    assert rows[-1]["End Time (s)"] == "9.500000"
    assert float(rows[0]["High Freq (Hz)"]) > float(rows[0]["Low Freq (Hz)"])
    assert 0 <= float(rows[0]["Score"]) <= 1


def test_jams_is_one_document(recording, model, tmp_path):
    output = tmp_path / "labels.jams"
    options = ["--window", 2, "--format", "jams", "--output", output]
    assert succeed("predict", recording, "--model", model, *options) == ""
    document = json.loads(output.read_text(encoding="utf-8"))
    assert set(document) == {"annotations", "file_metadata", "sandbox"}
    (annotation,) = document["annotations"]
    assert [item["time"] for item in annotation["data"]] == [0, 2, 6, 8]
    assert document["file_metadata"]["duration"] == 9.5


@pytest.mark.parametrize("kind", ["WAV", "AU", "FLAC"])
@pytest.mark.parametrize("window", [[], ["--window", 2, "--hop", 1.5]])
def test_standard_input_gives_what_its_file_gives(
    kind, window, recording, model, tmp_path
):
    path = tmp_path / "copy"
    soundfile.write(path, *soundfile.read(recording), format=kind)
    options = ["--model", model, "--format", "json", *window]
    from_pipe = records(pipe(path.read_bytes(), *options).stdout)
    from_file = records(succeed("predict", path, *options))
    assert len(from_pipe) == len(from_file)
    for one, other in zip(from_pipe, from_file, strict=True):
        assert one.pop("file") == "-"
        assert other.pop("file") == str(path)
        assert one.pop("scores") == pytest.approx(other.pop("scores"), abs=1e-5)
        assert one == other


def test_header_of_unknown_length_is_no_matter(recording, model):
    data = bytearray(recording.read_bytes())
    for size in (b"\xff\xff\xff\xff", b"\0\0\0\0", b"\xff\xff\xff\x7f"):
        data[40:44] = size
        found = pipe(bytes(data), "--model", model, "--window", 2)
        assert len(found.stdout.splitlines()) == 5
        assert found.stderr == ""


@pytest.mark.parametrize(
    ("raw", "dtype", "n_channels"),
    [
        ("16000", "<i2", 1),
        ("16000:s16be", ">i2", 1),
        ("16000:f32le:2", "<f4", 2),
        ("16000:u8", "u1", 1),
    ],
)
def test_samples_without_a_header_are_read(raw, dtype, n_channels, recording, model):
    samples, _ = soundfile.read(recording, dtype="float32")
    scale, offset = {"i": (32767, 0), "f": (1, 0), "u": (127, 128)}[
        dtype.strip("<>")[0]
    ]
    coded = np.repeat(samples * scale + offset, n_channels).astype(dtype).tobytes()
    options = ["--model", model, "--window", 2, "--format", "json"]
    found = records(pipe(coded, *options, "--raw", raw).stdout)
    assert [item["start_s"] for item in found] == [0, 2, 4, 6, 8]
    assert found[-1]["end_s"] == 9.5


def test_file_without_a_header_is_read_too(model, tmp_path):
    path = tmp_path / "capture.pcm"
    path.write_bytes((wave((150, 3)) * 32767).astype("<i2").tobytes())
    options = ["--model", model, "--raw", "16000"]
    assert succeed("predict", path, *options).startswith(f"{path}: ")
    windows = succeed("predict", path, *options, "--window", 1)
    assert len(windows.splitlines()) == 3


def test_windows_come_out_while_the_recorder_runs(model):
    command = [sys.executable, "-m", "mfccclf", "predict", "-", "--raw", "16000"]
    command += ["--model", str(model), "--window", "1"]
    samples = (wave((150, 1.2)) * 32767).astype("<i2").tobytes()
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=False
    ) as process:
        for start in range(3):
            os.write(process.stdin.fileno(), samples)
            line = process.stdout.readline().decode()
            assert line.startswith(f"- 0:00:0{start}.00-0:00:0{start + 1}.00: ")
        process.stdin.close()
        rest = process.stdout.read().decode()
    assert rest.startswith("- 0:00:03.00-0:00:03.60: ")
    assert process.returncode == 0


# What goes wrong


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--window", "0"], "'window' parameter of predict_windows must be a float >"),
        (["--window", "-1"], "'window' parameter"),
        (["--window", "1", "--hop", "0"], "'hop' parameter"),
        (["--window", "0.001"], "long enough for the model"),
        (["--window", "1", "--hop", "0.0000001"], "at least one sample"),
        (["--window", "three"], "It must be a number"),
        (["--hop", "1"], "--hop needs --window"),
        (["--window", "1", "--whole-frames"], "--whole-frames needs --hop"),
        (["--level-step", "6"], "--level-step needs --window"),
        (["--window", "1", "--level-step", "0"], "--level-step must be above 0"),
        (["--window", "1", "--level-step", "6"], "does not start from the pre-trained"),
        (["--merge"], "--merge needs --window"),
        (["--format", "png", "--window", "1"], "Add --window SECONDS and --output"),
        (["--format", "png", "--output", "a.png"], "Add --window SECONDS"),
        (["--format", "wave"], "'wave' is not one of"),
        (["--raw", "cd"], "not RATE[:FORMAT[:CHANNELS]]"),
        (["--raw", "16000:s16le:1:1"], "not RATE[:FORMAT[:CHANNELS]]"),
        (["--raw", "16000:s16"], "Did you mean 's16"),
        (["--raw", "10"], "'sample_rate' parameter"),
    ],
)
def test_odd_arguments_are_misuse(options, message, recording, model):
    result = run("predict", recording, "--model", model, *options)
    assert result.exit_code == 2, result.output
    assert message in result.stderr
    assert result.stdout == ""


def test_hop_is_rounded_to_whole_frames_on_request(recording, model):
    options = ["--model", model, "--window", 1, "--hop", 0.9, "--format", "json"]
    lines = succeed("predict", recording, *options, "--whole-frames").splitlines()
    step = Predictor(model).round_hop(0.9)
    assert json.loads(lines[1])["start_s"] == round(step, 6) != 0.9


def test_hop_may_be_longer_than_the_window(recording, model):
    options = ["--model", model, "--window", 1, "--hop", 4, "--format", "audacity"]
    lines = succeed("predict", recording, *options).splitlines()
    assert [line.split("\t")[0] for line in lines] == ["0.000000", "8.000000"]


def test_every_format_is_offered():
    assert f"<{'|'.join(FORMATS)}|png>" in succeed("predict", "--help")


@pytest.mark.parametrize("format", [n for n, f in FORMATS.items() if f.one_recording])
def test_formats_of_one_recording_refuse_two(format, recording, model):
    arguments = [recording, recording, "--model", model, "--format", format]
    fail("predict", *arguments, code=2, message="is for one recording. Got 2")


def test_standard_input_is_read_only_once(model):
    fail("predict", "-", "-", "--model", model, code=2, message="read only once")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "standard input is empty"),
        (b"no sound at all", "standard input is not a sound file"),
        (b"RIFF\0\0\0\0WAVE", "standard input ends before its samples"),
    ],
)
def test_bad_standard_input_is_one_line(data, message, model):
    result = pipe(data, "--model", model, "--window", 1, code=1)
    assert message in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert result.stdout == ""


def test_nan_ends_the_recording_after_the_windows_before_it(model, tmp_path):
    samples = wave((150, 100))
    samples[95 * RATE :] = np.nan
    path = tmp_path / "broken.wav"
    soundfile.write(path, samples, RATE, subtype="FLOAT")
    result = run("predict", path, "--model", model, "--window", 5, "--merge")
    assert result.exit_code == 1
    assert result.stdout.startswith(f"{path} 0:00:00.00-")
    assert "broken.wav" in result.stderr
    assert "at 95.000 s" in result.stderr


def test_failure_leaves_no_file(model, tmp_path):
    output = tmp_path / "labels.txt"
    arguments = ["none.wav", "--model", model, "--window", 1, "--output", output]
    fail("predict", *arguments, code=1, message="none.wav")
    assert list(tmp_path.iterdir()) == []


def test_output_in_a_folder_that_is_missing_is_refused(recording, model, tmp_path):
    output = tmp_path / "none" / "labels.txt"
    arguments = [recording, "--model", model, "--output", output]
    fail("predict", *arguments, code=1, message="does not exist")


# Pictures


def test_picture_is_drawn(recording, model, tmp_path):
    output = tmp_path / "picture.png"
    options = ["--model", model, "--window", 1, "--hop", 0.5]
    options += ["--format", "png", "--output", output]
    assert succeed("predict", recording, *options) == ""
    assert output.read_bytes().startswith(b"\x89PNG")


def test_picture_without_matplotlib_names_the_extra(
    recording, model, tmp_path, monkeypatch
):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    output = tmp_path / "picture.png"
    options = ["--model", model, "--window", 1, "--format", "png", "-o", output]
    fail("predict", recording, *options, code=1, message="'mfccclf[plots]'")
    assert not output.exists()


@pytest.mark.parametrize("jobs", [2, -1])
def test_threads_give_the_same_windows_in_the_same_order(recording, model, jobs):
    windows = ["--model", model, "--window", 1, "--hop", 0.25, "--format", "json"]
    alone = succeed("predict", recording, *windows)
    assert succeed("predict", recording, *windows, "--jobs", jobs) == alone


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(["--jobs", 2], "--jobs needs --window"), (["--window", 1, "--jobs", 0], "Got 0")],
)
def test_threads_are_checked(recording, model, arguments, message):
    fail("predict", recording, "--model", model, *arguments, code=2, message=message)
