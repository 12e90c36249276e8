"""From words to a command's arguments, and what --help says of them."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import pytest
from cli_tools import fail, run, succeed

from mfccclf.cli._errors import UsageError
from mfccclf.cli._help import command_help
from mfccclf.cli._parameters import Argument, Option, read_parameters
from mfccclf.cli._parsing import parse_words
from mfccclf.cli.main import COMMANDS


class Colour(StrEnum):
    red = "red"
    green = "green"


def command(
    files: Annotated[list[Path], Argument(metavar="FILE...", help="What to paint.")],
    colour: Annotated[Colour, Option(help="With what.")] = Colour.red,
    coats: Annotated[int, Option("--coats", "-c", min=1, help="How often.")] = 1,
    width: Annotated[float | None, Option(metavar="MM", help="Of the brush.")] = None,
    note: Annotated[list[str] | None, Option(help="May be repeated.")] = None,
    dry: Annotated[bool, Option("--dry", help="Paint nothing.")] = False,
    shiny: Annotated[bool, Option(help="Varnish.")] = True,
):
    """Paint files.

    A second paragraph.
    """


PARAMETERS = read_parameters(command)


def parse(line):
    return parse_words(line.split(), PARAMETERS)


def test_what_is_not_given_has_its_default():
    assert parse("a") == {
        "files": [Path("a")],
        "colour": Colour.red,
        "coats": 1,
        "width": None,
        "note": None,
        "dry": False,
        "shiny": True,
    }


@pytest.mark.parametrize(
    "line",
    [
        "a b --coats 3 --dry",
        "--dry a --coats=3 b",
        "-c 3 --dry -- a b",
        "a -c3 b --dry",
        "a b --coats 1 --dry --coats 3",
    ],
)
def test_options_stand_anywhere_and_are_written_in_several_ways(line):
    values = parse(line)
    assert values["files"] == [Path("a"), Path("b")]
    assert (values["coats"], values["dry"]) == (3, True)


@pytest.mark.parametrize(
    ("line", "name", "value"),
    [
        ("a --colour green", "colour", Colour.green),
        ("a --width 2.5", "width", 2.5),
        ("a --width -1", "width", -1.0),
        ("a --note x --note y=z", "note", ["x", "y=z"]),
        ("a --note=", "note", [""]),
        ("a --no-shiny", "shiny", False),
        ("a --no-shiny --shiny", "shiny", True),
        ("- -- -c", "files", [Path("-"), Path("-c")]),
    ],
)
def test_values_have_the_kind_that_is_declared(line, name, value):
    assert parse(line)[name] == value


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("", "The argument FILE... is missing."),
        ("a --coat 3", "There is no option --coat. Did you mean '--coats'?"),
        ("a --coats", "--coats needs a value: INT."),
        ("a --coats 0", "--coats must be an int >= 1. Got '0' instead."),
        ("a -c x", "--coats must be an int >= 1. Got 'x' instead."),
        ("a --width wide", "--width must be a number. Got 'wide' instead."),
        (
            "a --colour gren",
            "--colour must be one of red, green. Got 'gren' instead. "
            "Did you mean 'green'?",
        ),
        ("a --dry=yes", "--dry takes no value. Got 'yes'."),
    ],
)
def test_words_that_make_no_sense_are_refused(line, message):
    with pytest.raises(UsageError) as caught:
        parse(line)
    assert str(caught.value) == message


def test_a_word_too_many_is_refused():
    def one(path: Annotated[str, Argument(metavar="FILE", help="One file.")]):
        """Take one file."""

    with pytest.raises(UsageError, match="'b' is one argument too many"):
        parse_words(["a", "b"], read_parameters(one))


def test_a_parameter_without_a_declaration_is_named():
    def undeclared(path: str): ...

    with pytest.raises(TypeError, match="path must be Annotated"):
        read_parameters(undeclared)


def test_help_shows_each_parameter_with_limits_and_defaults():
    text = command_help("paint", command, PARAMETERS)
    assert text.startswith("Usage: paint [OPTIONS] FILE...\n\nPaint files.\n\nA second")
    squeezed = " ".join(text.split())
    for expected in (
        "FILE... What to paint. [required]",
        "--colour red|green With what. [default: red]",
        "--coats, -c INT How often. [at least 1, default: 1]",
        "--width MM Of the brush. --note TEXT May be repeated. --dry Paint nothing.",
        "--shiny, --no-shiny Varnish.",
    ):
        assert expected in squeezed


@pytest.mark.parametrize("name", [*COMMANDS.commands, "dataset build", "cache info"])
def test_every_command_has_help(name):
    for word in ("--help", "-h"):
        assert succeed(*name.split(), word).startswith(f"Usage: mfccclf {name} [OPTIO")


def test_the_command_alone_is_misuse_and_shows_the_help():
    result = fail(code=2, message="Error: Name a command.")
    assert "grid-search" in result.stderr
    assert result.stdout == ""


def test_misuse_is_one_line_that_names_the_help():
    result = fail("predict", "a", "--top", "0", code=2, message="--top must be an int")
    assert result.stderr.endswith("See 'mfccclf predict --help'.\n")
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["prdict"], "There is no command 'prdict'. Did you mean 'predict'?"),
        (["--debgu", "predict"], "There is no option --debgu. Did you mean '--debug'?"),
        (["cache", "inof"], "There is no command 'inof'. Did you mean 'info'?"),
    ],
)
def test_an_unknown_command_is_misuse(words, message):
    assert fail(*words, code=2, message=message).stdout == ""


def test_an_interruption_ends_with_130(monkeypatch):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("mfccclf.prediction.shipped_models", interrupt)
    result = run("models")
    assert result.exit_code == 130
    assert result.stderr == "Error: Interrupted. The output was not written.\n"
