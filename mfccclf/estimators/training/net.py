"""Train a torch module through skorch."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

import torch
from skorch import NeuralNet
from skorch.callbacks import GradientNormClipping, LRScheduler
from skorch.helper import predefined_split
from torch import Tensor, nn

from mfccclf.estimators.training.batches import Batch, SequenceBatches, SequenceDataset
from mfccclf.estimators.training.callbacks import (
    BestEpoch,
    DivergenceGuard,
    EpochRecorder,
    StopTraining,
    copy_state,
)
from mfccclf.estimators.training.checkpoint import Checkpoint
from mfccclf.estimators.training.progress import Progress
from mfccclf.estimators.training.threads import sensible_threads

__all__ = [
    "AUTO",
    "OPTIMIZERS",
    "SCHEDULES",
    "TrainingOptions",
    "TrainingRecord",
    "make_net",
    "train_net",
]

OPTIMIZERS: dict[str, type[torch.optim.Optimizer]] = {
    "adam": torch.optim.Adam,
    "adamw": torch.optim.AdamW,
    "rmsprop": torch.optim.RMSprop,
    "sgd": torch.optim.SGD,
}
SCHEDULES = ("cosine", "onecycle", "plateau", "step")
# As many epochs as these steps take, within bounds.
AUTO = "auto"
_AUTO_STEPS, _FEWEST, _MOST = 800, 50, 100


@dataclass(frozen=True, kw_only=True)
class TrainingOptions:
    """How to train: the checked parameters of an estimator, by the same names."""

    max_epochs: int | str
    lr: float
    batch_size: int
    shuffle: bool
    bucketing: bool
    optimizer: str
    weight_decay: float
    lr_schedule: str | None
    gradient_clip: float | None
    monitor: str
    patience: int | None
    keep: str
    verbose: int

    def count_epochs(self, n_clips: int) -> int:
        """Return how many epochs a training on some clips takes at most."""
        if isinstance(self.max_epochs, int):
            return self.max_epochs
        n_batches = -(-n_clips // self.batch_size)
        return min(max(_FEWEST, -(-_AUTO_STEPS // n_batches)), _MOST)


@dataclass
class TrainingRecord:
    """What a training leaves besides the weights.

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


def make_net(
    module: nn.Module,
    criterion: nn.Module,
    *,
    settings: TrainingOptions,
    device: torch.device,
    valid: SequenceDataset | None = None,
    vary: Callable[[Batch], Batch] | None = None,
    callbacks: list[Any] | None = None,
) -> NeuralNet:
    """Wrap a module in a skorch net.

    Parameters
    ----------
    module : torch.nn.Module
        Called with ``X`` and ``lengths``.
    criterion : torch.nn.Module
        Called with the module's output and (targets, weights).
    settings : TrainingOptions
        How to train.
    device : torch.device
        Where to train.
    valid : SequenceDataset, default=None
        Data to score after each epoch.
    vary : callable, default=None
        Changes each batch that is learned from.
    callbacks : list of skorch.callbacks.Callback, default=None
        Called around epochs and batches.

    Returns
    -------
    net : skorch.NeuralNet
        Not initialised.
    """
    return NeuralNet(
        module,
        criterion,
        optimizer=OPTIMIZERS[settings.optimizer],
        optimizer__weight_decay=settings.weight_decay,
        lr=settings.lr,
        max_epochs=settings.max_epochs,
        batch_size=settings.batch_size,
        iterator_train=SequenceBatches,
        iterator_train__shuffle=settings.shuffle,
        iterator_train__bucketing=settings.bucketing,
        iterator_train__vary=vary,
        iterator_valid=SequenceBatches,
        iterator_valid__bucketing=True,
        train_split=None if valid is None else predefined_split(valid),
        callbacks=callbacks,
        device=str(device),
        verbose=0,
        **_more_for_optimizer(settings.optimizer, device),
    )


def _more_for_optimizer(optimizer: str, device: torch.device) -> dict[str, Any]:
    if optimizer == "sgd":
        return {"optimizer__momentum": 0.9}
    # One call for all weights; for short clips a tenth of the time of an epoch.
    if optimizer in ("adam", "adamw") and device.type in ("cpu", "cuda"):
        return {"optimizer__fused": True}
    return {}


