"""One name, one thing: no public function or class is defined in two modules."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("mfccclf", "cli")


def public_names(path: Path) -> Iterator[str]:
    """Yield what a module defines, apart from entry points.

    A command of the command line goes by its module's name, a script by ``main``.
    """
    entry_points = {"main", path.stem} if ROOT / "cli" in path.parents else set()
    kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    names = (n.name for n in ast.parse(path.read_bytes()).body if isinstance(n, kinds))
    for name in names:
        if not name.startswith("_") and name not in entry_points:
            yield name


def find_twins() -> dict[str, list[str]]:
    homes = defaultdict(list)
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            for name in set(public_names(path)):
                homes[name].append(str(path.relative_to(ROOT)))
    return {name: places for name, places in homes.items() if len(places) > 1}


def test_no_public_name_is_defined_in_two_modules():
    assert find_twins() == {}
