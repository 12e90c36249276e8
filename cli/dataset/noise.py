"""``mfccclf dataset noise``: clips of noise, which have no label."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mfccclf.display.progress import progress_bar

from .._echo import echo
from .._options import Seed

__all__ = ["noise"]


def noise(
    output: Annotated[
        Path, typer.Option("--output", "-o", help="New folder for the clips.")
    ],
    clips: Annotated[
        int, typer.Option(min=1, max=100_000, help="Number of clips.")
    ] = 200,
    rate: Annotated[
        int,
        typer.Option(
            min=4000,
            max=192_000,
            help="Sample rate in Hz: that of the recordings they are used with.",
        ),
    ] = 16000,
    seed: Seed = 0,
) -> None:
    """Make clips of hiss, rumble, clicks and bumps, loud and faint.

    A net trained with them ('train --other') gives noise no label.
    """
    from mfccclf.synthesis import render_noise

    with progress_bar("Clips") as update:
        folder = render_noise(
            output, n_clips=clips, sample_rate=rate, seed=seed, on_progress=update
        )
    echo(f"Wrote {clips:,} clips of noise into {folder}.")
