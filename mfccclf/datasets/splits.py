"""The three splits of a data set, and the names that people give them."""

from __future__ import annotations

__all__ = ["SPLITS", "canonical_split"]

SPLITS = ("train", "validation", "test")

_ALIASES = {
    "train": "train",
    "training": "train",
    "validation": "validation",
    "valid": "validation",
    "val": "validation",
    "dev": "validation",
    "test": "test",
    "testing": "test",
}


def canonical_split(name: str) -> str | None:
    """Return "train", "validation" or "test" for a split's name, else None.

    Case and one leading underscore do not matter: "_Valid" is "validation".
    """
    return _ALIASES.get(name.strip().removeprefix("_").casefold())
