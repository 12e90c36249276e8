"""``mfccclf dataset inspect``: what is in a data set."""

from __future__ import annotations

import json
from typing import Any

from .._cutting import Hop, Overlap, Tier, Unlabelled, Window, parse_cutting
from .._echo import echo
from .._options import Data, Layout, PrintedAs, TextOrJson

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
) -> None:
    """Print a data set's layout and its numbers of clips per label, split and group.

    Every clip's header is read. If anything is wrong, it is listed, and the exit code
    is 1.
    """
    from mfccclf.datasets import load_dataset

    cutting = parse_cutting(window, hop, overlap, unlabelled, tier)
    summary = load_dataset(data, layout=layout, cutting=cutting).summary()
    if format is TextOrJson.json:
        echo(json.dumps(summary))
    else:
        echo(_as_text(summary))


def _as_text(summary: dict[str, Any]) -> str:
    lines = [
        f"{summary['name']}: {summary['n_clips']} clips, layout {summary['layout']!r}"
    ]
    for title, key in (
        ("Labels", "classes"),
        ("Splits", "splits"),
        ("Groups", "groups"),
    ):
        counts = summary[key]
        if counts is None:
            lines.append(f"{title}: none")
            continue
        lines.append(f"{title}: {len(counts)}")
        width = max(map(len, counts))
        shown = list(counts.items())[:_MAX_SHOWN]
        lines += [f"  {name:{width}}  {count:>6}" for name, count in shown]
        if len(counts) > _MAX_SHOWN:
            lines.append(f"  ... and {len(counts) - _MAX_SHOWN} more")
    return "\n".join(lines)
