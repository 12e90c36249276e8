"""Build HTML from Python; every text that is not HTML already gets escaped."""

from __future__ import annotations

import base64
import html

__all__ = ["Html", "data_uri", "element", "join", "table"]

_VOID = {"img", "meta"}


class Html(str):
    """Text that is HTML already."""

    __slots__ = ()


def element(
    name: str, *children: object, **attributes: str | int | float | bool
) -> Html:
    """Return an element.

    Parameters
    ----------
    name : str
        Its tag.
    *children : object
        What it holds; all but `Html` is turned to text and escaped.
    **attributes : str, number or bool
        Its attributes, with an underscore at the end where Python has the word itself
        (``class_``); True for one without a value, False to leave it out.
    """
    parts = [name]
    for key, value in attributes.items():
        key = key.rstrip("_").replace("_", "-")
        if value is True:
            parts.append(key)
        elif value is not False:
            parts.append(f'{key}="{_escape(value)}"')
    start = f"<{' '.join(parts)}>"
    return Html(start) if name in _VOID else Html(f"{start}{join(*children)}</{name}>")


def join(*children: object) -> Html:
    """Return parts one after the other, escaped unless they are `Html`."""
    return Html("".join(c if isinstance(c, Html) else _escape(c) for c in children))


def table(
    headings: list[str], rows: list[list[object]], *, caption: str = "", **names: str
) -> Html:
    """Return a table whose first column names the rows.

    Parameters
    ----------
    headings : list of str
        One per column.
    rows : list of list
        Cells of each row.
    caption : str, default=""
        What it shows.
    **names : str
        Attributes.
    """
    head = element("tr", *(element("th", text, scope="col") for text in headings))
    body = [
        element(
            "tr",
            element("th", first, scope="row"),
            *(element("td", cell) for cell in rest),
        )
        for first, *rest in rows
    ]
    parts = [element("caption", caption)] if caption else []
    parts += [element("thead", head), element("tbody", *body)]
    # A wide table scrolls by itself, so that a phone need not scroll the page.
    return element("div", element("table", *parts, **names), class_="scroll")


def data_uri(content: bytes, media_type: str) -> str:
    """Return bytes as an address that holds them."""
    return f"data:{media_type};base64,{base64.b64encode(content).decode('ascii')}"


def _escape(value: object) -> str:
    """Escape markup, and what cannot be printed or written as UTF-8."""
    text = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in str(value))
    return html.escape(text)
