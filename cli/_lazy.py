"""Commands that start quickly: imported when they are called, parsed with little."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from enum import Enum
from pathlib import Path
from types import NoneType
from typing import Any, ClassVar, cast, get_args, get_origin, get_type_hints

import typer
from typer.core import TyperCommand
from typer.main import get_command

from ._errors import CommandGroup

__all__ = ["LazyGroup", "LeanCommand"]


class LazyGroup(CommandGroup):
    """Commands whose modules are imported when they are called, or listed.

    Attributes
    ----------
    homes : mapping of str to str
        For each command's name, "module:name" in this package: a function, or a Typer
        app of further commands.
    """

    homes: ClassVar[Mapping[str, str]] = {}

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        # The names alone, for Typer to find what a misspelt one may mean.
        self.commands = cast(Any, dict.fromkeys(self.homes))

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the options before the command."""
        for param in self.get_params(ctx):
            # Its own, such as --help, are neither on nor off, and Typer would import
            # pydantic to find out.
            if param.default is None and getattr(param, "is_flag", False):
                param.default = False
        return super().parse_args(ctx, args)

    def list_commands(self, ctx: Any) -> list[str]:
        """Name the commands, in the order of the help."""
        return list(self.homes)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Import a command; None if there is none of that name."""
        if cmd_name not in self.homes:
            return None
        module, _, name = self.homes[cmd_name].partition(":")
        found = getattr(importlib.import_module(f".{module}", __package__), name)
        if isinstance(found, typer.Typer):
            return get_command(found)
        app = typer.Typer(add_completion=False, rich_markup_mode=None)
        app.command(cmd_name, cls=LeanCommand)(found)
        return get_command(app)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write what each command is for, without cutting it short."""
        commands = {name: self.get_command(ctx, name) for name in self.homes}
        with formatter.section("Commands"):
            formatter.write_dl(
                [(name, _summary(command)) for name, command in commands.items()]
            )


class LeanCommand(TyperCommand):
    """A command that converts texts, paths and choices itself.

    Newer versions of Typer import pydantic to find that a text is a text, which takes
    as long as all else that a short command does. What is not plainly right, and
    every number, is left to Typer, its errors included.
    """

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the values of all parameters into ``ctx.params``."""
        given, rest, _ = self.make_parser(ctx).parse_args(args=list(args))
        kinds = get_type_hints(self.callback)
        values = {
            param.name: _convert(given.get(param.name), kinds.get(param.name), param)
            for param in self.get_params(ctx)
            if param.expose_value or given.get(param.name) is not None
        }
        if rest or _UNKNOWN in values.values():
            return super().parse_args(ctx, args)
        ctx.params.update(values)
        ctx.args = []
        return []


_UNKNOWN = object()


def _summary(command: Any) -> str:
    return " ".join((command.help or "").split("\n\n")[0].split())


def _convert(text: Any, hint: Any, param: Any) -> Any:
    """Return a parameter's value; ``_UNKNOWN`` where Typer has to find it."""
    if text in (None, ()):
        return _UNKNOWN if param.required else param.default
    kind = _without_none(hint)
    if get_origin(kind) is list:
        (kind,) = get_args(kind)
        values = [_convert_one(one, kind) for one in text]
        return _UNKNOWN if _UNKNOWN in values else values
    return _convert_one(text, kind)


def _convert_one(text: Any, kind: Any) -> Any:
    if kind is bool:
        return text if isinstance(text, bool) else _UNKNOWN
    if kind in (str, Path):
        return kind(text)
    if isinstance(kind, type) and issubclass(kind, Enum) and text in list(kind):
        return kind(text)
    return _UNKNOWN


def _without_none(hint: Any) -> Any:
    kinds = [kind for kind in get_args(hint) if kind is not NoneType]
    is_optional = NoneType in get_args(hint)
    return kinds[0] if is_optional and len(kinds) == 1 else hint
