"""Find every fault of a JSON value by a JSON Schema, each with its pointer.

Written here, because the package jsonschema costs more than it saves: its errors carry
pointers, but every sentence below would still have to be made from them (23 lines
less), it brings five packages, and it takes nine times as long for many segments.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from mfccclf._validation import suggest
from mfccclf.synthesis.building.faults import Fault, Place, pointer_to

__all__ = ["find_faults"]

_TYPES: Mapping[str, Callable[[Any], bool]] = {
    "array": lambda value: isinstance(value, list),
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "null": lambda value: value is None,
    "number": lambda value: (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and math.isfinite(value)
    ),
    "object": lambda value: isinstance(value, dict),
    "string": lambda value: isinstance(value, str),
}
_LIMITS: Mapping[str, tuple[str, Callable[[float, float], bool]]] = {
    "minimum": ("at least", lambda value, limit: value >= limit),
    "maximum": ("at most", lambda value, limit: value <= limit),
    "exclusiveMinimum": ("above", lambda value, limit: value > limit),
    "exclusiveMaximum": ("below", lambda value, limit: value < limit),
}
_MAX_LETTERS = 60  # of a value that is shown


def find_faults(value: Any, schema: Mapping[str, Any]) -> list[Fault]:
    """Return all faults of a value, in the order of the value.

    Parameters
    ----------
    value : object
        What ``json.loads`` returned.
    schema : mapping
        A JSON Schema that uses no other words than ``type``, ``const``, ``enum``,
        ``required``, ``properties``, ``additionalProperties: false``, ``items``,
        ``minItems``, ``uniqueItems``, ``minLength``, ``pattern``, the limits of
        numbers, and ``$ref`` to its own definitions.

    Returns
    -------
    faults : list of Fault
        Empty if the value is valid.
    """
    return list(_walk(value, schema, schema, ()))


def _walk(
    value: Any,
    schema: Mapping[str, Any],
    root: Mapping[str, Any],
    at: Place,
) -> Iterator[Fault]:
    if "$ref" in schema:
        name = schema["$ref"].removeprefix("#/$defs/")
        yield from _walk(value, root["$defs"][name], root, at)
    text = _own_fault(value, schema)
    if text:
        yield Fault(pointer_to(*at), text)
        return
    if isinstance(value, dict):
        yield from _walk_object(value, schema, root, at)
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _walk(item, schema.get("items", {}), root, (*at, index))


def _walk_object(
    value: dict[str, Any],
    schema: Mapping[str, Any],
    root: Mapping[str, Any],
    at: Place,
) -> Iterator[Fault]:
    known = schema.get("properties", {})
    for key in schema.get("required", ()):
        if key not in value:
            yield Fault(pointer_to(*at), f"{key!r} is missing. Add it.")
    for key, item in value.items():
        if key in known:
            yield from _walk(item, known[key], root, (*at, key))
        elif schema.get("additionalProperties") is False:
            hint = suggest(key, known) or f"Known: {', '.join(known)}."
            yield Fault(pointer_to(*at, key), f"{key!r} is not known. {hint}")


def _own_fault(value: Any, schema: Mapping[str, Any]) -> str | None:
    """Return what is wrong with a value itself, not with what is in it."""
    kind = schema.get("type")
    if kind and not _TYPES[kind](value):
        article = "an" if kind[0] in "aio" else "a"
        return f"must be {article} {kind}. Got {_show(value)} instead."
    if "const" in schema and not _same(value, schema["const"]):
        return f"must be {_show(schema['const'])}. Got {_show(value)} instead."
    if "enum" in schema and not any(_same(value, item) for item in schema["enum"]):
        accepted = ", ".join(map(_show, schema["enum"]))
        return f"must be one of {accepted}. Got {_show(value)} instead."
    if isinstance(value, str):
        return _text_fault(value, schema)
    if isinstance(value, list):
        return _array_fault(value, schema)
    if _TYPES["number"](value):
        return _number_fault(value, schema)
    return None


def _number_fault(value: float, schema: Mapping[str, Any]) -> str | None:
    for word, (phrase, holds) in _LIMITS.items():
        if word in schema and not holds(value, schema[word]):
            return f"must be {phrase} {schema[word]}. Got {_show(value)} instead."
    return None


def _text_fault(value: str, schema: Mapping[str, Any]) -> str | None:
    if len(value) < schema.get("minLength", 0):
        return "must not be empty. Fill it in."
    if "pattern" in schema and not re.search(schema["pattern"], value):
        return (
            f"{_show(value)} has characters that are not accepted, or none. It must "
            f"match {schema['pattern']}."
        )
    return None


def _array_fault(value: list[Any], schema: Mapping[str, Any]) -> str | None:
    if len(value) < schema.get("minItems", 0):
        return "must not be empty. Add an item."
    shown = [_show(item) for item in value]
    if schema.get("uniqueItems") and len(set(shown)) < len(shown):
        twice = next(item for item in shown if shown.count(item) > 1)
        return f"holds {twice} twice. Keep one of the two."
    return None


def _same(value: Any, other: Any) -> bool:
    """Compare as JSON does: 1 is not true."""
    return isinstance(value, bool) == isinstance(other, bool) and bool(value == other)


def _show(value: Any) -> str:
    text = repr(value)
    if len(text) <= _MAX_LETTERS:
        return text
    return f"{text[: _MAX_LETTERS - 3]}..."
