"""``mfccclf dataset cut``: pieces of equal length from longer clips."""

from __future__ import annotations

from typing import Annotated

import typer

from mfccclf.display.progress import progress_bar

from .._echo import echo
from .._options import Data, Layout
from ._options import NewFolder, Rate

__all__ = ["cut"]


def cut(
    data: Data,
    output: NewFolder,
    duration: Annotated[float, typer.Option(help="Length of a piece in seconds.")],
    hop: Annotated[
        float | None,
        typer.Option(
            help="Seconds from the start of one piece to the start of the next. "
            "Default: the length of a piece."
        ),
    ] = None,
    rate: Rate = 44100,
    channels: Annotated[
        int, typer.Option(min=1, max=2, help="1 for mono, 2 for stereo.")
    ] = 1,
    layout: Layout = "auto",
) -> None:
    """Cut clips into pieces that keep their labels, such as ChMusic's into 5 s.

    The pieces of a recording are one group, and stay in its split.
    """
    from mfccclf.datasets import load_dataset
    from mfccclf.synthesis import cut_clips

    clips = load_dataset(data, layout=layout)
    with progress_bar("Pieces") as update:
        made = cut_clips(
            clips,
            output,
            duration=duration,
            hop=hop,
            sample_rate=rate,
            n_channels=channels,
            on_progress=update,
        )
    echo(f"Cut {len(clips) - made.n_too_short} clips into {made.n_clips}.")
    if made.n_too_short:
        echo(f"Left out {made.n_too_short} clips that are too short.")
    echo(f"Labels: {made.table}")
