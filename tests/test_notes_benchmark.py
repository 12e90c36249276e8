"""The page of docs with the tables of benchmarks/notes.py."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.append(str(ROOT))  # benchmarks/ is no part of the package

from benchmarks import notes  # noqa: E402


def test_page_has_the_tables_of_the_kept_results(tmp_path, monkeypatch):
    page = tmp_path / "notes.md"
    shutil.copy(ROOT / "docs" / "notes.md", page)
    monkeypatch.setattr(notes, "PAGE", page)
    results = notes.read_results(ROOT / "benchmarks" / "results" / "notes.json")
    assert set(results) == set(notes.PRESETS)
    notes.write_tables(results)
    assert page.read_text("utf-8") == (ROOT / "docs" / "notes.md").read_text("utf-8")
