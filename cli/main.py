"""The ``mfccclf`` command: puts the commands together."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from ._errors import CommandGroup
from .cache import cache
from .convert import convert
from .dataset import dataset
from .describe import describe
from .evaluate import evaluate
from .export import export
from .extract import extract
from .grid_search import grid_search
from .models import models
from .predict import predict
from .train import train

__all__ = ["app", "main"]

app = typer.Typer(
    name="mfccclf",
    cls=CommandGroup,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Train, test and use recognisers of short audio clips.",
)


def _print_version(wanted: bool) -> None:
    if wanted:
        from mfccclf import __version__

        typer.echo(f"mfccclf {__version__}")
        raise typer.Exit()


@app.callback()
def options(
    ctx: typer.Context,
    debug: Annotated[
        bool, typer.Option("--debug", help="Show the traceback of an error.")
    ] = False,
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            callback=_print_version,
            is_eager=True,
            help="Show the version and exit.",
        ),
    ] = False,
) -> None:
    """Train, test and use recognisers of short audio clips."""
    ctx.obj = {"debug": debug}


for _command in (
    predict,
    train,
    evaluate,
    grid_search,
    extract,
    models,
    describe,
    convert,
    export,
):
    app.command()(_command)
app.add_typer(cache, name="cache")
app.add_typer(dataset, name="dataset")


def main() -> None:
    """Run the command line; what the ``mfccclf`` script calls."""
    # numpy's own thread pool costs start-up time and gains nothing on short clips.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    for stream in (sys.stdout, sys.stderr):
        # File names may hold bytes that the terminal's encoding has no letter for.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    app()


if __name__ == "__main__":
    main()
