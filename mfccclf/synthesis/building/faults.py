"""What is wrong with a JSON file, each fault with its JSON pointer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mfccclf.errors import DatasetError

__all__ = ["Fault", "Place", "check_faults", "pointer_to"]

_MAX_FAULTS = 100

# Keys and indices that lead to a value.
Place = tuple[str | int, ...]


@dataclass(frozen=True)
class Fault:
    """What is wrong, and where.

    Attributes
    ----------
    pointer : str
        JSON pointer (RFC 6901) of the value; empty for the whole.
    text : str
        What is wrong and what is accepted, in a sentence or two.
    """

    pointer: str
    text: str

    def __str__(self) -> str:
        """Return pointer and text in one line."""
        return f"{self.pointer or '(the whole)'}: {self.text}"


def check_faults(path: Path, faults: Sequence[Fault]) -> None:
    """Raise one `DatasetError` that lists the faults of a file, if there are any."""
    if not faults:
        return
    lines = [f"  - {fault}" for fault in faults[:_MAX_FAULTS]]
    if len(faults) > _MAX_FAULTS:
        lines.append(f"  ... and {len(faults) - _MAX_FAULTS} more")
    heading = f"{path} has {len(faults)} fault{'s' if len(faults) > 1 else ''}:"
    raise DatasetError("\n".join([heading, *lines]))


def pointer_to(*keys: str | int) -> str:
    """Return the JSON pointer of a value below an array or object."""
    texts = (str(key).replace("~", "~0").replace("/", "~1") for key in keys)
    return "".join(f"/{text}" for text in texts)
