"""Read a table of annotations of any known kind, told by its content."""

from __future__ import annotations

from mfccclf.datasets.annotations.annotation import Annotation, TableProblems
from mfccclf.datasets.annotations.header_table import (
    is_header_table,
    read_header_table,
)
from mfccclf.datasets.annotations.jams_document import is_jams, read_jams
from mfccclf.datasets.annotations.label_track import is_label_track, read_label_track
from mfccclf.datasets.annotations.text_grid import is_text_grid, read_text_grid
from mfccclf.datasets.table_text import read_text
from mfccclf.errors import DatasetError, StorageError
from mfccclf.storage.stored_path import Place, StoredPath

__all__ = ["TABLE_ENDINGS", "is_annotation_table", "read_annotations"]

TABLE_ENDINGS = frozenset({".csv", ".jams", ".textgrid", ".tsv", ".txt"})
_BINARY_GRID = b"ooBinaryFile"
# More than any header, and enough of a document to know it.
_HEAD = 2**16


def is_annotation_table(path: Place) -> bool:
    """Return whether a file is a table of annotations that can be read.

    Parameters
    ----------
    path : pathlib.Path or StoredPath
        Any file; its ending and beginning decide.
    """
    if path.suffix.casefold() not in TABLE_ENDINGS:
        return False
    try:
        head = _read_head(path, _HEAD)
    except OSError:
        return False
    return head.startswith(_BINARY_GRID) or _kind_of(_decode_head(head)) is not None


def read_annotations(
    path: Place, problems: TableProblems, *, tier: str | None = None
) -> list[Annotation]:
    """Return the annotations of a table, in its order.

    Parameters
    ----------
    path : pathlib.Path or StoredPath
        A selection table of Raven, a label track of Audacity, a TextGrid of Praat
        (text), a JAMS document, a result of BirdNET-Analyzer, or a table with columns
        such as ``start``, ``end`` and ``label``.
    problems : TableProblems
        Takes what is wrong, by line.
    tier : str or None, default=None
        Tier of a TextGrid or namespace of a JAMS document; None for the only one.

    Raises
    ------
    DatasetError
        If the file cannot be read at all.
    """
    _refuse_binary_grid(path)
    text = read_text(path, problems).replace("\r\n", "\n").replace("\r", "\n")
    kind = _kind_of(text)
    if kind == "text grid":
        return read_text_grid(text, problems, tier=tier)
    if kind == "jams":
        return read_jams(text, problems, tier=tier)
    if kind == "label track":
        return read_label_track(text, problems)
    if kind == "header table":
        return read_header_table(text, problems)
    raise DatasetError(
        f"{path} is no table of annotations: it has neither columns named start, end "
        "and label (or as Raven and BirdNET name them) nor the form of a label track "
        "of Audacity, a TextGrid of Praat or a JAMS document."
    )


def _kind_of(text: str) -> str | None:
    if is_text_grid(text):
        return "text grid"
    if is_jams(text):
        return "jams"
    if is_label_track(text):
        return "label track"
    return "header table" if is_header_table(text) else None


def _decode_head(head: bytes) -> str:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head[: len(head) // 2 * 2].decode("utf-16", "replace")
    return head.decode("utf-8-sig", "replace")


def _read_head(path: Place, n_bytes: int) -> bytes:
    if isinstance(path, StoredPath):
        return path.read_bytes()[:n_bytes]
    with open(path, "rb") as file:
        return file.read(n_bytes)


def _refuse_binary_grid(path: Place) -> None:
    try:
        head = _read_head(path, len(_BINARY_GRID))
    except StorageError as exc:
        raise DatasetError(str(exc)) from exc
    except OSError as exc:
        raise DatasetError(f"{path} cannot be read: {exc.strerror}.") from exc
    if head == _BINARY_GRID:
        raise DatasetError(
            f"{path} is a binary file of Praat. Save it with 'Save as text file'."
        )
