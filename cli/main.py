"""The ``mfccclf`` command, which puts the commands together."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Mapping
from typing import Annotated, ClassVar

import typer

from ._echo import echo
from ._lazy import LazyGroup
from ._streams import fill_closed_streams, flush_or_drop

__all__ = ["app", "main"]


class Commands(LazyGroup):
    """All commands, each in a module of its own."""

    lazy_subcommands: ClassVar[Mapping[str, str]] = {
        "predict": "predict:predict",
        "train": "train:train",
        "evaluate": "evaluate:evaluate",
        "grid-search": "grid_search:grid_search",
        "extract": "extract:extract",
        "models": "models:models",
        "describe": "describe:describe",
        "convert": "convert:convert",
        "export": "export:export",
        "push": "push:push",
        "pull": "pull:pull",
        "serve": "serve:serve",
        "studio": "studio:studio",
        "cache": "cache:cache",
        "dataset": "dataset:dataset",
    }


app = typer.Typer(
    name="mfccclf",
    cls=Commands,
    no_args_is_help=True,
    # Rich takes longer to import than the commands to be listed.
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Train, test and use recognisers of short audio clips.",
)


def _print_version(wanted: bool) -> None:
    if wanted:
        from mfccclf import __version__

        echo(f"mfccclf {__version__}")
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


def _end_as_ctrl_c_does(number: int) -> None:
    """Let a signal end the work, so that no half-written output is left behind."""
    if signal.getsignal(number) is signal.SIG_DFL:
        signal.signal(number, signal.default_int_handler)


def main() -> None:
    """Run the command line; what the ``mfccclf`` script calls."""
    # numpy's own thread pool costs start-up time and gains nothing on short clips.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    fill_closed_streams()
    _end_as_ctrl_c_does(signal.SIGTERM)
    for stream in (sys.stdout, sys.stderr):
        # File names may hold bytes that the terminal's encoding cannot show.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        app()
    finally:
        flush_or_drop()


if __name__ == "__main__":
    main()
