"""The glossary: in order, and true for the code."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[1] / "docs" / "glossary.md"
ROWS = [
    [cell.strip() for cell in line.strip("|").split(" | ")]
    for line in PAGE.read_text("utf-8").splitlines()
    if line.startswith("| ")
][2:]
NAMES = sorted(
    {name for row in ROWS for name in re.findall(r"`(mfccclf[\w.]+)`", row[2])}
)


def find(name: str) -> object:
    """Return a module, or an attribute however deep, by its full name."""
    parts = name.split(".")
    for end in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:end]))
        except ModuleNotFoundError:
            continue
        for attribute in parts[end:]:
            fields = getattr(found, "__dataclass_fields__", {})
            found = fields.get(attribute) or getattr(found, attribute)
        return found
    raise ModuleNotFoundError(name)


def test_every_row_has_a_word_and_one_meaning():
    assert ROWS
    for word, meaning, *_ in ROWS:
        assert word
        assert meaning.endswith(".")


def test_words_are_in_alphabetical_order():
    words = [row[0].strip("`").lower() for row in ROWS]
    assert words == sorted(words)
    assert len(words) == len(set(words))


@pytest.mark.parametrize("name", NAMES)
def test_code_has_what_the_glossary_names(name):
    assert find(name) is not None
