"""No docstring is written twice: what is shared is declared once and filled in."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from itertools import combinations
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MOST_SHARED = 6
# What every numpydoc docstring has: headings, their lines, and blank lines.
HEADING = re.compile(r"^([A-Z]\w+|-{4,}|\{\w+\}|)$")


def docstrings():
    """Yield the name and the telling lines of every docstring of the package."""
    for folder in ("mfccclf", "cli"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            tree = ast.parse(path.read_bytes())
            for node in ast.walk(tree):
                if isinstance(node, ast.ClassDef | ast.FunctionDef):
                    name = f"{path.relative_to(ROOT)}:{node.name}"
                    yield name, telling_lines(ast.get_docstring(node) or "")


def telling_lines(text):
    lines = (line.strip() for line in text.splitlines())
    return [line for line in lines if not HEADING.match(line)]


def runs_of(lines):
    """Return every run of lines that is one longer than two may share."""
    size = MOST_SHARED + 1
    return {tuple(lines[i : i + size]) for i in range(len(lines) - size + 1)}


def test_no_two_docstrings_share_more_than_six_lines():
    owners = defaultdict(set)
    for name, lines in docstrings():
        for run in runs_of(lines):
            owners[run].add(name)
    shared = {
        pair for names in owners.values() for pair in combinations(sorted(names), 2)
    }
    assert sorted(shared) == []


def test_a_shared_run_would_be_found():
    lines = [f"line {index}" for index in range(MOST_SHARED + 1)]
    assert runs_of(lines) & runs_of(["another", *lines])
