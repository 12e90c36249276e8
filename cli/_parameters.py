"""How commands declare what they take: annotations of a function's parameters.

    def cut(data: Annotated[str, Argument(metavar="DATA", help="...")],
            rate: Annotated[int, Option(min=1, help="...")] = 16000) -> None: ...

The standard library does all of it: a command line that starts quickly cannot wait
for a framework.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

__all__ = ["Argument", "Option", "Parameter", "read_parameters"]


class Option:
    """A parameter that is given by name.

    Parameters
    ----------
    *names : str
        How it is written, say "--output", "-o"; without any, as the parameter is
        called. A bool without names can be denied: "--groups", "--no-groups".
    help : str
        What it is for.
    metavar : str, optional
        What stands for its value in the help; the kind of value without it.
    min : int, optional
        Least value.
    """

    def __init__(
        self,
        *names: str,
        help: str,
        metavar: str | None = None,
        min: int | None = None,
    ) -> None:
        self.names = names
        self.help = help
        self.metavar = metavar
        self.min = min


class Argument:
    """A parameter that is given by its place.

    Parameters
    ----------
    metavar : str
        What stands for it in the help.
    help : str
        What it is.
    """

    def __init__(self, *, metavar: str, help: str) -> None:
        self.metavar = metavar
        self.help = help


@dataclass(frozen=True)
class Parameter:
    """One parameter of a command.

    Attributes
    ----------
    name : str
        What the function calls it.
    declared : Option or Argument
        What its annotation says.
    kind : type
        Type of one value: str, int, float, bool, pathlib.Path or an Enum of str.
    is_list : bool
        Whether it takes several values.
    default : object
        Value when it is not given; `inspect.Parameter.empty` if it must be.
    """

    name: str
    declared: Option | Argument
    kind: type
    is_list: bool
    default: Any

    @property
    def is_required(self) -> bool:
        """Whether it must be given."""
        return self.default is inspect.Parameter.empty

    @property
    def is_flag(self) -> bool:
        """Whether it takes no value."""
        return self.kind is bool

    @property
    def label(self) -> str:
        """What an error calls it."""
        if isinstance(self.declared, Argument):
            return self.declared.metavar
        return next(iter(self.spellings))

    @property
    def metavar(self) -> str:
        """What stands for its value in the help; empty for a flag."""
        if self.declared.metavar is not None:
            return self.declared.metavar
        if self.is_flag:
            return ""
        if self.kind is str:
            return "TEXT"
        return "|".join(self.choices) or self.kind.__name__.upper()

    @property
    def choices(self) -> list[str]:
        """The values that there are; empty if they cannot be listed."""
        if issubclass(self.kind, Enum):
            return [str(member.value) for member in self.kind]
        return []

    @property
    def least(self) -> int | None:
        """Least value, if there is one."""
        return self.declared.min if isinstance(self.declared, Option) else None

    @property
    def spellings(self) -> Mapping[str, bool]:
        """Each way of writing an option, and what a flag is set to by it."""
        assert isinstance(self.declared, Option)
        if self.declared.names:
            return dict.fromkeys(self.declared.names, True)
        stem = self.name.strip("_").replace("_", "-")
        plain = {f"--{stem}": True}
        return {**plain, f"--no-{stem}": False} if self.is_flag else plain


def read_parameters(function: Callable[..., Any]) -> list[Parameter]:
    """Return the parameters that a command's function declares, in order.

    Raises
    ------
    TypeError
        If one is annotated with neither `Option` nor `Argument`.
    """
    hints = get_type_hints(function, include_extras=True)
    signature = inspect.signature(function)
    return [
        _read_parameter(name, hints[name], parameter.default)
        for name, parameter in signature.parameters.items()
    ]


def _read_parameter(name: str, hint: Any, default: Any) -> Parameter:
    declared = next(iter(getattr(hint, "__metadata__", ())), None)
    if get_origin(hint) is not Annotated or not isinstance(declared, Option | Argument):
        raise TypeError(f"{name} must be Annotated with an Option or an Argument.")
    kind = _without_none(get_args(hint)[0])
    is_list = get_origin(kind) is list
    return Parameter(
        name, declared, get_args(kind)[0] if is_list else kind, is_list, default
    )


def _without_none(hint: Any) -> Any:
    if get_origin(hint) not in (Union, UnionType):
        return hint
    (kind,) = (part for part in get_args(hint) if part is not NoneType)
    return kind
