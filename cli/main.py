"""The ``mfccclf`` command: puts the commands together."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Annotated

from ._app import Group
from ._errors import Exit, exit_code_of
from ._output import echo
from ._parameters import Option
from ._parsing import split_options

__all__ = ["app", "main"]


def _options(
    debug: Annotated[
        bool, Option("--debug", help="Show the traceback of an error.")
    ] = False,
    version: Annotated[
        bool, Option("--version", help="Show the version and exit.")
    ] = False,
) -> None:
    """Do what the options before the command ask; `app` looks for ``--debug``."""
    if version:
        from mfccclf import __version__

        echo(f"mfccclf {__version__}")
        raise Exit(0)


COMMANDS = Group(
    "Train, test and use recognisers of short audio clips.",
    {
        "predict": "predict:predict",
        "train": "train:train",
        "evaluate": "evaluate:evaluate",
        "grid-search": "grid_search:grid_search",
        "extract": "extract:extract",
        "models": "models:models",
        "describe": "describe:describe",
        "convert": "convert:convert",
        "export": "export:export",
        "cache": "cache:cache",
        "dataset": "dataset:dataset",
    },
    _options,
)


def app(words: Sequence[str]) -> int:
    """Run the command line.

    Parameters
    ----------
    words : sequence of str
        What stands behind ``mfccclf``.

    Returns
    -------
    exit_code : int
        0, 1 for failed work, 2 for misuse, 130 if interrupted.
    """
    debug = "--debug" in split_options(words)[0]
    return exit_code_of(lambda: COMMANDS.run("mfccclf", words), debug=debug)


def main() -> None:
    """Run the command line; what the ``mfccclf`` script calls."""
    # numpy's own thread pool costs start-up time and gains nothing on short clips.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    for stream in (sys.stdout, sys.stderr):
        # File names may hold bytes that the terminal's encoding has no letter for.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    sys.exit(app(sys.argv[1:]))


if __name__ == "__main__":
    main()
