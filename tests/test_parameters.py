"""Parameters that are declared once."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from functools import partial
from types import SimpleNamespace

import pytest

from mfccclf._parameters import (
    check_each,
    choice,
    declared_defaults,
    describe_parameters,
    document,
    fill_in,
    optional,
    parameter,
    parameter_group,
    runtime_parameters,
)
from mfccclf._validation import check_int


@dataclass(frozen=True)
class Size:
    width: int = parameter(3, "int", "Columns.", check=partial(check_int, minimum=1))
    height: int | None = parameter(
        None, "int or None", "Rows; None for all.", check=optional(check_int, minimum=2)
    )
    mode: str = parameter("fast", "str", "How to draw.", runtime=True)


def test_values_are_read_from_the_object_and_checked():
    source = SimpleNamespace(width=5, height=None, mode="slow")
    assert check_each(Size, source) == Size(width=5, height=None, mode="slow")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"width": 0}, "'width' parameter of Picture must be an int >= 1. Got 0"),
        ({"height": 1}, "'height' parameter of Picture must be an int >= 2. Got 1"),
    ],
)
def test_a_bad_value_names_parameter_and_owner(values, message):
    source = SimpleNamespace(**{**declared_defaults(Size), **values})
    with pytest.raises(ValueError, match=message):
        check_each(Size, source, owner="Picture")


def test_an_error_calls_a_parameter_as_it_is_told():
    source = SimpleNamespace(width=0, height=None, mode="slow")
    with pytest.raises(
        ValueError, match=r"The \"size\['width'\]\" parameter of Picture"
    ):
        check_each(Size, source, owner="Picture", called="size[{!r}]")


def test_a_choice_accepts_and_documents_its_values():
    @dataclass(frozen=True)
    class Pen:
        colour: str | None = choice(None, (None, "red"), "Colour.")

    assert describe_parameters(Pen).startswith('colour : {None, "red"}, default=None')
    assert check_each(Pen, SimpleNamespace(colour="red")) == Pen(colour="red")
    with pytest.raises(ValueError, match="must be one of None, 'red'. Got 'rde' inst"):
        check_each(Pen, SimpleNamespace(colour="rde"))


def test_runtime_parameters_are_told_apart():
    assert runtime_parameters(Size) == {"mode"}


def test_groups_make_up_a_larger_set():
    @parameter_group
    class Colour:
        hue: str = parameter("red", "str", "What to draw in.")

    @dataclass(frozen=True, kw_only=True)
    class Drawing(Colour):
        width: int = parameter(3, "int", "Columns.")

    assert Drawing(hue="blue") == Drawing(hue="blue", width=3)
    assert declared_defaults(Drawing) == {"hue": "red", "width": 3}


def test_entries_have_type_default_and_text():
    assert describe_parameters(Size).splitlines() == [
        "width : int, default=3",
        "    Columns.",
        "height : int or None, default=None",
        "    Rows; None for all.",
        'mode : str, default="fast"',
        "    How to draw.",
    ]


def test_a_docstring_gets_its_parameters():
    @document(Size)
    class Picture:
        """Draw.

        Parameters
        ----------
        {parameters}

        Attributes
        ----------
        done_ : bool
            True.
        """

    assert "{parameters}" not in Picture.__doc__
    assert "width : int, default=3\n" in Picture.__doc__


@pytest.mark.parametrize("indent", ["", "    "])
def test_texts_are_indented_as_their_place_is(indent):
    docstring = f"Draw.\n\n{indent}{{sizes}}\n{indent}"
    filled = fill_in(docstring, "sizes", "width : int\n    In pixels.")
    assert filled == (f"Draw.\n\n{indent}width : int\n{indent}    In pixels.\n{indent}")


def test_docstrings_share_other_texts():
    @document(Size, attributes="done_ : bool\n    True.")
    class Picture:
        """Draw.

        Attributes
        ----------
        {attributes}
        """

    assert "\ndone_ : bool\n    True." in inspect.cleandoc(Picture.__doc__)


def test_a_class_may_document_its_own_fields():
    @document()
    @dataclass(frozen=True)
    class Line:
        """Draw a line.

        Parameters
        ----------
        {parameters}
        """

        length: int = parameter(2, "int", "In pixels.")

    assert "length : int, default=2\n" in Line.__doc__
