"""``mfccclf studio``: record, label, train and test in the browser, on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ._echo import echo
from ._web_extra import check_web_extra

__all__ = ["studio"]

_PORT = 8765


def studio(
    folder: Annotated[
        Path,
        typer.Argument(
            help="Folder of clips, one sub-folder per label; a new one is made."
        ),
    ] = Path(),
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port; 0 takes a free one.")
    ] = _PORT,
    open_: Annotated[
        bool,
        typer.Option("--open/--no-open", help="Whether to open the page in a browser."),
    ] = True,
) -> None:
    """Record, label, train, test and take away, on a page of this machine's own.

    The page works on FOLDER, whose clips are plain sound files for all other commands,
    too. Only this machine reaches it, with the address that is printed. Ctrl-C ends it.
    """
    check_web_extra("The studio")
    from mfccclf.studio import Studio, make_studio
    from mfccclf.web_server import run_server

    made = Studio(folder)
    settings = made.settings(port)

    def announce(address: str) -> None:
        link = f"{address}/?token={made.token}"
        echo(f"The studio of {made.project.root} is at {link}")
        if open_:
            import webbrowser

            webbrowser.open(link)

    run_server(make_studio(made, settings), settings, announce)
