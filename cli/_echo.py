"""Print text on stdout or stderr: the only way in which the commands do."""

from __future__ import annotations

import typer

from mfccclf._inert import inert_lines

__all__ = ["echo"]


def echo(text: object, *, err: bool = False, nl: bool = True) -> None:
    """Print lines in which unprintable characters are escaped.

    Parameters
    ----------
    text : object
        One line or more.
    err : bool, default=False
        Whether to print on stderr.
    nl : bool, default=True
        Whether to end the last line.
    """
    typer.echo(inert_lines(text), err=err, nl=nl)
