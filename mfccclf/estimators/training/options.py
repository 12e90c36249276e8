"""The parameters of a training, which all classifiers share."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from numpy.random import RandomState

from mfccclf._parameters import choice, optional, parameter
from mfccclf._validation import argument_error, check_bool, check_int, check_real
from mfccclf.estimators.training.optimizers import OPTIMIZERS, SCHEDULES

__all__ = ["AUTO", "TrainingOptions"]

AUTO = "auto"
# "auto" trains for as many epochs as these steps take, within bounds.
_AUTO_STEPS, _FEWEST_EPOCHS, _MOST_EPOCHS = 800, 50, 100


def _check_epochs(name: str, value: Any, *, owner: object) -> int | str:
    if not isinstance(value, str):
        return check_int(name, value, minimum=1, owner=owner)
    if value != AUTO:
        raise argument_error(name, value, f"an int >= 1 or {AUTO!r}", owner=owner)
    return value


def _check_verbose(name: str, value: Any, *, owner: object) -> int:
    if isinstance(value, bool):
        return int(value)
    return check_int(name, value, minimum=0, owner=owner)


@dataclass(frozen=True)
class TrainingOptions:
    """How a net is trained; fields are named as the parameters of the classifiers.

    ``class_weight``, ``device`` and ``random_state`` are checked where they are used:
    they depend on the labels and on the machine.
    """

    max_epochs: int | str = parameter(
        100,
        'int or "auto"',
        'Number of passes over all clips. "auto" means 50, or up to 100 for so few '
        "clips that the optimiser would take fewer than 800 steps.",
        check=_check_epochs,
    )
    lr: float = parameter(
        0.001, "float", "Learning rate.", check=partial(check_real, above=0)
    )
    batch_size: int = parameter(
        32,
        "int",
        "Clips per step of the optimiser.",
        check=partial(check_int, minimum=1),
    )
    shuffle: bool = parameter(
        True, "bool", "Whether to shuffle the clips in each epoch.", check=check_bool
    )
    bucketing: bool = parameter(
        False,
        "bool",
        "Whether to put clips of similar length into the same batch. Faster where "
        "lengths differ a lot, but batches are then not entirely random.",
        check=check_bool,
    )
    optimizer: str = choice(
        "adam",
        tuple(OPTIMIZERS),
        'Torch\'s optimiser; "sgd" has momentum 0.9.',
    )
    weight_decay: float = parameter(
        0.0,
        "float",
        "Weight decay of the optimiser.",
        check=partial(check_real, minimum=0),
    )
    lr_schedule: str | None = choice(
        None,
        (None, *SCHEDULES),
        'How the learning rate changes: "cosine" lowers it to zero along a cosine, '
        '"onecycle" raises it to ``lr`` and lowers it again, "plateau" divides it by '
        '10 after 10 epochs without a lower loss, "step" after each third of the '
        "epochs.",
    )
    gradient_clip: float | None = parameter(
        None,
        "float or None",
        "Largest norm of the gradient; None for any.",
        check=optional(check_real, above=0),
    )
    label_smoothing: float = parameter(
        0.0,
        "float",
        "Share of the probability that training spreads over all classes.",
        check=partial(check_real, minimum=0, below=1),
    )
    class_weight: dict[Any, float] | str | None = parameter(
        None,
        'dict, "balanced" or None',
        'Weight of each label in the loss; "balanced" for the inverse of its '
        "frequency. With multilabel data, the weight of a label's presence against 1 "
        'for its absence; "balanced" is then the number of clips without the label '
        "divided by the number with it.",
    )
    early_stopping: bool = parameter(
        False,
        "bool",
        "Whether to stop after ``patience`` epochs without a better one. Unless "
        "``fit`` is given validation data, it sets a part of the clips aside: "
        "stratified, or in whole groups where it is given groups.",
        check=check_bool,
    )
    validation_fraction: float = parameter(
        0.1,
        "float",
        "Share of the clips, or of the groups, to set aside.",
        check=partial(check_real, above=0, below=1),
    )
    patience: int = parameter(
        10,
        "int",
        "Epochs to wait for a better one.",
        check=partial(check_int, minimum=1),
    )
    monitor: str = choice(
        "valid_loss",
        ("valid_loss", "valid_accuracy"),
        "Score that decides which epoch is best.",
    )
    keep: str = choice(
        "best",
        ("best", "last"),
        "Which epoch's weights to predict with, where there is validation data.",
    )
    device: str = parameter(
        "auto",
        "str",
        'Where to compute: "cpu", "cuda", ..., or "auto" for CUDA, else MPS, else CPU.',
        runtime=True,
    )
    random_state: int | RandomState | None = parameter(
        None,
        "int, RandomState instance or None",
        "Seed of the initial weights, shuffling, dropout and validation split. On a "
        "CPU, equal seeds give equal scores, bit by bit, unless several threads of "
        "one process train at once. Torch's own generators are left as they were.",
    )
    verbose: int = parameter(
        0,
        "int",
        "What to report on standard error: 0 for nothing, 1 for progress in one "
        "line, 2 for a line per epoch.",
        check=_check_verbose,
        runtime=True,
    )

    def count_epochs(self, n_clips: int) -> int:
        """Return the greatest number of epochs of a training on some clips.

        Parameters
        ----------
        n_clips : int
            Clips to learn from.

        Returns
        -------
        n_epochs : int
            ``max_epochs``, or what "auto" means for so many clips.
        """
        if isinstance(self.max_epochs, int):
            return self.max_epochs
        n_batches = -(-n_clips // self.batch_size)
        n_epochs = -(-_AUTO_STEPS // n_batches)
        return min(max(_FEWEST_EPOCHS, n_epochs), _MOST_EPOCHS)
