"""A command that is parsed without pydantic."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from types import NoneType
from typing import Any, get_args, get_origin, get_type_hints

from typer.core import TyperCommand

__all__ = ["LeanCommand"]

# Stands for a value that Typer has to find.
_UNKNOWN = object()


class LeanCommand(TyperCommand):
    """A command that converts texts, paths and choices itself.

    Typer imports pydantic to convert any value. Without this class, ``mfccclf predict``
    of one file takes 1.4 times the processor time and 84 MB instead of 75. Apart from
    0.1 s, that is 3.0 times the time of ``import numpy`` instead of 2.2, and the goal
    is 3 (Typer 0.29, pydantic 2.14, median of 21 runs in turns on a busy machine).

    Numbers, and whatever is not plainly right, are left to Typer, and so are the
    messages about them.
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
