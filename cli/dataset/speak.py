"""``mfccclf dataset speak``: words as speech programs say them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .._progress import progress_bar

if TYPE_CHECKING:
    from mfccclf.synthesis import RenderedSpeech

__all__ = ["speak"]


def speak(
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="WORD[=LABEL]",
            help="English words in letters, or quoted phrases; a label where it is not "
            "the word itself, as in seven=7.",
        ),
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="New folder for the data set.")
    ],
    clips: Annotated[
        int, typer.Option(min=1, max=1000, help="Clips of each word, about.")
    ] = 200,
    rate: Annotated[
        int,
        typer.Option(
            min=8000,
            max=16000,
            help="Sample rate in Hz; best that of recordings that they shall go with.",
        ),
    ] = 16000,
    seed: Annotated[int, typer.Option(min=0, help="Who says what, and how.")] = 0,
) -> None:
    """Let espeak-ng, flite and Festival say words: clips without a microphone.

    The data set is laid out as Speech Commands is, a folder per label and the voice in
    each file's name. Train with it alone, or beside recordings: 'train --also'.
    """
    from mfccclf.synthesis import render_speech

    with progress_bar("Clips") as update:
        rendered = render_speech(
            _parse_words(words),
            output,
            n_clips=clips,
            sample_rate=rate,
            seed=seed,
            on_progress=update,
        )
    typer.echo(_summary(rendered))


def _parse_words(words: list[str]) -> dict[str, str]:
    labels: dict[str, str] = {}
    for given in words:
        word, equals, label = given.partition("=")
        if word in labels:
            raise typer.BadParameter(f"{word!r} is given twice.", param_hint="WORD")
        labels[word] = label if equals else word
    return labels


def _summary(rendered: RenderedSpeech) -> str:
    lines = [
        f"Wrote {rendered.n_clips:,} clips of {rendered.n_voices} voices into "
        f"{rendered.folder}."
    ]
    lines += [f"  {name}: {count:,}" for name, count in rendered.programs.items()]
    if rendered.missing:
        lines.append(
            f"Not installed: {', '.join(rendered.missing)}. With them there would be "
            "more voices."
        )
    return "\n".join(lines)
