"""TextGrids of Praat, in the long and the short text format.

References
----------
Praat's manual, "TextGrid file formats": only texts in double quotes, numbers that stand
free and flags in angle brackets count; all other words, and what follows an exclamation
mark, are comments.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from mfccclf.datasets.annotations.annotation import Annotation, TableProblems
from mfccclf.datasets.annotations.times import read_span
from mfccclf.datasets.problems import shorten
from mfccclf.errors import DatasetError

__all__ = ["is_text_grid", "read_text_grid"]

_TYPE = '"ooTextFile"'
_CLASS = "TextGrid"
# No tier has a billion intervals.
_MOST_DIGITS = 9
_EXISTS = "<exists>"
_INTERVALS, _POINTS = "IntervalTier", "TextTier"
_TOKEN = re.compile(
    r'"(?P<text>(?:[^"]|"")*)"(?=\s|\Z)'
    r"|(?P<flag><\w+>)(?=\s|\Z)"
    r"|(?<!\S)(?P<number>[-+]?\d+(?:\.\d*)?(?:[eE][-+]?\d+)?)%?(?=\s|s\b|\Z)"
    r"|(?P<comment>![^\n]*)"
    r"|[^\s\"]+"
)


class _Token(NamedTuple):
    kind: str
    value: str
    line: int


@dataclass(frozen=True)
class _Interval:
    start: str
    end: str
    label: str
    line: int


@dataclass(frozen=True)
class _Tier:
    name: str
    intervals: list[_Interval]
    n_points: int = 0

    @property
    def labelled(self) -> list[_Interval]:
        return [one for one in self.intervals if one.label.strip()]


def is_text_grid(text: str) -> bool:
    """Return whether a text begins as Praat writes TextGrids."""
    head = text[:400]
    return _TYPE in head and f'"{_CLASS}"' in head


def read_text_grid(
    text: str, problems: TableProblems, *, tier: str | None = None
) -> list[Annotation]:
    """Return the intervals of a tier that have a label.

    Parameters
    ----------
    text : str
        The whole file.
    problems : TableProblems
        Takes what is wrong, by line.
    tier : str or None, default=None
        Name of the tier; None for the only one with labels.

    Raises
    ------
    DatasetError
        If the file breaks off or does not have the form of a TextGrid.
    """
    tiers = _read_tiers(_Tokens(text, problems.source))
    chosen = _choose(tiers, tier, problems)
    found = []
    for one in [] if chosen is None else chosen.labelled:
        place = f"Line {one.line}"
        span = read_span(one.start, one.end, place, problems)
        if span is not None:
            start_s, end_s = span
            label = " ".join(one.label.split())
            found.append(
                Annotation(start_s=start_s, end_s=end_s, label=label, place=place)
            )
    return found


class _Tokens:
    """The texts, numbers and flags of a file, one after the other."""

    def __init__(self, text: str, name: str) -> None:
        self._name = name
        self._tokens = _tokenise(text)
        self._line = 1

    def take(self, kind: str) -> _Token:
        """Return the next token, which must be of this kind."""
        token = next(self._tokens, None)
        if token is None:
            raise DatasetError(
                f"{self._name} is cut short: it ends where a {kind} should follow. "
                "Save it again."
            )
        self._line = token.line
        if token.kind != kind:
            raise DatasetError(
                f"{self._name}: Line {token.line} has {token.value!r} in place of a "
                f"{kind}, so it is no TextGrid that Praat wrote. Save it again."
            )
        return token

    def count(self) -> int:
        """Return the next number as a number of things."""
        token = self.take("number")
        if not token.value.isdecimal() or len(token.value) > _MOST_DIGITS:
            raise DatasetError(
                f"{self._name}: Line {token.line} has {token.value} where a number of "
                "tiers, intervals or points should stand. Save it again."
            )
        return int(token.value)


def _tokenise(text: str) -> Iterator[_Token]:
    line, reached = 1, 0
    for match in _TOKEN.finditer(text):
        line += text.count("\n", reached, match.start())
        reached = match.start()
        kind = match.lastgroup
        if kind is not None and kind != "comment":
            yield _Token(kind, match[kind].replace('""', '"'), line)


def _read_tiers(tokens: _Tokens) -> list[_Tier]:
    for kind in ("text", "text", "number", "number"):
        tokens.take(kind)
    if tokens.take("flag").value != _EXISTS:
        return []
    return [_read_tier(tokens) for _ in range(tokens.count())]


def _read_tier(tokens: _Tokens) -> _Tier:
    kind, name = tokens.take("text").value, tokens.take("text").value
    for _ in ("start", "end"):
        tokens.take("number")
    size = tokens.count()
    if kind == _POINTS:
        for _ in range(size):
            tokens.take("number")
            tokens.take("text")
        return _Tier(name, [], n_points=size)
    return _Tier(name, [_read_interval(tokens) for _ in range(size)])


def _read_interval(tokens: _Tokens) -> _Interval:
    start, end = tokens.take("number").value, tokens.take("number").value
    label = tokens.take("text")
    return _Interval(start, end, label.value, label.line)


def _choose(
    tiers: list[_Tier], name: str | None, problems: TableProblems
) -> _Tier | None:
    labelled = [tier for tier in tiers if tier.labelled]
    known = shorten([repr(tier.name) for tier in labelled])
    if name is not None:
        named = [tier for tier in labelled if tier.name == name]
        if not named:
            problems.fault(
                "",
                f"No tier of intervals with labels is named {name!r}",
                f"It has {known}." if known else "It has none.",
            )
        return named[0] if named else None
    if len(labelled) > 1:
        problems.fault(
            "",
            f"Several tiers have labels: {known}",
            "Choose one with --tier NAME (Cutting(tier=...)).",
        )
        return None
    _warn_of_points(tiers, problems)
    return labelled[0] if labelled else None


def _warn_of_points(tiers: list[_Tier], problems: TableProblems) -> None:
    names = [repr(tier.name) for tier in tiers if tier.n_points]
    if names:
        problems.warn(
            f"Points have no length, so these tiers are not used: {shorten(names)}."
        )
