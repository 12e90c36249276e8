"""The reference of the command line, made from the commands themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

NAME = "reference/commands.md"


def write_commands(app: Any) -> None:
    """Write the page, unless it is there with the same text."""
    page = Path(app.srcdir) / NAME
    text = commands_text()
    if not page.is_file() or page.read_text("utf-8") != text:
        page.write_text(text, "utf-8")


def commands_text() -> str:
    """Return the page: each command with its arguments and options."""
    import typer
    from typer.cli import get_docs_for_click

    from mfccclf.cli.main import app

    command = typer.main.get_command(app)
    context = typer.Context(command, info_name="mfccclf")
    text = get_docs_for_click(
        obj=command, ctx=context, name="mfccclf", title="Commands"
    )
    for short, whole in _shortened(command, context):
        text = text.replace(f": {short}\n", f": {whole}\n")
    # Help texts may hold what Markdown would take for HTML.
    text = re.sub(r"<(?=[a-z])(?![^`\n]*`)", r"\<", text)
    return f"{text.strip()}\n"


def _shortened(command: Any, context: Any) -> Iterator[tuple[str, str]]:
    """Yield each summary that lists cut off, and the whole of it."""
    for name in getattr(command, "list_commands", lambda _: [])(context):
        found = command.get_command(context, name)
        short = found.get_short_help_str()
        if short.endswith("..."):
            yield short, " ".join((found.help or "").split("\n\n")[0].split())
        yield from _shortened(found, context)


def setup(app: Any) -> dict[str, Any]:
    """Register with Sphinx."""
    app.connect("builder-inited", write_commands, priority=1)
    return {"parallel_read_safe": True}
