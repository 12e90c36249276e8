"""What stands behind the question mark of an address, checked."""

from __future__ import annotations

import math

from starlette.datastructures import QueryParams

from mfccclf.service.limits import ServiceLimits
from mfccclf.web_server import RefusedError

__all__ = ["Query", "check_windows"]

# Windows that overlap more would be hours of work for a minute of sound.
_SHORTEST_HOP_S = 0.01


class Query:
    """The parameters of a request, each at most once, none unknown.

    Parameters
    ----------
    given : QueryParams
        The parameters as they came.
    known : frozenset of str
        Names that the route knows.

    Raises
    ------
    RefusedError
        If one is unknown or given twice (422).
    """

    def __init__(self, given: QueryParams, known: frozenset[str]) -> None:
        for name, _ in given.multi_items():
            if name not in known:
                names = ", ".join(sorted(known))
                raise _bad(f"There is no parameter {name[:50]!r}. Known: {names}.")
            if len(given.getlist(name)) > 1:
                raise _bad(f"The parameter {name!r} is given twice.")
        self._given = given

    def text(self, name: str) -> str | None:
        """Return a parameter as it came; None if it is not given."""
        return self._given.get(name)

    def whole(self, name: str, *, default: int | None, least: int) -> int:
        """Return a whole number that is large enough."""
        text = self._given.get(name)
        if text is None and default is not None:
            return default
        if not (text and text.isascii() and text.isdecimal() and len(text) < 10):
            raise _bad(f"The parameter {name!r} must be a whole number.")
        if int(text) < least:
            raise _bad(f"The parameter {name!r} must be at least {least}.")
        return int(text)

    def seconds(self, name: str) -> float | None:
        """Return a number of seconds above 0; None if it is not given."""
        text = self._given.get(name)
        if text is None:
            return None
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not 0 < value < math.inf:
            raise _bad(f"The parameter {name!r} must be a number of seconds above 0.")
        return value


def check_windows(query: Query, limits: ServiceLimits) -> tuple[float, float]:
    """Return the length and the spacing of windows, in seconds.

    Raises
    ------
    RefusedError
        If one is missing or out of range (422).
    """
    window = query.seconds("window")
    if window is None:
        raise _bad("The parameter 'window' is missing: the length in seconds.")
    if window > limits.max_seconds:
        raise _bad(f"The parameter 'window' may be {limits.max_seconds:g} at most.")
    hop = query.seconds("hop") or window
    if hop < _SHORTEST_HOP_S:
        raise _bad(f"The parameter 'hop' must be at least {_SHORTEST_HOP_S:g}.")
    return window, hop


def _bad(text: str) -> RefusedError:
    return RefusedError(422, "bad_parameter", text)
