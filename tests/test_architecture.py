"""ARCHITECTURE.md and CONTRIBUTING.md name what is there, and all of it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGES = ("ARCHITECTURE.md", "CONTRIBUTING.md")
# New files of the worked examples in CONTRIBUTING.md.
EXAMPLES = {"barks", "flatness", "loudest", "tsv"}
# Folders of data, which belong to the room above them.
DATA = {"benchmarks/results", "benchmarks/speed/peers"}


def read(page):
    return (ROOT / page).read_text(encoding="utf-8")


def table_rows():
    rows = [line for line in read("ARCHITECTURE.md").splitlines() if line[:3] == "| `"]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


def paths_in(text):
    """Return what stands between backticks and looks like a path of the checkout."""
    quoted = re.findall(r"`([^`\s]+)`", text)
    return [name for name in quoted if "/" in name and not name.startswith(("-", "/"))]


def listed_rooms():
    return {path.rstrip("/") for row in table_rows() for path in paths_in(row[0])}


def packages():
    """Return the folders that hold modules, and the modules on the top floor."""
    tops = ("mfccclf", "cli", "weights", "audio", "benchmarks", "examples")
    modules = [path for top in tops for path in (ROOT / top).rglob("*.py")]
    folders = {path.parent.relative_to(ROOT).as_posix() for path in modules}
    top_floor = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "mfccclf").glob("*.py")
        if not path.name.startswith("__")
    }
    return (folders - {"mfccclf"} - DATA) | top_floor


def is_covered(room):
    """A recipe or a benchmark has no row of its own; a room of the package has."""
    rooms = listed_rooms()
    return room in rooms or (
        room.startswith(("weights/recipes/",)) and "weights/recipes" in rooms
    )


def test_every_room_has_a_row():
    assert sorted(room for room in packages() if not is_covered(room)) == []


def is_there(path):
    """Tell whether a path exists; a worked example may make a new file in a room."""
    return (ROOT / path).exists() or Path(path).stem in EXAMPLES


@pytest.mark.parametrize("page", PAGES)
def test_every_path_on_the_page_exists(page):
    paths = paths_in(read(page))
    assert paths
    assert [path for path in paths if not is_there(path)] == []
    assert [path for path in paths if not (ROOT / path).parent.is_dir()] == []


def test_every_row_says_what_to_change_there():
    assert all(len(row) == 3 and all(row) for row in table_rows())
