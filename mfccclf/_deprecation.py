"""Former names: they work for two minor versions and say what to use instead."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["with_former_names"]


def with_former_names(
    module: str,
    find: Callable[[str], Any],
    former: Mapping[str, str],
    *,
    removed_in: str,
) -> Callable[[str], Any]:
    """Let a module answer to former names, too, each with a warning.

    Parameters
    ----------
    module : str
        The module's name.
    find : callable
        The module's ``__getattr__`` for the names of today.
    former : mapping from str to str
        Former names, each with the name of today.
    removed_in : str
        The version without the former names: two minor versions after the first that
        warns.

    Returns
    -------
    find : callable
        The module's new ``__getattr__``. It gives a DeprecationWarning that names the
        line of the caller.
    """

    def get(name: str) -> Any:
        if name not in former:
            return find(name)
        today = former[name]
        warnings.warn(
            f"{module}.{name} is now {module}.{today}; the former name goes with "
            f"version {removed_in}.",
            DeprecationWarning,
            stacklevel=2,
        )
        return find(today)

    return get
