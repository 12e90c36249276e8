"""What is printed is inert: names and labels forge no line and reach no terminal."""

from __future__ import annotations

import csv
import io
import os
import subprocess
import sys

import pytest
from click.testing import CliRunner
from odd_files import wav
from typer.main import get_command

from mfccclf._inert import inert_lines, printable
from mfccclf.cli import predict_example
from mfccclf.cli.main import app
from mfccclf.datasets.problems import Problems
from mfccclf.errors import DatasetError
from mfccclf.estimators.description import NetSummary
from mfccclf.prediction import Prediction
from mfccclf.prediction.formats.audacity import AudacityWriter
from mfccclf.prediction.formats.csv_table import SpreadsheetWriter
from mfccclf.prediction.formats.raven import RavenWriter
from mfccclf.prediction.formats.text import TextWriter
from mfccclf.workflows.description import Description, format_description

EVIL = "a\nforged.wav: Linda (1.00)\r\x1b[31m\u202e\x07.wav"
CONTROLS = "\r\x1b\u202e\x07"


def is_inert(text: str) -> bool:
    return not set(CONTROLS) & set(text)


@pytest.mark.parametrize("text", ["", "a b.wav", "Zürich 東京.wav", "a\\n"])
def test_what_can_be_printed_stays_as_it_is(text):
    assert printable(text) == text


def test_controls_and_line_ends_are_escaped():
    assert printable("a\nb\r\x1b[0m\udcff\u202e") == r"a\nb\r\x1b[0m\udcff\u202e"
    assert inert_lines("a\nb\rc") == "a\nb\\rc"


@pytest.mark.parametrize("top", [1, 2])
@pytest.mark.parametrize("labels", [[EVIL], []])
@pytest.mark.parametrize("writer", [TextWriter, RavenWriter, AudacityWriter])
def test_a_prediction_is_one_inert_line(writer, labels, top):
    stream = io.StringIO()
    prediction = Prediction(
        file=EVIL,
        label=EVIL if labels else None,
        labels=labels,
        scores={EVIL: 0.6, "b": 0.4},
        model="m",
        duration_s=1.0,
    )
    text = writer(stream, classes=[EVIL, "b"], top=top).format(prediction)
    assert is_inert(text)
    assert text.count("\n") <= 1


def test_a_description_has_its_lines_only():
    net = NetSummary(layers=[], n_parameters=0, n_parameters_torch=0)
    facts = {"Labels": EVIL, "Model": "m"}
    described = Description(title=EVIL, facts=facts, input_shape=(None, 2), net=net)
    text = format_description(described)
    assert is_inert(text)
    assert not any(line.startswith("forged") for line in text.splitlines())


def test_problems_of_a_data_set_are_one_line_each():
    problems = Problems(EVIL)
    problems.add(f"{EVIL} is missing.")
    problems.add("b is missing.")
    with pytest.raises(DatasetError, match="has 2 problems") as caught:
        problems.finish()
    assert len(str(caught.value).splitlines()) == 3
    assert is_inert(str(caught.value))


def run(*arguments: str, cwd=None, shell_redirection=""):
    command = [sys.executable, "-P", "-m", "mfccclf.cli.main", *arguments]
    if shell_redirection:
        command = ["sh", "-c", f'exec "$@" {shell_redirection}', "sh", *command]
    return subprocess.run(command, capture_output=True, cwd=cwd, timeout=120)


def test_predict_of_evil_names_prints_a_line_each(tmp_path):
    if os.name != "posix":
        pytest.skip("file names cannot hold such characters")
    good = "good\nforged.wav: Linda (1.00)\x1b[31m.wav"
    (tmp_path / good).write_bytes(wav())
    done = run("predict", good, EVIL, cwd=tmp_path)
    assert done.returncode == 1
    assert len(done.stdout.decode().splitlines()) == 1
    assert len(done.stderr.decode().splitlines()) == 1
    assert is_inert(done.stdout.decode())
    assert is_inert(done.stderr.decode())


