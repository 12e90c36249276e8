"""A data set as notebooks show it."""

from __future__ import annotations

from collections import Counter
from html import escape
from typing import TYPE_CHECKING, Any

from mfccclf.datasets.splits import SPLITS

if TYPE_CHECKING:
    from mfccclf.datasets.dataset import Dataset

__all__ = ["describe_clips"]

_MOST_LABELS, _MOST_PLAYERS = 30, 8
_HEARD_S = 4.0


def describe_clips(clips: Dataset) -> str:
    """Return a table of labels as HTML, with a clip of each of the first to hear.

    Parameters
    ----------
    clips : Dataset
        The clips.

    Returns
    -------
    html : str
        Clips that cannot be read do not matter: their cell says so.
    """
    from mfccclf.display import html_table

    classes = clips.classes
    shown = classes[:_MOST_LABELS]
    header = ["label", "clips", *_present_splits(clips), "for example"]
    rows = [_row(clips, label, place) for place, label in enumerate(shown)]
    hidden = len(classes) - len(shown)
    more = f"<p>and {hidden} more labels</p>" if hidden else ""
    return f"<p>{escape(_headline(clips))}</p>{html_table(header, rows)}{more}"


def _headline(clips: Dataset) -> str:
    facts = [f"{len(clips)} clips", f"{len(clips.classes)} labels"]
    if clips.groups is not None:
        facts.append(f"{len(set(clips.groups))} groups")
    return f"{clips.name}: {', '.join(facts)} (layout {clips.layout})"


def _present_splits(clips: Dataset) -> list[str]:
    return [name for name in SPLITS if name in (clips.splits or ())]


def _row(clips: Dataset, label: str, place: int) -> list[Any]:
    from mfccclf.display import play_clip
    from mfccclf.display.tables import Markup

    rows = [i for i, names in enumerate(clips.label_sets) if label in names]
    splits = Counter(clips.splits[row] for row in rows) if clips.splits else Counter()
    counts = [splits[name] for name in _present_splits(clips)]
    player = ""
    if place < _MOST_PLAYERS:
        player = play_clip(clips.paths[rows[0]], longest_s=_HEARD_S, picture=False)
    return [label, len(rows), *counts, Markup(player)]
