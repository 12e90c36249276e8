"""Where a training keeps its state, so that any process can tell how far it is."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from mfccclf.studio.journal import write_json

__all__ = ["JobFiles", "Order"]


@dataclass(frozen=True, kw_only=True)
class Order:
    """What to train.

    Attributes
    ----------
    number : int
        Of the model that comes of it.
    preset : str
        Name of a preset.
    seed : int
        Equal seeds give equal models.
    calibrate : bool
        As for `mfccclf.workflows.RecogniserOptions`.
    counts : dict of str to int
        Clips of each label.
    started : float
        Time in seconds since the epoch.
    """

    number: int
    preset: str
    seed: int
    calibrate: bool
    counts: dict[str, int]
    started: float


@dataclass(frozen=True)
class JobFiles:
    """The files of a training.

    Parameters
    ----------
    home : Path
        Folder of the training.
    """

    home: Path

    @property
    def snapshot(self) -> Path:
        """Folder with the clips as they were at the start."""
        return next((self.home / "clips").iterdir())

    @property
    def checkpoint(self) -> Path:
        """State of the last fit."""
        return self.home / "checkpoint"

    @property
    def log(self) -> Path:
        """What the process writes to its output."""
        return self.home / "log.txt"

    @property
    def pid(self) -> int:
        """Number of the process that trains."""
        return int((self.home / "pid").read_text("utf-8"))

    def order(self) -> Order | None:
        """Return what to train; None if there is no training."""
        try:
            return Order(**json.loads((self.home / "order.json").read_text("utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    def write_order(self, order: Order) -> None:
        """Write down what to train; from then on there is a training."""
        write_json(self.home / "order.json", asdict(order))

    def tell(self, event: str, **facts: Any) -> None:
        """Add an event."""
        line = json.dumps({"event": event, "time": time.time(), **facts}) + "\n"
        with (self.home / "events.jsonl").open("a", encoding="utf-8") as file:
            file.write(line)

    def events(self) -> list[dict[str, Any]]:
        """Return what has happened, in order."""
        found = []
        with suppress(OSError):
            text = (self.home / "events.jsonl").read_text("utf-8")
            for line in text.splitlines():
                with suppress(ValueError):  # cut off in the middle of a line
                    found.append(json.loads(line))
        return found

    @contextmanager
    def held(self) -> Iterator[None]:
        """Show that a process works on it, while the block runs."""
        (self.home / "pid").write_text(str(os.getpid()), "utf-8")
        with (self.home / "lock").open("w", encoding="utf-8") as file:
            if os.name == "posix":
                import fcntl

                fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def is_held(self) -> bool:
        """Return whether a process works on it, as far as can be told."""
        if os.name != "posix" or not (self.home / "lock").exists():
            return False
        import fcntl

        with (self.home / "lock").open("r", encoding="utf-8") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                return True
        return False
