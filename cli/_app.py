"""Find the command that is meant, and run it with what the command line gives it."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ._errors import UsageError, near
from ._output import echo
from ._parameters import Parameter, read_parameters
from ._parsing import parse_words, split_options

__all__ = ["HELP_WORDS", "Group"]

HELP_WORDS = ("-h", "--help")

Function = Callable[..., Any]


@dataclass(frozen=True)
class Group:
    """Commands under one name; a command's module is imported when it is called.

    Parameters
    ----------
    help : str
        What they are for.
    commands : mapping of str to str
        For each name, "module:function" in this package, or "module:group".
    options : callable, optional
        Called with the options that stand before the command.
    """

    help: str
    commands: Mapping[str, str]
    options: Function | None = None

    def run(self, name: str, words: Sequence[str]) -> None:
        """Run the command that is named.

        Parameters
        ----------
        name : str
            The words before, such as "mfccclf dataset".
        words : sequence of str
            The words that follow.

        Raises
        ------
        UsageError
            If they make no sense.
        """
        own, rest = split_options(words)
        if _asks_for_help(own):
            echo(self._describe(name))
            return
        values = parse_words(own, self._parameters())
        if self.options is not None:
            self.options(**values)
        if not rest:
            echo(self._describe(name), err=True)
            raise UsageError("Name a command.")
        command = self._load(rest[0])
        if isinstance(command, Group):
            command.run(f"{name} {rest[0]}", rest[1:])
        else:
            _run_command(f"{name} {rest[0]}", command, rest[1:])

    def _describe(self, name: str) -> str:
        from ._help import group_help, summarise

        commands = {
            command: summarise(self._load(command)) for command in self.commands
        }
        return group_help(name, self.help, self._parameters(), commands)

    def _parameters(self) -> list[Parameter]:
        return [] if self.options is None else read_parameters(self.options)

    def _load(self, command: str) -> Any:
        if command not in self.commands:
            advice = near(command, self.commands)
            raise UsageError(f"There is no command {command!r}.{advice}")
        module, _, attribute = self.commands[command].partition(":")
        return getattr(importlib.import_module(f".{module}", __package__), attribute)


def _run_command(name: str, function: Function, words: Sequence[str]) -> None:
    parameters = read_parameters(function)
    if _asks_for_help(words):
        from ._help import command_help

        echo(command_help(name, function, parameters))
        return
    try:
        values = parse_words(words, parameters)
    except UsageError as error:
        raise UsageError(f"{error} See '{name} --help'.") from None
    function(**values)


def _asks_for_help(words: Sequence[str]) -> bool:
    before_end = words[: words.index("--")] if "--" in words else words
    return any(word in HELP_WORDS for word in before_end)
