"""One labelled clip, as a layout's reader finds it."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from mfccclf.storage.stored_path import Place

__all__ = ["Clip", "make_clip", "split_labels"]


@dataclass(frozen=True)
class Clip:
    """A file and what its layout says about it.

    Parameters
    ----------
    path : str
        The file.
    label : str
        Its label; several are joined by ";".
    group : str or None, default=None
        Its speaker, instrument or recording.
    split : {"train", "validation", "test"} or None, default=None
        Its part of the data.
    kind : str or None, default=None
        Another name that it can be excluded by, such as its instrument's family.
    fold : str or None, default=None
        The fold of cross-validation that its collection put it into.
    """

    path: str
    label: str
    group: str | None = None
    split: str | None = None
    kind: str | None = None
    fold: str | None = None


def make_clip(
    path: Place | str,
    label: str,
    *,
    group: str | None = None,
    split: str | None = None,
    kind: str | None = None,
    fold: str | None = None,
) -> Clip:
    """Return a clip whose label is the same text on every system.

    macOS stores a file name's accents apart from their letters; other systems do not.
    """
    label = unicodedata.normalize("NFC", label.strip())
    return Clip(
        path=str(path), label=label, group=group, split=split, kind=kind, fold=fold
    )


def split_labels(label: str) -> tuple[str, ...]:
    """Return the labels that are joined by ";", without blanks around them."""
    return tuple(part.strip() for part in label.split(";"))
