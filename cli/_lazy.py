"""Commands that start quickly: each is imported when it is called."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any, ClassVar, cast

import typer
from typer.main import get_command

from ._errors import CommandGroup
from ._lean_command import LeanCommand

__all__ = ["LazyGroup"]


class LazyGroup(CommandGroup):
    """Commands that are imported when they are called, or listed with their help.

    As click's documentation has it, under "Lazily Loading Subcommands".

    Attributes
    ----------
    lazy_subcommands : mapping of str to str
        For each command, "module:name" in this package: a function, or a Typer app of
        further commands.
    """

    lazy_subcommands: ClassVar[Mapping[str, str]] = {}

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        # The names alone, from which Typer suggests one for a misspelt command.
        self.commands = cast(Any, dict.fromkeys(self.lazy_subcommands))

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the options before the command."""
        for param in self.get_params(ctx):
            # Typer would import pydantic to convert the None of --help.
            if param.default is None and getattr(param, "is_flag", False):
                param.default = False
        return super().parse_args(ctx, args)

    def list_commands(self, ctx: Any) -> list[str]:
        """Name the commands, in the order of the help."""
        return list(self.lazy_subcommands)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Import a command; return None if there is none of that name."""
        if cmd_name in self.lazy_subcommands:
            return self._lazy_load(cmd_name)
        return None

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the whole summary of each command, however long."""
        commands = {name: self._lazy_load(name) for name in self.lazy_subcommands}
        with formatter.section("Commands"):
            formatter.write_dl(
                [(name, _summary(command)) for name, command in commands.items()]
            )

    def _lazy_load(self, cmd_name: str) -> Any:
        module, _, name = self.lazy_subcommands[cmd_name].partition(":")
        found = getattr(importlib.import_module(f".{module}", __package__), name)
        if isinstance(found, typer.Typer):
            group = get_command(found)
            group.name = cmd_name  # an app does not know what it is called here
            return group
        app = typer.Typer(add_completion=False, rich_markup_mode=None)
        app.command(cmd_name, cls=LeanCommand)(found)
        return get_command(app)


def _summary(command: Any) -> str:
    return " ".join((command.help or "").split("\n\n")[0].split())
