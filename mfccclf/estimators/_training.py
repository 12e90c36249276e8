"""Train a torch module through skorch, repeatably and without side effects."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from skorch import NeuralNet
from skorch.callbacks import GradientNormClipping, LRScheduler
from skorch.helper import predefined_split
from torch import Tensor, nn
from torch.nn import functional

from mfccclf._validation import argument_error
from mfccclf.estimators._batches import SequenceBatches, SequenceDataset
from mfccclf.estimators._callbacks import (
    BestEpoch,
    DivergenceGuard,
    EpochRecorder,
    StopTraining,
    copy_state,
)
from mfccclf.estimators._progress import Progress

__all__ = [
    "OPTIMIZERS",
    "SCHEDULES",
    "TrainingResult",
    "TrainingSettings",
    "WeightedCrossEntropy",
    "compute_logits",
    "make_net",
    "resolve_device",
    "seeded",
    "train_net",
]

OPTIMIZERS: dict[str, type[torch.optim.Optimizer]] = {
    "adam": torch.optim.Adam,
    "adamw": torch.optim.AdamW,
    "rmsprop": torch.optim.RMSprop,
    "sgd": torch.optim.SGD,
}
SCHEDULES = ("cosine", "onecycle", "plateau", "step")


@dataclass(frozen=True, kw_only=True)
class TrainingSettings:
    """How to train: the checked parameters of an estimator, by the same names."""

    max_epochs: int
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


@dataclass
class TrainingResult:
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


class WeightedCrossEntropy(nn.Module):
    """Mean cross-entropy of logits, each sequence by its weight.

    Labels are smoothed in training only, so that validation losses compare.

    Parameters
    ----------
    label_smoothing : float, default=0.0
        Share of the probability that training spreads over all classes.
    """

    def __init__(self, label_smoothing: float = 0.0) -> None:
        super().__init__()
        self.label_smoothing = label_smoothing

    def forward(self, logits: Tensor, target: tuple[Tensor, Tensor]) -> Tensor:
        """Compute the loss of a batch from logits, and classes with weights."""
        classes, weights = target
        smoothing = self.label_smoothing if self.training else 0.0
        losses = functional.cross_entropy(
            logits, classes, reduction="none", label_smoothing=smoothing
        )
        return (losses * weights).mean()


def resolve_device(device: str, *, owner: object) -> torch.device:
    """Turn the ``device`` parameter into a device that is there.

    Parameters
    ----------
    device : str
        "auto" for CUDA, else Apple's MPS, else the CPU; or any name torch knows.
    owner : object
        Estimator to name in an error.

    Returns
    -------
    device : torch.device
        Where to compute.

    Raises
    ------
    ValueError
        If there is no such device.
    """
    if isinstance(device, str) and device == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda")
        has_mps = torch.backends.mps.is_available()
        return torch.device("mps" if has_mps else "cpu")
    try:
        resolved = torch.device(device)
        torch.empty(0, device=resolved)
    except (AssertionError, RuntimeError, TypeError) as exc:
        expected = "'auto', 'cpu' or a device that torch finds here"
        raise argument_error("device", device, expected, owner=owner) from exc
    return resolved


@contextmanager
def seeded(seed: int, device: torch.device) -> Iterator[None]:
    """Seed torch for a block, and put its generators back afterwards.

    Parameters
    ----------
    seed : int
        Seed of the CPU's generator and the device's.
    device : torch.device
        Where the block computes.
    """
    with torch.random.fork_rng(devices=[]), _seeded_accelerator(seed, device):
        # torch.manual_seed would reseed every device there is.
        torch.default_generator.manual_seed(seed)
        yield


@contextmanager
def _seeded_accelerator(seed: int, device: torch.device) -> Iterator[None]:
    if device.type == "cpu":
        yield
        return
    accelerator = getattr(torch, device.type)
    current = torch.cuda.device(device) if device.type == "cuda" else nullcontext()
    with current:
        state = accelerator.get_rng_state()
        accelerator.manual_seed(seed)
        try:
            yield
        finally:
            accelerator.set_rng_state(state)


def make_net(
    module: nn.Module,
    criterion: nn.Module,
    *,
    settings: TrainingSettings,
    device: torch.device,
    valid: SequenceDataset | None = None,
    callbacks: list[Any] | None = None,
) -> NeuralNet:
    """Wrap a module in a skorch net.

    Parameters
    ----------
    module : torch.nn.Module
        Called with ``X`` and ``lengths``.
    criterion : torch.nn.Module
        Called with the module's output and (targets, weights).
    settings : TrainingSettings
        How to train.
    device : torch.device
        Where to train.
    valid : SequenceDataset, default=None
        Data to score after each epoch.
    callbacks : list of skorch.callbacks.Callback, default=None
        Called around epochs and batches.

    Returns
    -------
    net : skorch.NeuralNet
        Not initialised.
    """
    momentum = {"optimizer__momentum": 0.9} if settings.optimizer == "sgd" else {}
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
        iterator_valid=SequenceBatches,
        iterator_valid__bucketing=True,
        train_split=None if valid is None else predefined_split(valid),
        callbacks=callbacks,
        device=str(device),
        verbose=0,
        **momentum,
    )


def train_net(
    module: nn.Module,
    criterion: nn.Module,
    train: SequenceDataset,
    valid: SequenceDataset | None,
    *,
    settings: TrainingSettings,
    device: torch.device,
) -> tuple[NeuralNet, TrainingResult]:
    """Train a module and leave the weights of the epoch to keep in it.

    Parameters
    ----------
    module, criterion, settings, device
        As for ``make_net``.
    train : SequenceDataset
        Data to learn from.
    valid : SequenceDataset or None
        Data to choose the best epoch by.

    Returns
    -------
    net : skorch.NeuralNet
        The trained net, on the CPU, without optimiser and data.
    result : TrainingResult
        History, best epoch and its weights.

    Raises
    ------
    ValueError
        If the loss or a weight is no longer finite.
    """
    recorder = EpochRecorder()
    best = None
    if valid is not None:
        best = BestEpoch(recorder, settings.monitor, settings.patience)
    callbacks = [DivergenceGuard(), recorder, *_step_callbacks(settings, len(train))]
    if settings.verbose:
        callbacks.append(Progress(recorder, settings.max_epochs, settings.verbose))
    if best:  # last: it may end the training before others are called
        callbacks.append(best)
    net = make_net(
        module,
        criterion,
        settings=settings,
        device=device,
        valid=valid,
        callbacks=callbacks,
    )
    _run(net, train)
    result = TrainingResult(history=recorder.rows)
    if best:
        result.best_epoch = best.epoch
        result.states = {"best": best.state, "last": copy_state(net.module_)}
        net.module_.load_state_dict(result.states[settings.keep])
    _check_finite(net)
    return _for_prediction(net), result


def compute_logits(
    module: nn.Module,
    dataset: SequenceDataset,
    *,
    batch_size: int,
    device: torch.device,
) -> NDArray[np.float32]:
    """Run a module on sequences, without learning.

    Parameters
    ----------
    module : torch.nn.Module
        Called with ``X`` and ``lengths``; moved to the device.
    dataset : SequenceDataset
        What to predict.
    batch_size : int
        Sequences at a time.
    device : torch.device
        Where to compute.

    Returns
    -------
    logits : float32 ndarray of shape (n_clips, n_outputs)
        In the order of the data set.
    """
    module.to(device).eval()
    batches = SequenceBatches(dataset, batch_size=batch_size, bucketing=True)
    indices = batches.index_batches()
    logits: list[NDArray[np.float32]] = []
    with torch.inference_mode():
        for batch in indices:
            inputs, _ = dataset.batch(batch)
            moved = {name: value.to(device) for name, value in inputs.items()}
            logits.append(module(**moved).cpu().numpy())
    in_order = np.empty_like(np.concatenate(logits))
    in_order[np.concatenate(indices)] = np.concatenate(logits)
    return in_order


def _step_callbacks(settings: TrainingSettings, n_clips: int) -> list[Any]:
    callbacks: list[Any] = []
    if settings.gradient_clip is not None:
        callbacks.append(GradientNormClipping(settings.gradient_clip))
    epochs = settings.max_epochs
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


def _run(net: NeuralNet, train: SequenceDataset) -> None:
    # Not net.fit: it takes Ctrl-C for a wish to keep what is learned so far, and a
    # search would go on to its next candidate.
    net.initialize()
    net.notify("on_train_begin", X=train, y=None)
    with suppress(StopTraining):
        net.fit_loop(train)
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
