"""The CNN classifier."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from numpy.random import RandomState

from mfccclf._parameters import choice, document, parameter
from mfccclf.estimators.base import SequenceClassifier
from mfccclf.estimators.fitted import FITTED_ATTRIBUTES
from mfccclf.estimators.net_options import (
    DenseLayers,
    InputOptions,
    check_kernel_size,
    check_rates,
    check_sizes,
)
from mfccclf.estimators.training.options import TrainingOptions
from mfccclf.modules.conv_net import COLLAPSES, CONV_POOLINGS, ConvNet

__all__ = ["CNNClassifier", "ConvLayers"]


@dataclass(frozen=True)
class ConvLayers:
    """The convolutional blocks of a net, and how it pools their output."""

    channels: Sequence[int] = parameter(
        (32, 64, 128),
        "sequence of int",
        "Channels of each block; a block halves frames and features.",
        check=check_sizes,
    )
    kernel_size: int = parameter(
        3, "int", "Width and height of the kernels; odd.", check=check_kernel_size
    )
    block_dropout: float | Sequence[float] = parameter(
        0.0,
        "float or sequence of float",
        "Dropout after the blocks: one number for all, or one per block.",
        check=partial(check_rates, layers="channels"),
    )
    collapse: str = choice(
        "mean",
        COLLAPSES,
        "What becomes of the features left in each frame: their mean, which suits "
        "log-mel bands, or all side by side, which suits MFCC.",
    )
    pooling: str = choice(
        "mean_max",
        CONV_POOLINGS,
        "How the frames become a vector: their mean, their maximum, both side by "
        "side, or a learned weighted mean, over the true frames.",
    )


_NET_OPTIONS = (ConvLayers, DenseLayers, InputOptions)


@document(*_NET_OPTIONS, TrainingOptions, attributes=FITTED_ATTRIBUTES)
class CNNClassifier(SequenceClassifier):
    """Classify sequences of any length with convolutions, as if they were pictures.

    A sequence of log-mel or MFCC features is a picture of frames by features. It
    passes blocks of convolution, pooling, batch normalisation and ReLU, then its
    frames are pooled: a net for sounds of varying length [1]_. Training uses
    cross-entropy; with multilabel data, each label has a sigmoid and binary
    cross-entropy. Neither padding nor other clips change a clip's prediction.

    Parameters
    ----------
    {parameters}

    Attributes
    ----------
    net_ : skorch.NeuralNet
        The trained net, trimmed for prediction; ``net_.module_`` is the ``ConvNet``.
    {attributes}

    References
    ----------
    .. [1] Y. Han, J. Kim and K. Lee, "Deep Convolutional Neural Networks for
       Predominant Instrument Recognition in Polyphonic Music", IEEE/ACM Transactions
       on Audio, Speech, and Language Processing 25(1), 2017.

    Examples
    --------
    >>> import numpy as np
    >>> from mfccclf import CNNClassifier
    >>> rng = np.random.default_rng(0)
    >>> y = [("low",), ("high",), ("low", "high"), ()] * 10
    >>> X = rng.normal(0, 0.1, (40, 6, 8))
    >>> X[:, :, :4] += np.array(["low" in labels for labels in y])[:, None, None]
    >>> X[:, :, 4:] += np.array(["high" in labels for labels in y])[:, None, None]
    >>> classifier = CNNClassifier(
    ...     channels=(4, 8), collapse="flatten", max_epochs=20, lr=0.02, random_state=0
    ... )
    >>> classifier.fit(X, y).predict_labels(X[:4])
    [('low',), ('high',), ('high', 'low'), ()]
    """

    net_class = ConvNet
    net_options = _NET_OPTIONS

    def __init__(
        self,
        *,
        channels: Sequence[int] = (32, 64, 128),
        kernel_size: int = 3,
        block_dropout: float | Sequence[float] = 0.0,
        collapse: str = "mean",
        pooling: str = "mean_max",
        dense_sizes: Sequence[int] = (),
        dense_activation: str = "relu",
        dense_dropout: float | Sequence[float] = 0.0,
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
        self.channels = channels
        self.kernel_size = kernel_size
        self.block_dropout = block_dropout
        self.collapse = collapse
        self.pooling = pooling
        self.dense_sizes = dense_sizes
        self.dense_activation = dense_activation
        self.dense_dropout = dense_dropout
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
