"""``mfccclf dataset inspect``: what is in a data set."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mfccclf.display.progress import progress_bar

from .._cutting import Hop, Overlap, Tier, Unlabelled, Window, parse_cutting
from .._echo import echo
from .._errors import print_error
from .._options import Data, Jobs, Layout, Preset, PrintedAs, TextOrJson
from ._sound_text import sound_text

if TYPE_CHECKING:
    from mfccclf.datasets import Dataset
    from mfccclf.workflows import SoundInspection

__all__ = ["inspect"]

_MAX_SHOWN = 20


def inspect(
    data: Data,
    layout: Layout = "auto",
    window: Window = None,
    hop: Hop = None,
    overlap: Overlap = None,
    unlabelled: Unlabelled = None,
    tier: Tier = None,
    format: PrintedAs = TextOrJson.text,
    sound: Annotated[
        bool,
        typer.Option(
            "--sound",
            help="Read every clip as a training would: list those that cannot be used, "
            "and tell lengths, rates, channels, levels, clipping and duplicates.",
        ),
    ] = False,
    plot: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.png",
            help="With --sound: draw clips per label, lengths and levels (needs the "
            "extra [plots]).",
        ),
    ] = None,
    preset: Preset = "default",
    jobs: Jobs = None,
) -> None:
    """Print a data set's layout and its numbers of clips per label, split and group.

    Every clip's header is read; with --sound, all of the clip. If anything is wrong, it
    is listed, and the exit code is 1. --preset and --jobs belong to --sound.
    """
    from mfccclf.datasets import load_dataset

    if plot is not None and not sound:
        raise typer.BadParameter("--plot needs --sound.")
    if plot is not None:
        _check_plot(plot)
    cutting = parse_cutting(window, hop, overlap, unlabelled, tier)
    # With --sound, what the headers tell is told with all the rest.
    clips = load_dataset(
        data, layout=layout, cutting=cutting, check=not sound, keep_bad=sound
    )
    if sound:
        _inspect_sound(clips, format, preset, jobs, plot)
        return
    summary = clips.summary()
    echo(json.dumps(summary) if format is TextOrJson.json else _as_text(summary))


def _inspect_sound(
    clips: Dataset,
    format: TextOrJson,
    preset: str,
    jobs: int | None,
    plot: Path | None,
) -> None:
    from mfccclf.workflows import inspect_sound

    with progress_bar("Clips") as update:
        found = inspect_sound(clips, preset=preset, n_jobs=jobs, on_progress=update)
    summary, facts = clips.summary(), found.to_dict()
    if format is TextOrJson.json:
        echo(json.dumps({**summary, "sound": facts}))
    else:
        echo(f"{_as_text(summary)}\n{sound_text(facts)}")
    if plot is not None:
        _draw(found, plot)
    _fail_if_wrong(found)


def _check_plot(plot: Path) -> None:
    """Fail before the clips are read rather than after."""
    from mfccclf.plots import check_matplotlib
    from mfccclf.workflows import check_output

    check_output(plot, suffix=".png")
    check_matplotlib()


def _draw(found: SoundInspection, plot: Path) -> None:
    from mfccclf.plots import plot_data_set, save_png

    save_png(plot_data_set(found.counts(), found.durations(), found.levels()), plot)
    # On stderr, to keep the JSON of --format json clean.
    echo(f"Picture: {plot}", err=True)


def _fail_if_wrong(found: SoundInspection) -> None:
    """Raise what a training would raise; tell of clips that spoil its scores."""
    from mfccclf.errors import BadClipsError

    harmful = [one for one in found.duplicates if one.is_harmful]
    if harmful:
        sets = "set of clips has" if len(harmful) == 1 else "sets of clips have"
        print_error(
            f"{len(harmful)} {sets} the same sound under several labels or in several "
            "splits. Keep one of each."
        )
    if found.bad:
        raise BadClipsError(found.bad, len(found.clips))
    if harmful:
        raise typer.Exit(1)


def _as_text(summary: dict[str, Any]) -> str:
    lines = [
        f"{summary['name']}: {summary['n_clips']} clips, layout {summary['layout']!r}"
    ]
    for title, key in (
        ("Labels", "classes"),
        ("Splits", "splits"),
        ("Groups", "groups"),
        ("Official folds", "folds"),
    ):
        counts = summary[key]
        if counts is None:
            lines += [] if key == "folds" else [f"{title}: none"]
            continue
        lines.append(f"{title}: {len(counts)}")
        width = max(map(len, counts))
        shown = list(counts.items())[:_MAX_SHOWN]
        lines += [f"  {name:{width}}  {count:>6}" for name, count in shown]
        if len(counts) > _MAX_SHOWN:
            lines.append(f"  ... and {len(counts) - _MAX_SHOWN} more")
    return "\n".join(lines)