def train_net(
    module: nn.Module,
    criterion: nn.Module,
    train: SequenceDataset,
    valid: SequenceDataset | None,
    *,
    settings: TrainingOptions,
    device: torch.device,
    vary: Callable[[Batch], Batch] | None = None,
    checkpoint: Checkpoint | None = None,
) -> tuple[NeuralNet, TrainingRecord]:
    """Train a module and leave the weights of the epoch to keep in it.

    Parameters
    ----------
    module, criterion, settings, device, vary
        As for ``make_net``.
    train : SequenceDataset
        Data to learn from.
    valid : SequenceDataset or None
        Data to choose the best epoch by.
    checkpoint : Checkpoint, default=None
        Keeps the state of the training; where it holds one, it is gone on with.

    Returns
    -------
    net : skorch.NeuralNet
        The trained net, on the CPU, without optimiser and data.
    result : TrainingRecord
        History, best epoch and its weights.

    Raises
    ------
    ValueError
        If the loss or a weight is no longer finite.
    """
    n_epochs = settings.count_epochs(len(train))
    settings = replace(settings, max_epochs=n_epochs)
    recorder = EpochRecorder()
    best = None
    if valid is not None:
        best = BestEpoch(recorder, settings.monitor, settings.patience)
    callbacks = [DivergenceGuard(), recorder, *_step_callbacks(settings, len(train))]
    if settings.verbose:
        callbacks.append(Progress(recorder, n_epochs, settings.verbose))
    if best:  # it may end the training before those that follow are called
        callbacks.append(best)
    if checkpoint:  # last: it keeps the state of all the others
        checkpoint.follow(recorder, best, device)
        checkpoint.load()
        callbacks.append(checkpoint)
    net = make_net(
        module,
        criterion,
        settings=settings,
        device=device,
        valid=valid,
        vary=vary,
        callbacks=callbacks,
    )
    with sensible_threads(module, settings.batch_size, device=device):
        _run(net, train, n_epochs_done=checkpoint.n_epochs if checkpoint else 0)
    result = TrainingRecord(history=recorder.rows)
    if best:
        result.best_epoch = best.epoch
        result.states = {"best": best.state, "last": copy_state(net.module_)}
        net.module_.load_state_dict(result.states[settings.keep])
    _check_finite(net)
    return _for_prediction(net), result


def _step_callbacks(settings: TrainingOptions, n_clips: int) -> list[Any]:
    callbacks: list[Any] = []
    if settings.gradient_clip is not None:
        callbacks.append(GradientNormClipping(settings.gradient_clip))
    epochs = settings.count_epochs(n_clips)
    if settings.lr_schedule == "cosine":
        callbacks.append(LRScheduler("CosineAnnealingLR", T_max=epochs))
    if settings.lr_schedule == "step":
        step = max(1, epochs // 3)
        callbacks.append(LRScheduler("StepLR", step_size=step, gamma=0.1))
    if settings.lr_schedule == "plateau":
        callbacks.append(LRScheduler("ReduceLROnPlateau", monitor=_plateau_loss))
    if settings.lr_schedule == "onecycle":
        steps = epochs * -(-n_clips // settings.batch_size)
        callbacks.append(
            LRScheduler(
                torch.optim.lr_scheduler.OneCycleLR,
                max_lr=settings.lr,
                total_steps=steps,
                cycle_momentum=False,
                step_every="batch",
            )
        )
    return callbacks


def _plateau_loss(net: NeuralNet) -> float:
    row = net.history[-1]
    return float(row.get("valid_loss", row["train_loss"]))


def _run(net: NeuralNet, train: SequenceDataset, *, n_epochs_done: int) -> None:
    # Not net.fit: it takes Ctrl-C for a wish to keep what is learned so far, and a
    # search would go on to its next candidate.
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


def _for_prediction(net: NeuralNet) -> NeuralNet:
    """Drop what only training needs, so that a pickled estimator stays small."""
    net.module_.to("cpu").eval()
    net.module_.zero_grad(set_to_none=True)
    net.device = "cpu"
    net.trim_for_prediction()
    return net
