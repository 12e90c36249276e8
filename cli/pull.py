"""``mfccclf pull``: a model file from Hugging Face's hub."""

from __future__ import annotations

from typing import Annotated

import typer

from ._echo import echo
from ._options import ModelOutput

__all__ = ["pull"]


def pull(
    repository: Annotated[
        str, typer.Argument(metavar="OWNER/NAME", help="Repository of one model.")
    ],
    output: ModelOutput,
    revision: Annotated[
        str | None, typer.Option(help="Branch, tag or commit; default: the newest.")
    ] = None,
) -> None:
    """Download a model file from Hugging Face's hub and check it.

    The file must be what the repository's SHA256SUMS says. No code of it runs.
    """
    from mfccclf.hub import pull_model
    from mfccclf.workflows import check_output

    check_output(output)
    echo(f"Saved {pull_model(repository, output, revision=revision)}.")
    echo(f"Try it:\n  mfccclf describe {output}")
