"""Lines on stdout and stderr."""

from __future__ import annotations

import sys

__all__ = ["echo", "print_error", "print_warning"]


def echo(text: object, *, err: bool = False) -> None:
    """Print a line at once, on stdout or on stderr."""
    stream = sys.stderr if err else sys.stdout
    stream.write(f"{text}\n")
    stream.flush()


def print_error(text: object) -> None:
    """Print one line that says what went wrong, on stderr."""
    echo(f"Error: {_one_line(text)}", err=True)


def print_warning(text: object) -> None:
    """Print one line that deserves a look, on stderr."""
    echo(f"Warning: {_one_line(text)}", err=True)


def _one_line(text: object) -> str:
    return " ".join(str(text).split("\n"))