@pytest.mark.skipif(os.name != "posix", reason="needs a POSIX shell")
@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", ">&- 2>&- <&-"])
def test_closed_streams_keep_the_exit_code(closed, tmp_path):
    (tmp_path / "a.wav").write_bytes(wav())
    done = run("predict", "a.wav", cwd=tmp_path, shell_redirection=closed)
    assert done.returncode == 0
    missing = run("predict", "a.wav", "b.wav", cwd=tmp_path, shell_redirection=closed)
    assert missing.returncode == 1
    assert (tmp_path / "a.wav").read_bytes() == wav()
    assert run("predict", "--no-such", shell_redirection=closed).returncode == 2


@pytest.mark.skipif(os.name != "posix", reason="needs a POSIX shell")
def test_a_closed_standard_input_cannot_be_predicted():
    assert run("predict", "-", shell_redirection="<&-").returncode == 1


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_a_full_disk_is_told_as_such(tmp_path):
    (tmp_path / "a.wav").write_bytes(wav())
    done = run("predict", "a.wav", cwd=tmp_path, shell_redirection=">/dev/full")
    assert done.returncode == 1
    (line,) = done.stderr.decode().splitlines()
    assert "No space left on device" in line
    assert "Errno" not in line


@pytest.mark.parametrize(
    "arguments",
    [
        ["\x1b[31m\nError: forged"],
        ["--no\x1b[31m\nError: forged"],
        ["predict", "a.wav", "--no\x1b[31m\nError: forged"],
        ["predict", "a.wav", "--top", "\x1b[31m\nError: forged"],
        ["predict", "a.wav", "--format", "\x1b[31m\nError: forged"],
        ["train", "data", "--set", "\x1b[31m\nError: forged"],
        ["dataset", "\x1b[31m\nError: forged"],
    ],
)
def test_usage_errors_repeat_nothing_that_acts(arguments):
    outcome = CliRunner().invoke(get_command(app), arguments)
    assert outcome.exit_code == 2
    assert is_inert(outcome.output)
    lines = outcome.output.splitlines()
    assert not any(line.startswith("Error: forged") for line in lines)
    assert lines[-1].startswith("Error: ")


def test_predict_example_prints_inert_lines(capsys):
    assert predict_example.main([EVIL]) == 1
    predict_example.show(
        Prediction(
            file=EVIL,
            label=EVIL,
            labels=[EVIL],
            scores={EVIL: 1.0},
            model="m",
            duration_s=1.0,
        )
    )
    captured = capsys.readouterr()
    assert is_inert(captured.out + captured.err)
    assert len(captured.out.splitlines()) == 3
    assert len(captured.err.splitlines()) == 1


CELLS = {
    "=HYPERLINK(1)": "'=HYPERLINK(1)",
    "@SUM(1)": "'@SUM(1)",
    "+cmd": "'+cmd",
    "-cmd|' /C calc'!A0": "'-cmd|' /C calc'!A0",
    "\t=1": "'\t=1",
    "\r=1": "'\r=1",
    "-7": "-7",
    "+0.5": "+0.5",
    "-": "'-",
    "a=b": "a=b",
    "": "",
}


def test_a_spreadsheet_runs_no_cell():
    def rows(kind):
        stream = io.StringIO()
        writer = kind(stream, classes=list(CELLS))
        for cell in CELLS:
            writer.write(
                Prediction(
                    file=cell,
                    label=cell,
                    labels=[cell],
                    scores=dict.fromkeys(CELLS, 0.5),
                    model="m",
                    duration_s=1.0,
                )
            )
        return list(csv.reader(io.StringIO(stream.getvalue(), newline="")))

    guarded = rows(SpreadsheetWriter)
    assert guarded[0] == ["file", "label", *CELLS.values()]
    assert [row[0] for row in guarded[1:]] == list(CELLS.values())
    assert [row[1] for row in guarded[1:]] == list(CELLS.values())
    assert guarded[1][2:] == ["0.500000"] * len(CELLS)
