"""Text that does nothing to the terminal or the line in which it is printed.

File names and labels come from strangers: a newline in one would forge a line, an
escape sequence would reach the terminal. All text that goes out passes through here.
"""

from __future__ import annotations

__all__ = ["inert_lines", "printable"]


def printable(text: object) -> str:
    r"""Return a text with unprintable characters escaped, in one line.

    Examples
    --------
    >>> from mfccclf._inert import printable
    >>> print(printable("a\nError: \x1b[31mb"))
    a\nError: \x1b[31mb
    """
    line = str(text)
    if line.isprintable():
        return line
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in line)


def inert_lines(text: object) -> str:
    """Return a text of several lines, each of them printable."""
    return "\n".join(map(printable, str(text).split("\n")))
