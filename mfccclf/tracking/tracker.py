"""What a program that keeps runs must be able to write down."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Tracker"]


class Tracker(Protocol):
    """One run in a program that keeps runs."""

    def log_parameters(self, parameters: Mapping[str, str]) -> None:
        """Keep what was chosen before the run, and facts about its data."""

    def log_metrics(self, metrics: Mapping[str, float], epoch: int) -> None:
        """Keep numbers of an epoch, counted from 1."""

    def log_figure(self, name: str, figure: Figure) -> None:
        """Keep a picture."""

    def log_model(self, path: Path) -> None:
        """Keep a model file, or say where it lies."""

    def log_candidate(
        self, name: str, parameters: Mapping[str, str], scores: Mapping[str, float]
    ) -> None:
        """Keep a combination of parameters that a search tried."""

    def close(self, *, failed: bool) -> None:
        """End the run."""
