"""Tables of clips made to do harm: each is refused in short lines, and at once."""

from __future__ import annotations

import time

import pytest

from mfccclf import DatasetError, load_dataset

TABLES = {
    "a cell of megabytes": (
        "path,label\n" + "x" * 5_000_000 + ",a\n",
        "field larger than field limit",
    ),
    "a header of megabytes": (
        "path,label," + "x" * 100_000 + "\na.wav,b,c\n",
        "a.wav",
    ),
    "an unclosed quote": ('path,label\n"' + "a,b\n" * 500_000, "is not CSV"),
    "many columns": ("path,label" + ",x" * 50_000 + "\na.wav,b\n", "has 2 cells"),
    "many rows that are wrong": ("path,label\n" + "a.wav\n" * 50_000, "and 49980 more"),
    "binary data": ("path,label\n\0\1\2", "binary data"),
    "escapes": ("path,label\n\x1b[31m.wav,a\n", "binary data"),
}


@pytest.mark.parametrize("kind", TABLES)
def test_tables_are_refused_in_short_lines(kind, tmp_path):
    text, match = TABLES[kind]
    path = tmp_path / "clips.csv"
    path.write_text(text)
    begin = time.process_time()
    with pytest.raises(DatasetError, match=match) as caught:
        load_dataset(path)
    assert time.process_time() - begin < 5
    lines = str(caught.value).split("\n")
    assert len(lines) <= 22
    assert all(line.isprintable() and len(line) < 2000 for line in lines)
