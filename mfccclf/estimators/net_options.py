"""Check the parameters of sequence classifiers."""

from __future__ import annotations

import numbers
from typing import Any

from mfccclf._validation import (
    argument_error,
    check_bool,
    check_choice,
    check_int,
    check_real,
)
from mfccclf.estimators.training.net import (
    AUTO,
    OPTIMIZERS,
    SCHEDULES,
    TrainingOptions,
)
from mfccclf.modules.augmentation import check_augmentation
from mfccclf.modules.input_norm import INPUT_NORMS

__all__ = [
    "check_input",
    "check_odd",
    "check_rate",
    "check_rates",
    "check_sizes",
    "check_training",
]


def check_training(estimator: Any) -> TrainingOptions:
    """Check the training parameters of an estimator.

    Parameters
    ----------
    estimator : SequenceClassifier
        Whose parameters to check.

    Returns
    -------
    settings : TrainingOptions
        The same values.

    Raises
    ------
    ValueError, TypeError
        If one is out of range or of a wrong type.
    """
    own: dict[str, Any] = {"owner": estimator}
    fraction = estimator.validation_fraction
    check_real("validation_fraction", fraction, above=0, below=1, **own)
    early = check_bool("early_stopping", estimator.early_stopping, **own)
    patience = check_int("patience", estimator.patience, minimum=1, **own)
    check_real("label_smoothing", estimator.label_smoothing, minimum=0, below=1, **own)
    clip = estimator.gradient_clip
    if clip is not None:
        clip = check_real("gradient_clip", clip, above=0, **own)
    schedules = [None, *SCHEDULES]
    monitors = ["valid_loss", "valid_accuracy"]
    return TrainingOptions(
        max_epochs=_check_epochs(estimator),
        lr=check_real("lr", estimator.lr, above=0, **own),
        batch_size=check_int("batch_size", estimator.batch_size, minimum=1, **own),
        shuffle=check_bool("shuffle", estimator.shuffle, **own),
        bucketing=check_bool("bucketing", estimator.bucketing, **own),
        optimizer=check_choice("optimizer", estimator.optimizer, OPTIMIZERS, **own),
        weight_decay=check_real(
            "weight_decay", estimator.weight_decay, minimum=0, **own
        ),
        lr_schedule=check_choice(
            "lr_schedule", estimator.lr_schedule, schedules, **own
        ),
        gradient_clip=clip,
        monitor=check_choice("monitor", estimator.monitor, monitors, **own),
        patience=patience if early else None,
        keep=check_choice("keep", estimator.keep, ["best", "last"], **own),
        verbose=_check_verbose(estimator),
    )


def _check_epochs(estimator: Any) -> int | str:
    epochs = estimator.max_epochs
    if isinstance(epochs, str) and epochs == AUTO:
        return epochs
    if isinstance(epochs, str):
        raise argument_error(
            "max_epochs", epochs, f"an int >= 1 or {AUTO!r}", owner=estimator
        )
    return check_int("max_epochs", epochs, minimum=1, owner=estimator)


def _check_verbose(estimator: Any) -> int:
    verbose = estimator.verbose
    if isinstance(verbose, bool):
        return int(verbose)
    return check_int("verbose", verbose, minimum=0, owner=estimator)


def check_input(estimator: Any) -> dict[str, Any]:
    """Return what a net does to its input, checked, as keywords of the net."""
    norms = [None, *INPUT_NORMS]
    return {
        "input_norm": check_choice(
            "input_norm", estimator.input_norm, norms, owner=estimator
        ),
        "augmentation": check_augmentation(
            "augmentation", estimator.augmentation, owner=estimator
        ),
    }


def check_odd(name: str, value: Any, *, owner: object) -> int:
    """Return the size of a kernel: an odd int."""
    size = check_int(name, value, minimum=1, owner=owner)
    if size % 2 == 0:
        raise argument_error(name, size, "an odd int >= 1", owner=owner)
    return size


def check_rate(name: str, value: Any, *, owner: object) -> float:
    """Return a dropout rate: a float from 0 to below 1."""
    return check_real(name, value, minimum=0, below=1, owner=owner)


def check_rates(
    name: str, value: Any, n_layers: int, *, owner: object, fewest: int | None = None
) -> float | tuple[float, ...]:
    """Return one dropout rate, or one per layer.

    Parameters
    ----------
    name : str
        The parameter's name.
    value : float or sequence of float
        What the caller passed.
    n_layers : int
        Number of layers.
    owner : object
        Estimator to name in an error.
    fewest : int, default=None
        Fewest rates that a sequence may have; None for one per layer.

    Returns
    -------
    rates : float or tuple of float
        The same.
    """
    if not isinstance(value, (list, tuple)):
        return check_rate(name, value, owner=owner)
    fewest = n_layers if fewest is None else fewest
    if not fewest <= len(value) <= n_layers:
        count = str(n_layers) if fewest == n_layers else f"{fewest} or {n_layers}"
        expected = f"one float, or a sequence of {count} floats (one per layer)"
        raise argument_error(name, value, expected, owner=owner)
    return tuple(check_rate(name, rate, owner=owner) for rate in value)


def check_sizes(
    name: str, value: Any, *, owner: object, allow_empty: bool = False
) -> tuple[int, ...]:
    """Return layer sizes as a tuple of int >= 1; one int stands for one layer."""
    sizes = [value] if isinstance(value, numbers.Integral) else value
    is_sequence = isinstance(sizes, (list, tuple)) or hasattr(sizes, "tolist")
    if not is_sequence or (len(sizes) == 0 and not allow_empty):
        raise argument_error(
            name, value, "a sequence of ints, one per layer", owner=owner
        )
    return tuple(check_int(name, size, minimum=1, owner=owner) for size in sizes)
