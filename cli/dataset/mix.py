"""``mfccclf dataset mix``: labelled mixtures of clips that have one label each."""

from __future__ import annotations

import re
from typing import Annotated

import typer

from mfccclf.display.progress import progress_bar

from .._echo import echo
from .._options import Data, Layout, Seed
from ._options import NewFolder, Rate, resumed

__all__ = ["mix"]


def mix(
    data: Data,
    output: NewFolder,
    voices: Annotated[
        str, typer.Option(metavar="N-M", help="Fewest and most clips in a mixture.")
    ] = "1-3",
    count: Annotated[
        int | None,
        typer.Option(min=1, help="Number of mixtures. Default: ten per clip."),
    ] = None,
    groups: Annotated[
        int,
        typer.Option(
            min=1, help="Parts that share no clip; they become the column 'group'."
        ),
    ] = 5,
    level: Annotated[
        float, typer.Option(min=0, help="Vary levels by up to this many dB each way.")
    ] = 6.0,
    pitch: Annotated[
        float,
        typer.Option(
            min=0, max=24, help="Play clips up to this many semitones higher or lower."
        ),
    ] = 0.0,
    colour: Annotated[
        float,
        typer.Option(min=0, help="Equalise clips by up to this many dB each way."),
    ] = 0.0,
    duration: Annotated[
        float | None,
        typer.Option(
            help="Length of a mixture in seconds. Default: that of its longest clip."
        ),
    ] = None,
    rate: Rate = 44100,
    seed: Seed = 0,
    split: Annotated[
        str | None, typer.Option(help="Mix only the clips of this split of DATA.")
    ] = None,
    layout: Layout = "auto",
) -> None:
    """Mix clips of one label each into clips of several, with a table of labels.

    Clips of one group, such as a recording, stay in one part of the result, so a split
    by the column 'group' is fair. Resumes an interrupted run.
    """
    from mfccclf.datasets import load_dataset
    from mfccclf.synthesis import mix_clips

    limits = _parse_voices(voices)
    clips = load_dataset(data, layout=layout, split=split)
    with progress_bar("Mixtures") as update:
        mixed = mix_clips(
            clips,
            output,
            voices=limits,
            n_mixtures=count,
            n_groups=groups,
            level_db=level,
            pitch=pitch,
            colour_db=colour,
            duration=duration,
            sample_rate=rate,
            random_state=seed,
            on_progress=update,
        )
    again = resumed(mixed.n_mixtures, mixed.n_written)
    echo(
        f"Mixed {mixed.n_mixtures} clips{again} in {len(mixed.groups)} groups that "
        f"share no recording: {', '.join(mixed.groups)}."
    )
    echo(f"Labels: {mixed.table}")


def _parse_voices(text: str) -> tuple[int, int]:
    found = re.fullmatch(r"\s*(\d+)\s*(?:-\s*(\d+)\s*)?", text)
    if found is None or int(found[1]) < 1 or int(found[2] or found[1]) < int(found[1]):
        raise typer.BadParameter(
            f"{text!r} is not a range of voices. Write, for example, 1-3.",
            param_hint="--voices",
        )
    return int(found[1]), int(found[2] or found[1])
