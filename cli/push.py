"""``mfccclf push``: a model file to Hugging Face's hub."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ._echo import echo

__all__ = ["push"]


def push(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="Model file.")],
    repository: Annotated[
        str | None,
        typer.Argument(metavar="OWNER/NAME", help="Repository; made if missing."),
    ] = None,
    licence: Annotated[
        str | None,
        typer.Option("--licence", help="Licence of the model, such as cc-by-4.0."),
    ] = None,
    private: Annotated[
        bool, typer.Option("--private", help="Make a repository that only you see.")
    ] = False,
    folder: Annotated[
        Path | None,
        typer.Option(
            help="Write to this folder what would be uploaded, and upload nothing."
        ),
    ] = None,
) -> None:
    """Upload a model file with its card and checksum to Hugging Face's hub.

    'hf auth login' or the environment variable HF_TOKEN gives the right to write.
    """
    if (repository is None) == (folder is None):
        raise typer.BadParameter("Give OWNER/NAME, or --folder DIR.")
    from mfccclf.hub import push_model, write_repository

    if folder is not None:
        echo(f"Wrote {write_repository(model, folder, licence=licence)}.")
    elif repository is not None:
        address = push_model(model, repository, licence=licence, private=private)
        echo(f"Uploaded to {address}.")
