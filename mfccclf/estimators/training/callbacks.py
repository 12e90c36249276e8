"""What happens before and after the epochs of a training."""

from __future__ import annotations

import math
import time
from typing import Any

import torch
from skorch.callbacks import Callback
from torch import Tensor

__all__ = [
    "BestEpoch",
    "DivergenceGuard",
    "EpochRecorder",
    "StopTraining",
    "copy_state",
]


class StopTraining(Exception):  # noqa: N818 - says to stop, not that something failed
    """Raised by a callback to end a training early."""


class DivergenceGuard(Callback):  # type: ignore[misc]
    """End a training whose loss is no longer finite."""

    def on_batch_end(self, net: Any, training: bool = False, **_: Any) -> None:
        """Check the loss of a training batch."""
        if training and not math.isfinite(net.history[-1, "batches", -1, "train_loss"]):
            raise ValueError(
                f"Training diverged in epoch {len(net.history)}: the loss is not "
                f"finite. Lower lr (now {net.lr:g}), scale the features "
                "(SequenceStandardScaler), or set gradient_clip."
            )


class EpochRecorder(Callback):  # type: ignore[misc]
    """Keep one plain dict per epoch.

    Attributes
    ----------
    rows : list of dict
        Per epoch: epoch, train_loss, train_accuracy, valid_loss and valid_accuracy
        (None without validation data), lr (at the epoch's start) and duration_s.
    """

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []

    def on_epoch_begin(self, net: Any, **_: Any) -> None:
        """Start the clock and the counts."""
        self._start = time.perf_counter()
        self._lr = float(net.optimizer_.param_groups[0]["lr"])
        self._counts = {True: 0, False: 0}
        self._right: dict[bool, list[Tensor]] = {True: [], False: []}

    def on_batch_end(
        self, net: Any, batch: Any, training: bool, y_pred: Tensor, **_: Any
    ) -> None:
        """Count the clips of a batch that are predicted right."""
        targets = batch[1][0]
        # Tensors, because reading a number from a GPU would wait for each batch.
        self._right[training].append(_count_right(y_pred, targets.to(y_pred.device)))
        self._counts[training] += _count_known(targets)

    def on_epoch_end(self, net: Any, **_: Any) -> None:
        """Write the epoch's row."""
        last = net.history[-1]
        self.rows.append(
            {
                "epoch": len(self.rows) + 1,
                "train_loss": float(last["train_loss"]),
                "train_accuracy": self._accuracy(training=True),
                "valid_loss": _float_or_none(last.get("valid_loss")),
                "valid_accuracy": self._accuracy(training=False),
                "lr": self._lr,
                "duration_s": time.perf_counter() - self._start,
            }
        )
        # Nobody reads a row per batch and epoch.
        last.pop("batches", None)
        last["batches"] = []

    def _accuracy(self, *, training: bool) -> float | None:
        count = self._counts[training]
        if count == 0:
            return None
        return float(torch.stack(self._right[training]).sum()) / count


class BestEpoch(Callback):  # type: ignore[misc]
    """Keep the weights of the best epoch, and stop when no better one follows.

    Parameters
    ----------
    recorder : EpochRecorder
        Has the scores; must come before this callback.
    monitor : {"valid_loss", "valid_accuracy"}
        Which score decides; of equal epochs, the earliest wins.
    patience : int or None
        Stop after so many epochs without a better one; None for never.

    Attributes
    ----------
    epoch : int
        Number of the best epoch, from 1.
    state : dict of Tensor
        Its weights, on the CPU.
    """

    def __init__(
        self, recorder: EpochRecorder, monitor: str, patience: int | None
    ) -> None:
        self.recorder = recorder
        self.monitor = monitor
        self.patience = patience
        self.epoch = 0
        self.state: dict[str, Tensor] = {}
        self._best = math.inf

    def to_dict(self) -> dict[str, Any]:
        """Return the state that a resumed training needs."""
        return {"epoch": self.epoch, "state": self.state, "best": self._best}

    def restore(self, values: dict[str, Any]) -> None:
        """Restore what ``to_dict`` returned."""
        self.epoch = values["epoch"]
        self.state = values["state"]
        self._best = values["best"]

    def on_epoch_end(self, net: Any, **_: Any) -> None:
        """Compare the epoch with the best so far."""
        row = self.recorder.rows[-1]
        value = row[self.monitor] * (1 if self.monitor == "valid_loss" else -1)
        if value < self._best:
            self._best = value
            self.epoch = row["epoch"]
            self.state = copy_state(net.module_)
        elif self.patience is not None and row["epoch"] - self.epoch >= self.patience:
            raise StopTraining


def copy_state(module: torch.nn.Module) -> dict[str, Tensor]:
    """Return a copy of a module's weights on the CPU."""
    state = module.state_dict()
    return {name: value.detach().cpu().clone() for name, value in state.items()}


def _count_right(logits: Tensor, targets: Tensor) -> Tensor:
    """Count the clips whose label, or whose every label, is right."""
    if targets.ndim == 1:
        return (logits.argmax(dim=1) == targets).sum()
    return ((logits > 0) == (targets > 0.5)).all(dim=1).sum()


def _count_known(targets: Tensor) -> int:
    """Count the clips of a batch without the outliers that have no class."""
    return len(targets) if targets.ndim == 2 else int((targets >= 0).sum())


def _float_or_none(value: Any) -> float | None:
    return None if value is None else float(value)
