"""Keep the state of a training on disk, and go on from it."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from itertools import chain
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import torch
from skorch import NeuralNet
from skorch.callbacks import Callback, LRScheduler

from mfccclf._files import atomic_path
from mfccclf._hashing import hash_pieces, hash_text
from mfccclf.errors import ModelFileError
from mfccclf.estimators.training.batches import SequenceDataset
from mfccclf.estimators.training.callbacks import BestEpoch, EpochRecorder

__all__ = ["Checkpoint", "outlier_identity", "training_identity"]

_FORMAT = 1
# Writing may take one twentieth of the time, however small the net.
_SHARE = 20
# Parameters that do not change the weights.
_SILENT = ("verbose",)


class Checkpoint(Callback):  # type: ignore[misc]
    """Write the state of a training after its epochs, and start from such a state.

    It must come after every callback that has a state of its own.

    Parameters
    ----------
    path : path-like
        File to write, whole or not at all.
    identity : mapping of str to str
        What the weights depend on, as hashes by name.

    Attributes
    ----------
    n_epochs : int
        Epochs that the state on disk had, when ``load`` was called.
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
        """Name the other callbacks that have a state, and the device."""
        self._recorder = recorder
        self._best = best
        self._device = device

    def load(self) -> None:
        """Read the state, if there is one.

        Raises
        ------
        ModelFileError
            If the file is no checkpoint.
        ValueError
            If it is one of another training.
        """
        for left in self.path.parent.glob(f".{self.path.stem}-*{self.path.suffix}"):
            left.unlink(missing_ok=True)  # not finished by a process that was killed
        if not self.path.exists():
            return
        state = _read(self.path)
        there = state["identity"]
        changed = [k for k, value in self.identity.items() if there.get(k, "") != value]
        if changed:
            raise ValueError(
                f"{self.path} is the checkpoint of another training. It differs in "
                f"{', '.join(changed)}. Give what it was started with, or remove the "
                "file to start anew."
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
        with atomic_path(self.path) as temporary, open(temporary, "wb") as file:
            torch.save(self._collect(net), file)
        ended = time.perf_counter()
        self._next_write = ended + _SHARE * (ended - started)

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


def training_identity(
    parameters: Mapping[str, Any],
    train: SequenceDataset,
    valid: SequenceDataset | None,
    *,
    classes: list[Any],
    device: torch.device,
) -> dict[str, str]:
    """Return hashes of what the weights at the end depend on.

    Parameters
    ----------
    parameters : mapping
        The estimator's parameters.
    train, valid : SequenceDataset
        Data to learn from and to validate on.
    classes : list
        The labels.
    device : torch.device
        Where it trains.

    Returns
    -------
    identity : dict of str to str
        One hash per parameter and part of the data.
    """
    identity = {
        name: hash_text(json.dumps(_plain(value), default=repr))
        for name, value in parameters.items()
        if name not in (*_SILENT, "device")
    }
    identity["the labels"] = hash_text(repr([str(label) for label in classes]))
    identity["the training clips or their features"] = _hash_data(train)
    identity["the validation clips"] = "" if valid is None else _hash_data(valid)
    identity["device"] = device.type
    return identity


def outlier_identity(others: SequenceDataset | None, weight: float) -> dict[str, str]:
    """Return the hash of the clips that are none of the labels, "" without any."""
    if others is None:
        return {"the other clips": ""}
    return {"the other clips": hash_text(f"{weight!r} {_hash_data(others)}")}


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _hash_data(data: SequenceDataset) -> str:
    arrays = (data.X, data.lengths, data.targets, data.weights)
    contents = (np.ascontiguousarray(array).tobytes() for array in arrays)
    return hash_pieces(chain([repr(data.X.shape).encode()], contents))


def _read(path: Path) -> dict[str, Any]:
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as exc:  # torch fails on odd bytes in many ways
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
