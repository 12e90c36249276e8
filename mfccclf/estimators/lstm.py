"""The LSTM classifier."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from numpy.random import RandomState
from torch import nn

from mfccclf._parameters import choice, document, optional, parameter
from mfccclf._validation import check_bool, check_int
from mfccclf.estimators.base import SequenceClassifier
from mfccclf.estimators.fitted import FITTED_ATTRIBUTES
from mfccclf.estimators.net_options import (
    DenseLayers,
    InputOptions,
    check_kernel_size,
    check_rate,
    check_rates,
    check_sizes,
)
from mfccclf.estimators.training.batches import SequenceDataset
from mfccclf.estimators.training.linear_share import learn_linear_share
from mfccclf.estimators.training.options import TrainingOptions
from mfccclf.modules.lstm_net import POOLINGS, LSTMNet

__all__ = ["ConvFront", "LSTMClassifier", "LSTMLayers", "LinearShare", "WideInput"]


@dataclass(frozen=True)
class LSTMLayers:
    """The LSTM layers of a net, and how it pools their output."""

    hidden_sizes: Sequence[int] = parameter(
        (128, 32),
        "sequence of int",
        "Units of each LSTM layer, per direction.",
        check=check_sizes,
    )
    bidirectional: bool = parameter(
        False,
        "bool",
        "Whether each layer reads in both directions.",
        check=check_bool,
    )
    input_dropout: float = parameter(
        0.0,
        "float",
        "Dropout of each LSTM layer's input, the same in all frames of a clip.",
        check=check_rate,
    )
    recurrent_dropout: float = parameter(
        0.0,
        "float",
        "Dropout of each LSTM layer's previous state, per gate, the same in all "
        "frames.",
        check=check_rate,
    )
    dropout: float | Sequence[float] = parameter(
        0.0,
        "float or sequence of float",
        "Dropout after the LSTM layers: one number for all, or one per layer; a "
        "sequence may leave out the last layer.",
        check=partial(check_rates, layers="hidden_sizes", skip_last=True),
    )
    pooling: str = choice(
        "last",
        POOLINGS,
        "How a sequence becomes a vector: the final state of each direction, the "
        "output at the last true frame, or a mean, maximum or learned weighted mean "
        "over the true frames.",
    )


@dataclass(frozen=True)
class ConvFront:
    """The convolutional blocks before the first LSTM layer, if any."""

    conv_channels: Sequence[int] = parameter(
        (),
        "sequence of int",
        "Channels of convolutional blocks before the first LSTM layer; each block "
        "halves the frames and the features. They find the same shape in "
        "neighbouring bands, so they suit log-mel bands.",
        check=partial(check_sizes, allow_empty=True),
    )
    conv_kernel_size: int = parameter(
        3,
        "int",
        "Width and height of their kernels; odd.",
        check=check_kernel_size,
    )
    conv_dropout: float | Sequence[float] = parameter(
        0.0,
        "float or sequence of float",
        "Dropout after the blocks: one number for all, or one per block.",
        check=partial(check_rates, layers="conv_channels"),
    )


@dataclass(frozen=True)
class WideInput:
    """Layers for frames of many values, as pre-trained nets give them."""

    projection_size: int | None = parameter(
        None,
        "int or None",
        "Units of a linear layer on each frame before the first LSTM layer, which then "
        "has that many inputs; None for no such layer. Standardise X for it: values "
        "beyond -20 and 20 are set to these.",
        check=optional(check_int, minimum=1),
    )
    projection_dropout: float = parameter(
        0.0, "float", "Dropout of that layer's input.", check=check_rate
    )
    statistics_size: int | None = parameter(
        None,
        "int or None",
        "Units of a dense layer on the mean, deviation and maximum over the true "
        "frames of all that the LSTM layers, or the projection before them, are "
        "given. Its output follows that of the pooling. None for no such layer.",
        check=optional(check_int, minimum=1),
    )
    statistics_dropout: float = parameter(
        0.0, "float", "Dropout of that layer's input and output.", check=check_rate
    )


@dataclass(frozen=True)
class LinearShare:
    """The linear classifier whose logits are added to those of the net."""

    linear_share: float = parameter(
        0.0,
        "float",
        "Share of a linear classifier in the logits, from 0 for none to below 1. It is "
        "a logistic regression on the mean, deviation and maximum over the true frames "
        "of what the LSTM layers, or the projection before them, are given, learned "
        "when the net is trained. With few clips per label, it is often right where "
        "the net is not. Standardise X for it: values beyond -20 and 20 are set to "
        "these.",
        check=check_rate,
    )


_NET_OPTIONS = (
    LSTMLayers,
    DenseLayers,
    ConvFront,
    WideInput,
    LinearShare,
    InputOptions,
)


@document(*_NET_OPTIONS, TrainingOptions, attributes=FITTED_ATTRIBUTES)
class LSTMClassifier(SequenceClassifier):
    """Classify sequences with stacked LSTM layers.

    The net is a torch module, trained through skorch with cross-entropy; with
    multilabel data, each label has a sigmoid and binary cross-entropy. A prediction
    depends only on a clip's true frames, not on padding or on other clips. Layers are
    LSTMs [1]_ with the initial values and the dropout [2]_ of Keras; see
    ``SequenceLSTM``.

    Parameters
    ----------
    {parameters}

    Attributes
    ----------
    net_ : skorch.NeuralNet
        The trained net, trimmed for prediction; ``net_.module_`` is the ``LSTMNet``.
    {attributes}

    References
    ----------
    .. [1] S. Hochreiter and J. Schmidhuber, "Long Short-Term Memory", Neural
       Computation 9(8), 1997.
    .. [2] Y. Gal and Z. Ghahramani, "A Theoretically Grounded Application of Dropout
       in Recurrent Neural Networks", NeurIPS, 2016.

    Examples
    --------
    >>> import numpy as np
    >>> from mfccclf import LSTMClassifier
    >>> rng = np.random.default_rng(0)
    >>> y = np.repeat(["falling", "rising"], 20)
    >>> slope = np.where(y == "rising", 1.0, -1.0)[:, None, None]
    >>> X = slope * np.linspace(-1, 1, 12)[:, None] + rng.normal(0, 0.1, (40, 12, 1))
    >>> classifier = LSTMClassifier(
    ...     hidden_sizes=(8,), max_epochs=20, lr=0.02, random_state=0
    ... )
    >>> classifier.fit(X, y).predict(X[[0, -1]]).tolist()
    ['falling', 'rising']
    """

    net_class = LSTMNet
    net_options = _NET_OPTIONS

    def __init__(
        self,
        *,
        hidden_sizes: Sequence[int] = (128, 32),
        bidirectional: bool = False,
        input_dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        dropout: float | Sequence[float] = 0.0,
        pooling: str = "last",
        dense_sizes: Sequence[int] = (),
        dense_activation: str = "relu",
        dense_dropout: float | Sequence[float] = 0.0,
        conv_channels: Sequence[int] = (),
        conv_kernel_size: int = 3,
        conv_dropout: float | Sequence[float] = 0.0,
        projection_size: int | None = None,
        projection_dropout: float = 0.0,
        statistics_size: int | None = None,
        statistics_dropout: float = 0.0,
        linear_share: float = 0.0,
        input_norm: str | None = None,
        augmentation: Mapping[str, Any] | None = None,
        max_epochs: int | str = 100,
        lr: float = 0.001,
        batch_size: int = 32,
        shuffle: bool = True,
        bucketing: bool = False,
        optimizer: str = "adam",
        weight_decay: float = 0.0,
        lr_schedule: str | None = None,
        gradient_clip: float | None = None,
        label_smoothing: float = 0.0,
        class_weight: dict[Any, float] | str | None = None,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        patience: int = 10,
        monitor: str = "valid_loss",
        keep: str = "best",
        device: str = "auto",
        random_state: int | RandomState | None = None,
        verbose: int = 0,
    ) -> None:
        self.hidden_sizes = hidden_sizes
        self.bidirectional = bidirectional
        self.input_dropout = input_dropout
        self.recurrent_dropout = recurrent_dropout
        self.dropout = dropout
        self.pooling = pooling
        self.dense_sizes = dense_sizes
        self.dense_activation = dense_activation
        self.dense_dropout = dense_dropout
        self.conv_channels = conv_channels
        self.conv_kernel_size = conv_kernel_size
        self.conv_dropout = conv_dropout
        self.projection_size = projection_size
        self.projection_dropout = projection_dropout
        self.statistics_size = statistics_size
        self.statistics_dropout = statistics_dropout
        self.linear_share = linear_share
        self.input_norm = input_norm
        self.augmentation = augmentation
        self.max_epochs = max_epochs
        self.lr = lr
        self.batch_size = batch_size
        self.shuffle = shuffle
        self.bucketing = bucketing
        self.optimizer = optimizer
        self.weight_decay = weight_decay
        self.lr_schedule = lr_schedule
        self.gradient_clip = gradient_clip
        self.label_smoothing = label_smoothing
        self.class_weight = class_weight
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.patience = patience
        self.monitor = monitor
        self.keep = keep
        self.device = device
        self.random_state = random_state
        self.verbose = verbose

    def _complete_net(
        self, module: nn.Module, train: SequenceDataset, device: torch.device
    ) -> None:
        if self.linear_share > 0:
            learn_linear_share(module, train, self.linear_share, device=device)
