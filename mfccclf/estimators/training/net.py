"""Train a torch module through skorch."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

import torch
from skorch import NeuralNet
from skorch.callbacks import GradientNormClipping
from skorch.helper import predefined_split
from torch import Tensor, nn

from mfccclf._typing import OnEpoch
from mfccclf.estimators.training.batches import Batch, SequenceBatches, SequenceDataset
from mfccclf.estimators.training.callbacks import (
    BestEpoch,
    DivergenceGuard,
    EpochRecorder,
    StopTraining,
    copy_state,
)
from mfccclf.estimators.training.checkpoint import Checkpoint
from mfccclf.estimators.training.optimizers import (
    OPTIMIZERS,
    make_schedule,
    optimizer_arguments,
)
from mfccclf.estimators.training.options import TrainingOptions
from mfccclf.estimators.training.progress import ProgressReport
from mfccclf.estimators.training.threads import sensible_threads
from mfccclf.estimators.training.watching import EpochWatch, find_listeners

__all__ = ["TrainingRecord", "load_net", "train_net"]


@dataclass
class TrainingRecord:
    """What a training leaves apart from the net.

    Attributes
    ----------
    history : list of dict
        One row per epoch.
    best_epoch : int or None
        The best epoch by the monitored score; None without validation data.
    states : dict of str to dict of Tensor
        Weights of the "best" and of the "last" epoch; empty without validation data.
    """

    history: list[dict[str, Any]] = field(default_factory=list)
    best_epoch: int | None = None
    states: dict[str, dict[str, Tensor]] = field(default_factory=dict)


def train_net(
    module: nn.Module,
    criterion: nn.Module,
    train: SequenceDataset,
    valid: SequenceDataset | None,
    *,
    options: TrainingOptions,
    device: torch.device,
    vary: Callable[[Batch], Batch] | None = None,
    checkpoint: Checkpoint | None = None,
    on_epoch: OnEpoch | None = None,
) -> tuple[NeuralNet, TrainingRecord]:
    """Train a module and leave the weights of the epoch to keep in it.

    Parameters
    ----------
    module : torch.nn.Module
        Called with ``X`` and ``lengths``.
    criterion : torch.nn.Module
        Called with the module's output and (targets, weights).
    train : SequenceDataset
        Clips to learn from.
    valid : SequenceDataset or None
        Clips to score after each epoch, and to choose the best epoch by.
    options : TrainingOptions
        How to train.
    device : torch.device
        Where to train.
    vary : callable, default=None
        Given each batch to learn from; returns what is learned in its place.
    checkpoint : Checkpoint, default=None
        Keeps the state of the training, and resumes the one that it holds.
    on_epoch : callable, default=None
        Called with the row of each epoch.

    Returns
    -------
    net : skorch.NeuralNet
        The trained net, on the CPU, without optimiser and data.
    record : TrainingRecord
        History, best epoch and its weights.

    Raises
    ------
    ValueError
        If the loss or a weight is no longer finite.
    """
    options = replace(options, max_epochs=options.count_epochs(len(train)))
    recorder = EpochRecorder()
    best = None
    if valid is not None:
        patience = options.patience if options.early_stopping else None
        best = BestEpoch(recorder, options.monitor, patience)
    callbacks = _make_callbacks(recorder, best, options, len(train), on_epoch)
    if checkpoint is not None:
        checkpoint.follow(recorder, best, device)
        checkpoint.load()
        callbacks.append(checkpoint)  # last: it keeps the state of the others
    net = _make_net(module, criterion, options, device, valid, vary, callbacks)
    with sensible_threads(module, options.batch_size, device=device):
        _run(net, train, n_epochs_done=checkpoint.n_epochs if checkpoint else 0)
    record = TrainingRecord(history=recorder.rows)
    if best is not None:
        record.best_epoch = best.epoch
        record.states = {"best": best.state, "last": copy_state(net.module_)}
        net.module_.load_state_dict(record.states[options.keep])
    _check_finite(net)
    return _trim(net), record


def load_net(
    module: nn.Module, criterion: nn.Module, *, options: TrainingOptions
) -> NeuralNet:
    """Wrap a module that is trained already, as `train_net` would return it.

    Parameters
    ----------
    module, criterion, options
        As for `train_net`.

    Returns
    -------
    net : skorch.NeuralNet
        Ready to predict, on the CPU.
    """
    net = _make_net(module, criterion, options, torch.device("cpu"))
    net.initialize()
    return _trim(net)


def _make_net(
    module: nn.Module,
    criterion: nn.Module,
    options: TrainingOptions,
    device: torch.device,
    valid: SequenceDataset | None = None,
    vary: Callable[[Batch], Batch] | None = None,
    callbacks: list[Any] | None = None,
) -> NeuralNet:
    arguments = optimizer_arguments(
        options.optimizer, weight_decay=options.weight_decay, device=device
    )
    return NeuralNet(
        module,
        criterion,
        optimizer=OPTIMIZERS[options.optimizer],
        lr=options.lr,
        max_epochs=options.max_epochs,
        batch_size=options.batch_size,
        iterator_train=SequenceBatches,
        iterator_train__shuffle=options.shuffle,
        iterator_train__bucketing=options.bucketing,
        iterator_train__vary=vary,
        iterator_valid=SequenceBatches,
        iterator_valid__bucketing=True,
        train_split=None if valid is None else predefined_split(valid),
        callbacks=callbacks,
        callbacks__print_log=None,  # makes a table of each epoch, even if not verbose
        device=str(device),
        verbose=0,
        **{f"optimizer__{name}": value for name, value in arguments.items()},
    )


def _make_callbacks(
    recorder: EpochRecorder,
    best: BestEpoch | None,
    options: TrainingOptions,
    n_clips: int,
    on_epoch: OnEpoch | None,
) -> list[Any]:
    callbacks: list[Any] = [DivergenceGuard(), recorder]
    n_epochs = options.count_epochs(n_clips)
    if options.gradient_clip is not None:
        callbacks.append(GradientNormClipping(options.gradient_clip))
    if options.lr_schedule is not None:
        n_batches = -(-n_clips // options.batch_size)
        schedule = make_schedule(
            options.lr_schedule, lr=options.lr, n_epochs=n_epochs, n_batches=n_batches
        )
        callbacks.append(schedule)
    if options.verbose:
        callbacks.append(ProgressReport(recorder, n_epochs, options.verbose))
    listeners = find_listeners(on_epoch, n_epochs)
    callbacks += [EpochWatch(recorder, listener) for listener in listeners]
    if best is not None:  # when it ends a training, the others have been called
        callbacks.append(best)
    return callbacks


def _run(net: NeuralNet, train: SequenceDataset, *, n_epochs_done: int) -> None:
    # Not net.fit: on Ctrl-C that keeps what is learned so far and returns, and a
    # search would continue with its next candidate.
    net.initialize()
    net.notify("on_train_begin", X=train, y=None)
    with suppress(StopTraining):
        net.fit_loop(train, epochs=net.max_epochs - n_epochs_done)
    net.notify("on_train_end", X=train, y=None)


def _check_finite(net: NeuralNet) -> None:
    if all(bool(p.isfinite().all()) for p in net.module_.parameters()):
        return
    raise ValueError(
        f"Training diverged: some weights are not finite. Lower lr (now {net.lr:g}), "
        "scale the features (SequenceStandardScaler), or set gradient_clip."
    )


def _trim(net: NeuralNet) -> NeuralNet:
    """Drop what only training needs, so that a pickled estimator stays small."""
    net.module_.to("cpu").eval()
    net.module_.zero_grad(set_to_none=True)
    net.device = "cpu"
    net.trim_for_prediction()
    return net
