"""Read JSON more strictly than Python does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NoReturn

from mfccclf.errors import DatasetError

__all__ = ["read_json"]

_MAX_SIZE = 64 * 2**20


def read_json(path: Path) -> Any:
    """Read a JSON file without keys that occur twice, NaN or infinity.

    Parameters
    ----------
    path : pathlib.Path
        The file, of 64 MiB at most.

    Returns
    -------
    value : object
        What ``json.loads`` returns.

    Raises
    ------
    DatasetError
        If it cannot be read, or is not JSON in UTF-8.
    """
    try:
        if path.stat().st_size > _MAX_SIZE:
            raise DatasetError(f"{path} is too large for a file of sources.")
        text = path.read_text(encoding="utf-8-sig")
        return json.loads(
            text, object_pairs_hook=_make_object, parse_constant=_refuse_constant
        )
    except OSError as exc:
        raise DatasetError(f"{path} cannot be read: {exc.strerror}.") from exc
    except UnicodeDecodeError as exc:
        raise DatasetError(f"{path} is not a text in UTF-8. Save it as such.") from exc
    except json.JSONDecodeError as exc:
        raise DatasetError(
            f"{path} is not JSON: {exc.msg} in line {exc.lineno}, column {exc.colno}."
        ) from exc
    except (ValueError, RecursionError) as exc:
        raise DatasetError(f"{path} is not JSON: {exc}.") from exc


def _make_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"an object has the key {twice!r} twice")
    return found


def _refuse_constant(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number in JSON")
