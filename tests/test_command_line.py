"""Commands that are imported when they are called, and parsed with little."""

from __future__ import annotations

import subprocess
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import pytest
import typer
from cli_tools import fail, succeed
from typer.core import TyperCommand
from typer.testing import CliRunner

from mfccclf.cli._lean_command import LeanCommand
from mfccclf.cli.dataset import DatasetCommands
from mfccclf.cli.main import Commands

ALL = [
    *Commands.lazy_subcommands,
    *(f"dataset {name}" for name in DatasetCommands.lazy_subcommands),
]
ALL += ["cache info", "cache clear"]


class Colour(StrEnum):
    red = "red"
    green = "green"


def paint(
    files: Annotated[list[str], typer.Argument(metavar="FILE...")],
    colour: Annotated[Colour, typer.Option()] = Colour.red,
    coats: Annotated[int, typer.Option(min=1)] = 1,
    width: Annotated[float | None, typer.Option()] = None,
    note: Annotated[list[str] | None, typer.Option()] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o")] = None,
    dry: Annotated[bool, typer.Option("--dry")] = False,
    shiny: bool = True,
):
    """Paint files, and show how."""
    values = (files, colour, coats, width, note, output, dry, shiny)
    typer.echo(repr(values))


def call(cls, line):
    app = typer.Typer(rich_markup_mode=None, add_completion=False)
    app.command(cls=cls)(paint)
    result = CliRunner().invoke(app, line.split())
    return result.exit_code, result.stdout, result.stderr


@pytest.mark.parametrize(
    "line",
    [
        "a",
        "a b --colour green --dry",
        "--dry a --colour=green b",
        "-o out.txt -- a -b",
        "a --note x --note y=z --output -",
        "a --no-shiny",
        "a --note= --width 2.5",
        "a --coats 3",
        "a --coats 0",
        "a --width wide",
        "a --colour blue",
        "a --colour",
        "a --colr red",
        "a --dry=yes",
        "a --help",
        "",
    ],
)
def test_a_lean_command_does_as_typers_own(line):
    assert call(LeanCommand, line) == call(TyperCommand, line)


@pytest.mark.parametrize("name", ALL)
def test_every_command_has_help(name):
    for word in ("--help", "-h"):
        assert f"Usage: mfccclf {name} " in succeed(*name.split(), word)


def test_help_lists_every_command_with_all_it_is_for():
    text = " ".join(succeed("--help").split())
    assert "predict Print the label of each sound file, or of each window of a" in text
    assert "extract Save features, labels and file names of labelled clips." in text
    assert all(f" {name} " in text for name in Commands.lazy_subcommands)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["prdict"], "No such command 'prdict'. Did you mean 'predict'?"),
        (["dataset", "ct"], "No such command 'ct'. Did you mean 'cut'?"),
        (["predict"], "Missing argument"),
        (["predict", "a", "--tpo", "1"], "--top"),
        (["predict", "a", "--format", "jsno"], ": 'jsno' is not one of 'text', 'json'"),
        (["predict", "a", "--format", "jsno"], "'png'. Did you mean 'json'?"),
        (["train", "a", "-o", "b.mfccclf", "--jobs", "0"], "--jobs 0 would do nothing"),
        (["serve", "a", "--port", "8x"], "'--port': It must be a whole number."),
        (["serve", "a", "--port", "99999"], "'--port': It must be at most 65535."),
    ],
)
def test_misuse_names_what_may_be_meant(words, message):
    fail(*words, code=2, message=message)


@pytest.mark.parametrize(
    "words", [["--help"], ["predict", "--help"], ["predict", "none.wav"]]
)
def test_what_has_to_start_quickly_imports_little(words):
    code = "import sys; from mfccclf.cli.main import app\n"
    code += "try:\n    app(sys.argv[1:])\n"
    code += "finally:\n    print('imported', *sys.modules, file=sys.stderr)"
    command = [sys.executable, "-c", code, *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    modules = done.stderr.split("imported ")[1].split()
    slow = {"pydantic", "rich", "torch", "sklearn", "scipy", "librosa", "yaml"}
    assert slow.isdisjoint(modules)
    assert "mfccclf.cli.predict" in modules


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("words", [["--help"], ["--version"], ["models", "--help"]])
def test_help_that_cannot_be_printed_fails_with_one_line(words):
    command = [sys.executable, "-m", "mfccclf", *words]
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            command, stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.returncode == 1
    assert done.stderr.startswith("Error: The output cannot be written: No space left")
    assert done.stderr.count("\n") == 1


def test_a_folder_is_no_model(tmp_path):
    fail("describe", tmp_path, code=1, message="is a folder, not a model")
