"""From the words of a command line to the arguments of a command's function."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import Enum
from typing import Any

from ._errors import UsageError, near
from ._parameters import Argument, Option, Parameter

__all__ = ["parse_words", "split_options"]


def parse_words(
    words: Sequence[str], parameters: Sequence[Parameter]
) -> dict[str, Any]:
    """Return the values of parameters by name.

    Options and arguments may come in any order; ``--name=value`` is ``--name value``,
    and what follows ``--`` is no option.

    Raises
    ------
    UsageError
        If a word fits no parameter, a value is not of its parameter's kind, or one is
        missing.
    """
    options = [item for item in parameters if isinstance(item.declared, Option)]
    arguments = [item for item in parameters if isinstance(item.declared, Argument)]
    values: dict[str, Any] = {}
    rest: list[str] = []
    for option, text in _split(words, options):
        if option is None:
            rest.append(text)
        else:
            _keep(values, option, text)
    _place(values, rest, arguments)
    for parameter in parameters:
        if parameter.name not in values:
            values[parameter.name] = _default(parameter)
    return values


def split_options(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """Split words into the options at their start and the rest."""
    for index, word in enumerate(words):
        if not _is_option(word):
            return list(words[:index]), list(words[index:])
    return list(words), []


def _is_option(word: str) -> bool:
    """Tell an option from an argument; a lone "-" is standard input."""
    return word.startswith("-") and word != "-"


def _split(
    words: Sequence[str], options: Sequence[Parameter]
) -> Iterator[tuple[Parameter | None, Any]]:
    """Yield each option with its text, or with what it sets; None with the rest."""
    known = {name: option for option in options for name in option.spellings}
    left = iter(words)
    for word in left:
        if word == "--":
            yield from ((None, text) for text in left)
        elif not _is_option(word):
            yield None, word
        else:
            name, sign, text = _cut_word(word)
            option = known.get(name) or _unknown(name, known)
            if option.is_flag:
                if sign:
                    raise UsageError(f"{name} takes no value. Got {text!r}.")
                yield option, option.spellings[name]
            else:
                yield option, text if sign else _next_text(left, option)


def _cut_word(word: str) -> tuple[str, str, str]:
    """Split ``--name=value`` and ``-nvalue``; say whether a value was there."""
    if word.startswith("--"):
        return word.partition("=")
    return word[:2], word[2:], word[2:]


def _next_text(words: Iterator[str], option: Parameter) -> str:
    for text in words:
        return text
    raise UsageError(f"{option.label} needs a value: {option.metavar}.")


def _unknown(name: str, known: dict[str, Parameter]) -> Parameter:
    raise UsageError(f"There is no option {name}.{near(name, known)}")


def _keep(values: dict[str, Any], parameter: Parameter, text: Any) -> None:
    value = text if parameter.is_flag else _convert(text, parameter)
    if parameter.is_list:
        values.setdefault(parameter.name, []).append(value)
    else:
        values[parameter.name] = value


def _place(
    values: dict[str, Any], words: Sequence[str], arguments: Sequence[Parameter]
) -> None:
    left = list(words)
    for argument in arguments:
        n_taken = len(left) if argument.is_list else 1
        for word in left[:n_taken]:
            _keep(values, argument, word)
        del left[:n_taken]
    if left:
        raise UsageError(f"{left[0]!r} is one argument too many.")


def _default(parameter: Parameter) -> Any:
    if not parameter.is_required:
        return parameter.default
    kind = "argument" if isinstance(parameter.declared, Argument) else "option"
    raise UsageError(f"The {kind} {parameter.label} is missing.")


def _convert(text: str, parameter: Parameter) -> Any:
    """Return a text as a value of its parameter's kind."""
    kind: Any = parameter.kind
    least = parameter.least
    if issubclass(kind, Enum):
        return _choose(text, parameter)
    if kind not in (int, float):
        return kind(text)
    article = "an int" if kind is int else "a number"
    limit = "" if least is None else f" >= {least}"
    try:
        value = kind(text)
    except ValueError:
        value = None
    if value is None or (least is not None and not value >= least):
        raise UsageError(
            f"{parameter.label} must be {article}{limit}. Got {text!r} instead."
        )
    return value


def _choose(text: str, parameter: Parameter) -> Any:
    try:
        return parameter.kind(text)
    except ValueError:
        choices = parameter.choices
        raise UsageError(
            f"{parameter.label} must be one of {', '.join(choices)}. Got {text!r} "
            f"instead.{near(text, choices)}"
        ) from None
