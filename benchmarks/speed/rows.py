"""What a row of the table is, and what it claims."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from measuring import Ratio

__all__ = ["Options", "Row", "at_least", "at_most"]


@dataclass(frozen=True)
class Options:
    """How to measure.

    Parameters
    ----------
    folder : pathlib.Path
        For files that are made up; removed at the end.
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
        What is done.
    measure : callable
        Returns "ways", the medians of each, and "claims", or "missing".
    """

    key: str
    title: str
    measure: Callable[[Options], dict[str, Any]]


def at_least(text: str, value: Ratio | float | None, goal: float | None) -> dict:
    """Claim that a figure is as large as its goal."""
    return _claim(text, value, goal, sense=">=")


def at_most(text: str, value: Ratio | float | None, goal: float | None) -> dict:
    """Claim that a figure is as small as its goal."""
    return _claim(text, value, goal, sense="<=")


def _claim(
    text: str, value: Ratio | float | None, goal: float | None, *, sense: str
) -> dict[str, Any]:
    wall, cpu = value if isinstance(value, Ratio) else (value, None)
    claim = {"text": text, "value": _short(wall), "cpu": _short(cpu)}
    return claim if goal is None else {**claim, "goal": f"{sense} {goal:g}"}


def _short(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.3g}")
