"""Text that does nothing to the terminal or the line in which it is printed.

File names and labels come from strangers: a newline in one would forge a line, an
escape sequence would reach the terminal. All text that goes out passes through here.
"""

from __future__ import annotations

__all__ = ["first_line", "inert_lines", "printable", "shown"]

_LONGEST = 300


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


def first_line(error: object) -> str:
    """Return what an error says, in one line that can be printed and is not long."""
    lines = str(error).splitlines() or [type(error).__name__]
    return _cut(printable(lines[0]))


def shown(value: object) -> str:
    """Return the ``repr`` of a value, cut short if it is long.

    Examples
    --------
    >>> from mfccclf._inert import shown
    >>> shown([1, 2]), len(shown("a" * 10_000))
    ('[1, 2]', 303)
    """
    try:
        return _cut(repr(value))
    except (RecursionError, ValueError):  # a number of thousands of digits, say
        return f"a huge {type(value).__name__}"


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
