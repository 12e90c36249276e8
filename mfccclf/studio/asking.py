"""What the page asks for, checked; and what the studio cannot do, said."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from starlette.requests import Request

from mfccclf.errors import AudioFileError, MfccclfError
from mfccclf.web_server import RefusedError, bound_body, read_body

__all__ = ["Fields", "doing", "read_json_fields"]

_MOST_BYTES, _MOST_S = 2**20, 20.0
_LONGEST_TEXT, _MOST_TEXTS = 2000, 20_000


class Fields:
    """The fields of an object of JSON.

    Parameters
    ----------
    values : dict
        As it came.
    """

    def __init__(self, values: dict[str, Any]) -> None:
        self._values = values

    def text(self, name: str) -> str:
        """Return a text."""
        value = self._values.get(name)
        if not isinstance(value, str) or len(value) > _LONGEST_TEXT:
            raise _bad(name, "a text")
        return value

    def texts(self, name: str) -> list[str]:
        """Return a list of texts that is not empty."""
        value = self._values.get(name)
        if not isinstance(value, list) or not 0 < len(value) <= _MOST_TEXTS:
            raise _bad(name, "a list of texts")
        return [Fields({name: one}).text(name) for one in value]

    def number(self, name: str) -> float:
        """Return a number that is finite."""
        value = self._values.get(name)
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number or not math.isfinite(value):  # type: ignore[arg-type]
            raise _bad(name, "a number")
        return float(value)  # type: ignore[arg-type]

    def whole(self, name: str) -> int:
        """Return a whole number."""
        value = self.number(name)
        if value != int(value):
            raise _bad(name, "a whole number")
        return int(value)

    def flag(self, name: str) -> bool:
        """Return true or false."""
        value = self._values.get(name)
        if not isinstance(value, bool):
            raise _bad(name, "true or false")
        return value


async def read_json_fields(request: Request) -> Fields:
    """Read the body of a request as an object of JSON.

    Raises
    ------
    RefusedError
        If it is something else, too large or too slow.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise RefusedError(415, "bad_kind", "Send JSON (application/json).")
    bounded = bound_body(request, max_bytes=_MOST_BYTES, max_s=_MOST_S)
    try:
        values = json.loads(await read_body(bounded))
    except (ValueError, RecursionError) as error:
        raise RefusedError(400, "bad_json", "The body is no JSON.") from error
    if not isinstance(values, dict):
        raise RefusedError(400, "bad_json", "The body is no object of JSON.")
    return Fields(values)


@contextmanager
def doing() -> Iterator[None]:
    """Turn what the studio cannot do into refusals, for a with block."""
    try:
        yield
    except AudioFileError as error:
        raise RefusedError(422, "unusable_sound", str(error)) from error
    except (MfccclfError, ValueError, TypeError) as error:
        raise RefusedError(409, "not_done", str(error)) from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise RefusedError(
            507, "not_stored", f"The disk does not take it: {reason}. Make room."
        ) from error


def _bad(name: str, expected: str) -> RefusedError:
    return RefusedError(422, "bad_parameter", f"The field {name!r} must be {expected}.")
