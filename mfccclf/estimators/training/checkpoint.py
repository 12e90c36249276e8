"""Keep the state of a training on disk, and resume it."""

from __future__ import annotations

import io
import time
from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import Any

import torch
from skorch import NeuralNet
from skorch.callbacks import Callback, LRScheduler

from mfccclf._files import atomic_path
from mfccclf.errors import ModelFileError
from mfccclf.estimators.training.callbacks import BestEpoch, EpochRecorder

__all__ = ["Checkpoint"]

_FORMAT = 1
# Seconds of training per second of writing, at least: small nets are trained so fast
# that writing after each epoch would take most of the time.
_PAUSE = 20


class Checkpoint(Callback):  # type: ignore[misc]
    """Write the state of a training after its epochs, and resume from such a state.

    It must come after all callbacks with a state of their own.

    Parameters
    ----------
    path : path-like
        File to write. It is replaced as a whole, so it is never half written.
    identity : mapping of str to str
        What the weights depend on, as hashes by name.

    Attributes
    ----------
    n_epochs : int
        Epochs of the state that ``load`` read; 0 without any.
    """

    def __init__(self, path: str | PathLike[str], identity: Mapping[str, str]) -> None:
        self.path = Path(path)
        self.identity = dict(identity)
        self.n_epochs = 0
        self._state: dict[str, Any] | None = None
        self._next_write = 0.0

    def follow(
        self, recorder: EpochRecorder, best: BestEpoch | None, device: torch.device
    ) -> None:
        """Take note of the other callbacks with a state, and of the device."""
        self._recorder = recorder
        self._best = best
        self._device = device

    def load(self) -> None:
        """Read the state from disk, if there is one.

        Raises
        ------
        ModelFileError
            If the file is not a checkpoint.
        ValueError
            If it belongs to another training.
        """
        for left in self.path.parent.glob(f".{self.path.stem}-*{self.path.suffix}"):
            left.unlink(missing_ok=True)  # left half written by a killed process
        if not self.path.exists():
            return
        state = _read(self.path)
        there = state["identity"]
        changed = [k for k, value in self.identity.items() if there.get(k, "") != value]
        if changed:
            raise ValueError(
                f"{self.path} is the checkpoint of another training. It differs in "
                f"{', '.join(changed)}. Use the settings and clips that it was started "
                "with, or remove the file to start anew."
            )
        self._state = state
        self.n_epochs = len(state["history"])

    def on_train_begin(self, net: NeuralNet, **_: Any) -> None:
        """Put the state that was read into the net and the other callbacks."""
        if self._state is None:
            return
        state, self._state = self._state, None
        net.module_.load_state_dict(state["module"])
        net.optimizer_.load_state_dict(state["optimizer"])
        for scheduler, values in zip(
            _schedulers(net), state["schedulers"], strict=True
        ):
            scheduler.load_state_dict(values)
        self._recorder.rows.extend(state["history"])
        if self._best is not None:
            self._best.restore(state["best"])
        torch.random.set_rng_state(state["random"]["cpu"])
        if self._device.type != "cpu":
            _accelerator(self._device).set_rng_state(state["random"]["device"])

    def on_epoch_end(self, net: NeuralNet, **_: Any) -> None:
        """Write the state, unless that would slow the training down."""
        started = time.perf_counter()
        if started < self._next_write:
            return
        state = io.BytesIO()  # straight to a full disk, torch.save hides the reason
        torch.save(self._collect(net), state)
        with atomic_path(self.path) as temporary:
            temporary.write_bytes(state.getbuffer())
        ended = time.perf_counter()
        self._next_write = ended + _PAUSE * (ended - started)

    def _collect(self, net: NeuralNet) -> dict[str, Any]:
        random = {"cpu": torch.random.get_rng_state()}
        if self._device.type != "cpu":
            random["device"] = _accelerator(self._device).get_rng_state()
        return {
            "format": _FORMAT,
            "identity": self.identity,
            "module": net.module_.state_dict(),
            "optimizer": net.optimizer_.state_dict(),
            "schedulers": [scheduler.state_dict() for scheduler in _schedulers(net)],
            "history": self._recorder.rows,
            "best": None if self._best is None else self._best.to_dict(),
            "random": random,
        }


def _read(path: Path) -> dict[str, Any]:
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as exc:  # torch raises many kinds for other files
        raise ModelFileError(
            f"{path} cannot be read as a checkpoint. Remove it to start anew."
        ) from exc
    if not isinstance(state, dict) or state.get("format") != _FORMAT:
        raise ModelFileError(
            f"{path} is no checkpoint that this version knows. Remove it to start anew."
        )
    return state


def _schedulers(net: NeuralNet) -> list[Any]:
    callbacks = [callback for _, callback in net.callbacks_]
    return [c.lr_scheduler_ for c in callbacks if isinstance(c, LRScheduler)]


def _accelerator(device: torch.device) -> Any:
    return getattr(torch, device.type)
