"""``mfccclf dataset render-notes``: single notes that SoundFonts play."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mfccclf.display.progress import progress_bar

from .._echo import echo
from .._parsing import split_commas
from ._options import NewFolder

if TYPE_CHECKING:
    from mfccclf.synthesis import RenderedNotes

__all__ = ["render_notes"]


def render_notes(
    soundfont: Annotated[
        list[Path],
        typer.Option(metavar="FILE", help="SoundFont (.sf2, .sf3). May be repeated."),
    ],
    output: NewFolder,
    pitch_step: Annotated[
        int, typer.Option(min=1, help="Semitones from one pitch to the next.")
    ] = 6,
    velocities: Annotated[
        str, typer.Option(metavar="V,...", help="Velocities, 1 to 127.")
    ] = "50,100",
    notes: Annotated[
        int | None,
        typer.Option(
            min=1, help="Number of notes, spread evenly. Default: all of them."
        ),
    ] = None,
) -> None:
    """Render single notes with SoundFonts, in NSynth's layout.

    Fonts that share samples stay on one side of a split: the last font family becomes
    the test split and, of three or more, the one before it the validation split.
    """
    from mfccclf.synthesis import render_notes as render

    with progress_bar("Notes") as update:
        rendered = render(
            soundfont,
            output,
            pitch_step=pitch_step,
            velocities=_parse_velocities(velocities),
            n_notes=notes,
            on_progress=update,
        )
    echo(_summary(rendered))


def _parse_velocities(text: str) -> list[int]:
    parts = split_commas(text)
    if not all(part.isdigit() for part in parts):
        raise typer.BadParameter(
            f"{text!r} is not a list of velocities. Write, for example, 50,100.",
            param_hint="--velocities",
        )
    return [int(part) for part in parts]


def _summary(rendered: RenderedNotes) -> str:
    lines = [f"Rendered {rendered.n_notes:,} notes into {rendered.folder}."]
    if rendered.n_silent:
        lines.append(
            f"Left out {rendered.n_silent:,} that the font has no program for or that "
            "made no sound."
        )
    for split, families in rendered.splits.items():
        lines.append(f"  {split}: font family {', '.join(families)}")
    return "\n".join(lines)
