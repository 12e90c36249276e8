"""``mfccclf predict``: labels for sound files and long recordings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mfccclf.prediction.formats.registry import FORMATS

from ._errors import FAILED, print_error
from ._limits import MinConfidence, MinFamiliarity
from ._ranking import least_sure_first
from ._sinks import PICTURE, Sink, open_sink
from ._sources import open_sources, parse_raw, until_interrupted
from ._streams import own_streams

if TYPE_CHECKING:
    from mfccclf.errors import AudioFileError
    from mfccclf.prediction import Prediction

    FormatName = str
else:
    FormatName = StrEnum("FormatName", {name: name for name in [*FORMATS, PICTURE]})

__all__ = ["predict"]

_TEXT = FormatName("text")
# A clip of which a model is not sure is shown with its two best labels.
_RIVALS = 2
_ONE_RECORDING = [name for name, format in FORMATS.items() if format.one_recording]


def predict(
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE...",
            help="Sound files to recognise; - is standard input. Also archives, "
            "members of them (clips.zip::a.wav), and addresses (s3://bucket/a.wav).",
        ),
    ],
    model: Annotated[
        str, typer.Option(help="Name of a shipped model, or path of a model file.")
    ] = "names",
    top: Annotated[
        int,
        typer.Option(
            min=1, help="Show the K labels with the highest scores (text, json)."
        ),
    ] = 1,
    format: Annotated[
        FormatName,
        typer.Option(
            help="How to print; spreadsheet is csv without cells that would run as "
            f"formulas. For one recording only: {', '.join(_ONE_RECORDING)}; "
            f"{PICTURE} draws it, with --window and --output."
        ),
    ] = _TEXT,
    min_confidence: MinConfidence = None,
    min_familiarity: MinFamiliarity = None,
    window: Annotated[
        float | None,
        typer.Option(
            metavar="SECONDS",
            help="Predict windows of this length: time-stamped labels for a recording "
            "of any length.",
        ),
    ] = None,
    hop: Annotated[
        float | None,
        typer.Option(
            metavar="SECONDS",
            help="Time from one window's start to the next. Default: windows touch.",
        ),
    ] = None,
    whole_frames: Annotated[
        bool,
        typer.Option(
            "--whole-frames",
            help="Round --hop to whole frames of the model's features, so that "
            "neighbouring windows share work.",
        ),
    ] = False,
    level_step: Annotated[
        float | None,
        typer.Option(
            metavar="DB",
            help="Bring windows to the level of clips in steps of so many dB, such as "
            "6, so that more of them share work, with slightly other scores (presets "
            "with the net for speech).",
        ),
    ] = None,
    merge: Annotated[
        bool,
        typer.Option("--merge", help="Join neighbours with the same labels."),
    ] = False,
    unsure_first: Annotated[
        bool,
        typer.Option(
            "--unsure-first",
            help="List what is worth labelling next: all predictions, the least sure "
            "first (text, json, csv).",
        ),
    ] = False,
    first: Annotated[
        int | None,
        typer.Option(
            "--first",
            metavar="N",
            min=1,
            help="With --unsure-first: list the N least sure only.",
        ),
    ] = None,
    raw: Annotated[
        str | None,
        typer.Option(
            metavar="RATE[:FORMAT[:CHANNELS]]",
            help="For sound without a header: its rate in Hz, FFmpeg's name for its "
            "format (s16le), its number of channels (1).",
        ),
    ] = None,
    jobs: Annotated[
        int,
        typer.Option(
            "--jobs", "-j", help="With --window: threads that compute; -1: all cores."
        ),
    ] = 1,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="File to write instead of stdout."),
    ] = None,
) -> None:
    """Print the label of each sound file, or of each window of a recording.

    A file that cannot be read gets one line on stderr; the others are still predicted,
    and the exit code is 1.
    """
    _check_windows(window, hop, merge, jobs)
    if whole_frames and hop is None:
        raise typer.BadParameter("--whole-frames needs --hop. Give the hop to round.")
    _check_level_step(level_step, window)
    _check_format(format, files, window, output)
    _check_ranking(format, unsure_first, first)
    layout = parse_raw(raw)
    sources = open_sources(files)
    from mfccclf.prediction import Predictor

    predictor = Predictor(
        model, min_confidence=min_confidence, min_familiarity=min_familiarity
    )
    is_cut = window is not None
    with (
        own_streams(),
        open_sink(
            format,
            output,
            predictor,
            top=max(top, _RIVALS) if unsure_first else top,
            with_times=is_cut,
            with_sureness=unsure_first,
        ) as sink,
    ):
        outcomes: Iterator[Prediction | AudioFileError]
        if window is None:
            outcomes = predictor.predict_each(sources, raw=layout)
        else:
            outcomes = predictor.predict_each_window(
                sources,
                window=window,
                hop=predictor.round_hop(hop) if hop and whole_frames else hop,
                merge=merge,
                raw=layout,
                watch=sink.watch,
                n_jobs=jobs,
                level_step_db=level_step,
            )
        outcomes = until_interrupted(outcomes, sources)
        if unsure_first:
            outcomes = least_sure_first(outcomes, predictor.thresholds, first)
        failures = _write_outcomes(outcomes, sink)
    if failures:
        raise typer.Exit(FAILED)


def _check_windows(
    window: float | None, hop: float | None, merge: bool, jobs: int
) -> None:
    if window is None and hop is not None:
        raise typer.BadParameter("--hop needs --window. Give the length of windows.")
    if window is None and merge:
        raise typer.BadParameter("--merge needs --window. Give the length of windows.")
    if window is None and jobs != 1:
        raise typer.BadParameter("--jobs needs --window. Give the length of windows.")
    if jobs < 1 and jobs != -1:
        raise typer.BadParameter(f"--jobs must be at least 1, or -1. Got {jobs}.")


def _check_level_step(level_step: float | None, window: float | None) -> None:
    if level_step is None:
        return
    if window is None:
        raise typer.BadParameter(
            "--level-step needs --window. Give the length of windows."
        )
    if level_step <= 0:
        raise typer.BadParameter(f"--level-step must be above 0. Got {level_step}.")


def _check_format(
    format: str, files: list[str], window: float | None, output: Path | None
) -> None:
    if format in (*_ONE_RECORDING, PICTURE) and len(files) > 1:
        raise typer.BadParameter(
            f"--format {format} is for one recording. Got {len(files)} files. Run the "
            "command once for each."
        )
    if format == PICTURE and (window is None or output is None):
        raise typer.BadParameter(
            f"--format {PICTURE} draws windows into a file. Add --window SECONDS and "
            f"--output FILE.{PICTURE}."
        )


def _check_ranking(format: str, unsure_first: bool, first: int | None) -> None:
    if first is not None and not unsure_first:
        raise typer.BadParameter("--first needs --unsure-first.")
    if unsure_first and format in (*_ONE_RECORDING, PICTURE):
        raise typer.BadParameter(
            f"--unsure-first lists windows out of their order, which --format {format} "
            "cannot show. Choose text, json or csv."
        )


def _write_outcomes(outcomes: Iterable[Prediction | Exception], sink: Sink) -> int:
    """Write each prediction, print each error; return the number of errors."""
    failures = n_written = 0
    for outcome in outcomes:
        if isinstance(outcome, Exception):
            print_error(outcome)
            failures += 1
        else:
            sink.write(outcome)
            n_written += 1
    if failures and not n_written:
        raise typer.Exit(FAILED)  # inside the sink, so that no file is made
    return failures
