"""The rows of the table, and the claims of a row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.speed.measuring import Ratio

__all__ = ["Claim", "Options", "Row", "at_least", "at_most"]

Claim = dict[str, Any]


@dataclass(frozen=True)
class Options:
    """How to measure.

    Parameters
    ----------
    folder : pathlib.Path
        For files made here; removed at the end.
    runs : int
        Runs of each way.
    python : str
        Interpreter that has the peers.
    digits : pathlib.Path or None
        Recordings of spoken digits, ``digit_speaker_take.wav``.
    """

    folder: Path
    runs: int
    python: str
    digits: Path | None


@dataclass(frozen=True)
class Row:
    """One line of the table.

    Parameters
    ----------
    key : str
        What ``--rows`` calls it.
    title : str
        What work is done.
    measure : callable
        Returns "ways", the medians of each way, and "claims"; or "missing", what the
        row needs.
    """

    key: str
    title: str
    measure: Callable[[Options], dict[str, Any]]


def at_least(text: str, value: Ratio | float | None, goal: float | None) -> Claim:
    """Claim that a figure is at least its goal."""
    return _claim(text, value, goal, sense=">=")


def at_most(text: str, value: Ratio | float | None, goal: float | None) -> Claim:
    """Claim that a figure is at most its goal."""
    return _claim(text, value, goal, sense="<=")


def _claim(
    text: str, value: Ratio | float | None, goal: float | None, *, sense: str
) -> Claim:
    wall, cpu = value if isinstance(value, Ratio) else (value, None)
    claim: Claim = {"text": text, "value": _short(wall), "cpu": _short(cpu)}
    return claim if goal is None else {**claim, "goal": f"{sense} {goal:g}"}


def _short(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.3g}")
