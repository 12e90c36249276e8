"""``mfccclf dataset speak``: words that speech programs say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from mfccclf.display.progress import progress_bar

from .._echo import echo
from ._options import NewFolder

if TYPE_CHECKING:
    from mfccclf.synthesis import RenderedSpeech

__all__ = ["speak"]


def speak(
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="WORD[=LABEL]",
            help="English words in letters, or quoted phrases; with a label if it is "
            "not the word itself, as in seven=7.",
        ),
    ],
    output: NewFolder,
    clips: Annotated[
        int, typer.Option(min=1, max=1000, help="Clips of each word, approximately.")
    ] = 200,
    rate: Annotated[
        int,
        typer.Option(
            min=8000,
            max=16000,
            help="Sample rate in Hz: ideally that of recordings used with them.",
        ),
    ] = 16000,
    seed: Annotated[
        int, typer.Option(min=0, help="Decides who says what, and how.")
    ] = 0,
) -> None:
    """Let espeak-ng, flite and Festival say words: clips without a microphone.

    The data set has the layout of Speech Commands: a folder per label, and the voice in
    each file's name. Train with it alone, or with recordings ('train --also').
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
    echo(_summary(rendered))


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
            f"Not installed: {', '.join(rendered.missing)}. Install them for more "
            "voices."
        )
    return "\n".join(lines)
