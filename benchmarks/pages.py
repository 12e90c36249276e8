"""Tables of figures, put into pages of the documentation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

__all__ = ["END", "markdown_table", "replace_part"]

END = "<!-- end of the table -->"


def markdown_table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table in Markdown, each row a line that ends with a newline."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def replace_part(page: Path, text: str, *, start: str, end: str = END) -> None:
    """Replace what a page has between two marks, which stay.

    Parameters
    ----------
    page : pathlib.Path
        A Markdown file.
    text : str
        The new part; ends with a newline.
    start, end : str
        The marks, each a line of its own.
    """
    old = page.read_text(encoding="utf-8")
    before, _, rest = old.partition(start)
    _, _, after = rest.partition(end)
    page.write_text(f"{before}{start}\n{text}{end}{after}", encoding="utf-8")
