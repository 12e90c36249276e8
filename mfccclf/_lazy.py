"""Packages whose public names are fetched from their modules on first use.

That keeps ``import mfccclf`` cheap, and prediction free of torch and scikit-learn.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["lazy_names"]


def lazy_names(
    package: str, home: Mapping[str, str]
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Make a package's ``__getattr__`` and ``__dir__``.

    Parameters
    ----------
    package : str
        The package's ``__name__``.
    home : mapping of str to str
        For each public name, the module of the package that it is in.

    Returns
    -------
    getattr, dir : tuple of two functions
        To be bound to ``__getattr__`` and ``__dir__`` in the package's ``__init__``.
    """

    def fetch(name: str) -> Any:
        if name not in home:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value = getattr(importlib.import_module(f"{package}.{home[name]}"), name)
        # From now on the name is found without coming here.
        setattr(sys.modules[package], name, value)
        return value

    def names() -> list[str]:
        return sorted(home)

    return fetch, names
