"""What ``--help`` prints."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import Enum
from typing import Any

from ._parameters import Argument, Parameter

__all__ = ["command_help", "group_help", "summarise"]

_WIDEST, _COLUMN = 100, 26
_HELP_ROW = ("-h, --help", "Show this message and exit.")


def summarise(command: Any) -> str:
    """Return what a command or a group is for, on one line."""
    text = command.__doc__ if callable(command) else command.help
    return " ".join(_paragraphs(text)[0].split())


def command_help(
    name: str, function: Callable[..., Any], parameters: Sequence[Parameter]
) -> str:
    """Return the help of a command."""
    arguments = [p for p in parameters if isinstance(p.declared, Argument)]
    options = [p for p in parameters if not isinstance(p.declared, Argument)]
    places = [item.label for item in arguments]
    blocks = [
        " ".join(["Usage:", name, "[OPTIONS]", *places]),
        *map(_fill, _paragraphs(function.__doc__)),
        _table("Arguments", [(p.label, _describe(p)) for p in arguments]),
        _table("Options", [*map(_option_row, options), _HELP_ROW]),
    ]
    return "\n\n".join(block for block in blocks if block)


def group_help(
    name: str,
    text: str,
    options: Sequence[Parameter],
    summaries: Mapping[str, str],
) -> str:
    """Return the help of a group of commands."""
    blocks = [
        f"Usage: {name} [OPTIONS] COMMAND ...",
        *map(_fill, _paragraphs(text)),
        _table("Options", [*map(_option_row, options), _HELP_ROW]),
        _table("Commands", summaries.items()),
        f"'{name} COMMAND --help' says what a command takes.",
    ]
    return "\n\n".join(blocks)


def _paragraphs(text: str | None) -> list[str]:
    return (text or "").strip().split("\n\n")


def _option_row(option: Parameter) -> tuple[str, str]:
    spelled = ", ".join(option.spellings)
    return f"{spelled} {option.metavar}".rstrip(), _describe(option)


def _describe(parameter: Parameter) -> str:
    notes = []
    least = parameter.least
    if least is not None:
        notes.append(f"at least {least}")
    if parameter.is_required:
        notes.append("required")
    elif parameter.default is not None and not parameter.is_flag:
        notes.append(f"default: {_plain(parameter.default)}")
    return parameter.declared.help + (f" [{', '.join(notes)}]" if notes else "")


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, Enum) else value


def _width() -> int:
    return min(shutil.get_terminal_size().columns, _WIDEST)


def _fill(text: str) -> str:
    return textwrap.fill(" ".join(text.split()), _width())


def _table(title: str, rows: Iterable[tuple[str, str]]) -> str:
    lines = [line for row in rows for line in _row(*row)]
    return "\n".join([f"{title}:", *lines]) if lines else ""


def _row(left: str, right: str) -> list[str]:
    indent = " " * _COLUMN
    lines = textwrap.wrap(
        right,
        max(_width(), 2 * _COLUMN),
        initial_indent=indent,
        subsequent_indent=indent,
    )
    if len(left) + 4 > _COLUMN:
        return [f"  {left}", *lines]
    return [f"  {left:{_COLUMN - 2}}" + lines[0][_COLUMN:], *lines[1:]]
