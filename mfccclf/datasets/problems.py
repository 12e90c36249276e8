"""All problems of a data set, gathered so that one message names them."""

from __future__ import annotations

import warnings

from mfccclf._inert import printable
from mfccclf.errors import DatasetError

__all__ = ["Problems", "shorten"]

_MAX_LINES = 20


class Problems:
    """Errors and warnings about one data set, in the order they were found.

    Parameters
    ----------
    source : str
        The folder or file that the data come from, named in every message.
    """

    def __init__(self, source: str) -> None:
        self.source = source
        self.errors: list[str] = []
        self.warnings: list[str] = []

    def add(self, text: str) -> None:
        """Note what makes the data unusable, in one line that ends in a full stop."""
        self.errors.append(printable(text))

    def warn(self, text: str) -> None:
        """Note what the user should know although the data can be used."""
        self.warnings.append(printable(text))

    def finish(self) -> None:
        """Raise one DatasetError if there are errors; otherwise issue the warnings."""
        if self.errors:
            raise DatasetError(self._message())
        for text in self.warnings:
            warnings.warn(
                f"{printable(self.source)}: {text}", UserWarning, stacklevel=3
            )

    def _message(self) -> str:
        if len(self.errors) == 1:
            return f"{printable(self.source)}: {self.errors[0]}"
        shown = [f"  - {text}" for text in self.errors[:_MAX_LINES]]
        if len(self.errors) > _MAX_LINES:
            shown.append(f"  ... and {len(self.errors) - _MAX_LINES} more")
        heading = f"{printable(self.source)} has {len(self.errors)} problems:"
        return "\n".join([heading, *shown])


def shorten(names: list[str], limit: int = 5) -> str:
    """Return the first ``limit`` names, joined by commas, and how many more."""
    text = ", ".join(names[:limit])
    rest = len(names) - limit
    return f"{text} and {rest} more" if rest > 0 else text
