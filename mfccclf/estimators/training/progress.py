"""Report the progress of a training on standard error."""

from __future__ import annotations

import sys
import time
from typing import Any

from skorch.callbacks import Callback

from mfccclf.display.progress import NotebookBar, in_notebook, is_terminal
from mfccclf.estimators.training.callbacks import EpochRecorder

__all__ = ["ProgressReport", "epoch_line"]


class ProgressReport(Callback):  # type: ignore[misc]
    """Write a line after epochs, or keep one line up to date.

    Parameters
    ----------
    recorder : EpochRecorder
        Has the scores; must come before this callback.
    max_epochs : int
        Number of epochs of the whole training.
    verbose : int
        1 for one line that is kept up to date, on a terminal or with a bar in a
        notebook, and about ten lines elsewhere; 2 or more for a line per epoch.
    """

    def __init__(self, recorder: EpochRecorder, max_epochs: int, verbose: int) -> None:
        self.recorder = recorder
        self.max_epochs = max_epochs
        self.verbose = verbose

    def on_train_begin(self, net: Any, **_: Any) -> None:
        """Start the clock."""
        self._start = time.perf_counter()
        self._n_before: int | None = None
        self._bar = NotebookBar() if self.verbose == 1 and in_notebook() else None
        self._moving = self.verbose == 1 and not self._bar and is_terminal()

    def on_epoch_end(self, net: Any, **_: Any) -> None:
        """Report the scores of the epoch."""
        row = self.recorder.rows[-1]
        if self._n_before is None:  # not 0 if the training is resumed
            self._n_before = row["epoch"] - 1
        line = epoch_line(row, self.max_epochs)
        if self._bar is not None:
            text = f"{line} | {self._time_left(row['epoch'])} left"
            self._bar.update(row["epoch"], self.max_epochs, text)
        elif self._moving:
            sys.stderr.write(f"\r\x1b[2K{line} | {self._time_left(row['epoch'])} left")
            sys.stderr.flush()
        elif self.verbose > 1 or self._is_tenth(row["epoch"]):
            sys.stderr.write(line + "\n")

    def on_train_end(self, net: Any, **_: Any) -> None:
        """End the line that was kept up to date."""
        if self._moving:
            sys.stderr.write("\n")

    def _is_tenth(self, epoch: int) -> bool:
        return epoch == self.max_epochs or epoch % max(1, self.max_epochs // 10) == 0

    def _time_left(self, epoch: int) -> str:
        passed = time.perf_counter() - self._start
        n_run = epoch - (self._n_before or 0)
        seconds = round(passed / n_run * (self.max_epochs - epoch))
        return f"{seconds // 60}:{seconds % 60:02d}"


def epoch_line(row: dict[str, Any], max_epochs: int) -> str:
    """Return an epoch's scores, as loss/accuracy, in one line."""
    width = len(str(max_epochs))
    line = f"[{row['epoch']:0{max(3, width)}d}/{max_epochs}]"
    line += f" train {row['train_loss']:.4f}/{row['train_accuracy']:.4f}"
    if row["valid_loss"] is not None:
        line += f" | val {row['valid_loss']:.4f}/{row['valid_accuracy']:.4f}"
    return line + f" | time {row['duration_s']:.1f}s"
