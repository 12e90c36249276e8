"""How extracted features lie on disk: names of files, arrays and columns.

A file ending in ``.npz`` holds an array for each column, X, feature_names, parameters
(JSON) and facts (JSON). A folder ending in ``.mfccdata`` holds ``X.npy``, ``clips.csv``
and ``parameters.json`` (the facts).
"""

from __future__ import annotations

from dataclasses import fields
from typing import NamedTuple

from mfccclf.datasets.dataset import Dataset

__all__ = [
    "ARCHIVE",
    "ARRAY_NAME",
    "COLUMNS",
    "FACTS_NAME",
    "FOLDER",
    "FORMAT_NAME",
    "FORMAT_VERSION",
    "SHARED_FIELDS",
    "TABLE_NAME",
    "Column",
]

FORMAT_NAME, FORMAT_VERSION = "mfccclf features", 1
ARCHIVE, FOLDER = ".npz", ".mfccdata"
ARRAY_NAME, TABLE_NAME, FACTS_NAME = "X.npy", "clips.csv", "parameters.json"


class Column(NamedTuple):
    """A field of `Dataset` with one entry per clip.

    Attributes
    ----------
    field : str
        Its name in `Dataset`.
    heading : str
        Its name in the table of a folder.
    array : str
        Its name in an archive.
    """

    field: str
    heading: str
    array: str


COLUMNS = (
    Column("paths", "path", "paths"),
    Column("labels", "label", "y"),
    Column("groups", "group", "groups"),
    Column("splits", "split", "splits"),
    Column("folds", "fold", "folds"),
)

# Fields of a data set that hold for all of its clips.
SHARED_FIELDS = tuple(
    field.name
    for field in fields(Dataset)
    if field.name not in {column.field for column in COLUMNS}
)
