"""The LSTM classifier."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from numpy.random import RandomState

from mfccclf._validation import check_bool, check_choice
from mfccclf.estimators.base import SequenceClassifier
from mfccclf.estimators.net_options import (
    check_input,
    check_odd,
    check_rate,
    check_rates,
    check_sizes,
)
from mfccclf.modules.dense import ACTIVATIONS
from mfccclf.modules.lstm_net import POOLINGS, LSTMNet

__all__ = ["LSTMClassifier"]


class LSTMClassifier(SequenceClassifier):
    """Classify sequences with stacked LSTM layers.

    The net is a torch module, trained through skorch with cross-entropy; where clips
    may have several labels, each label has a sigmoid and binary cross-entropy. A
    prediction depends on a clip's true frames alone: not on padding, nor on the other
    clips. Initial values and dropout are Keras's [1]_ [2]_; see ``SequenceLSTM``.

    Parameters
    ----------
    hidden_sizes : sequence of int, default=(128, 32)
        Units of each LSTM layer, per direction.
    bidirectional : bool, default=False
        Whether each layer reads in both directions.
    input_dropout : float, default=0.0
        Dropout of each LSTM layer's input, fixed over a clip's frames.
    recurrent_dropout : float, default=0.0
        Dropout of each LSTM layer's previous state, per gate, fixed over the frames.
    dropout : float or sequence of float, default=0.0
        Dropout after LSTM layers: one number for all, or one per layer; a sequence may
        leave out the last layer.
    pooling : {"last", "last_step", "mean", "max", "attention"}, default="last"
        How a sequence becomes a vector: the final state of each direction, the output
        at the last true frame, or a mean, maximum or learned weighted mean over the
        true frames.
    dense_sizes : sequence of int, default=()
        Units of the dense layers before the output.
    dense_activation : str, default="relu"
        Their activation: "elu", "gelu", "identity", "relu", "sigmoid" or "tanh".
    dense_dropout : float or sequence of float, default=0.0
        Dropout after the dense layers: one number for all, or one per layer.
    conv_channels : sequence of int, default=()
        Channels of convolutional blocks before the first LSTM layer; each halves the
        frames and the features. They find the same shape in neighbouring bands, so
        they suit log-mel bands.
    conv_kernel_size : int, default=3
        Width and height of their kernels; odd.
    conv_dropout : float or sequence of float, default=0.0
        Dropout after them: one number for all, or one per block.
    input_norm : {None, "bands", "level", "peak"}, default=None
        How each clip is normalised by itself before the net: "bands" gives each
        feature mean 0 and deviation 1 over the clip, "level" all its values together;
        "peak" makes the greatest value 1 and what is 20 (dB) below it 0.
    augmentation : mapping, default=None
        How far training varies clips of mel bands in dB, anew in each epoch: any of
        the parameters of `mfccclf.modules.Augmentation`, such as
        ``{"time_stretch": 0.15, "noise": 0.5}``. None for not at all.
    max_epochs : int or "auto", default=100
        Number of times to see all clips. "auto" for 50, and up to 100 where the clips
        are so few that the optimiser would take fewer than 800 steps.
    lr : float, default=0.001
        Learning rate.
    batch_size : int, default=32
        Clips per step of the optimiser.
    shuffle : bool, default=True
        Whether to draw a new order of the clips for each epoch.
    bucketing : bool, default=False
        Whether to put clips of like length into a batch. Faster where lengths differ
        much; batches are then not drawn quite at random.
    optimizer : {"adam", "adamw", "sgd", "rmsprop"}, default="adam"
        Torch's optimiser; "sgd" has momentum 0.9.
    weight_decay : float, default=0.0
        The optimiser's weight decay.
    lr_schedule : {None, "cosine", "onecycle", "plateau", "step"}, default=None
        How the learning rate changes: by a cosine to zero, up to ``lr`` and down
        again, to a tenth after 10 epochs without a lower loss, or to a tenth after
        each third of the epochs.
    gradient_clip : float, default=None
        Largest norm of the gradient.
    label_smoothing : float, default=0.0
        Share of the probability that training spreads over all classes.
    class_weight : dict, "balanced" or None, default=None
        Weight of each label in the loss; "balanced" for the inverse of its frequency.
        Where clips have several labels, the weight of a label's presence against 1 for
        its absence; "balanced" for the clips without it by those with it.
    early_stopping : bool, default=False
        Whether to stop after ``patience`` epochs without a better one. Without
        validation data given to ``fit``, a part of the clips is set aside for it:
        stratified, or by whole groups where ``fit`` is given groups.
    validation_fraction : float, default=0.1
        Share of the clips, or groups, to set aside.
    patience : int, default=10
        Epochs to wait for a better one.
    monitor : {"valid_loss", "valid_accuracy"}, default="valid_loss"
        Score that says which epoch is best.
    keep : {"best", "last"}, default="best"
        Which epoch's weights to predict with, where there is validation data.
    device : str, default="auto"
        Where to compute: "cpu", "cuda", ..., or "auto" for CUDA, else MPS, else CPU.
    random_state : int, RandomState instance or None, default=None
        Governs initial weights, shuffling, dropout and the validation part. On a CPU,
        equal seeds give equal scores, bit by bit; but not where several threads of one
        process train at once. Torch's own generators stay as they are.
    verbose : int, default=0
        Reports to standard error: 0 for none, 1 for progress in a line, 2 for a line
        per epoch.

    Attributes
    ----------
    net_ : skorch.NeuralNet
        The trained net, trimmed for prediction; ``net_.module_`` is the ``LSTMNet``.
    classes_ : ndarray of shape (n_classes,)
        Sorted labels; the numbers of the columns where y was an indicator matrix, or
        their names where it was a data frame.
    multilabel_ : bool
        True where clips may have several labels.
    thresholds_ : float64 ndarray of shape (n_classes,), or None
        Probability from which each label is predicted: 0.5, or as
        ``tune_thresholds`` found. None where each clip has one label.
    familiarity_ : object or None
        What ``score_samples`` goes by; None where only weights were given.
    temperature_ : float
        What ``calibrate`` has divided the logits by; 1 before, and in a loaded model.
    n_features_in_ : int
        Values per frame.
    feature_names_in_ : ndarray of str
        Names of the features, where ``fit`` was given a 2-D data frame.
    history_ : list of dict
        Per epoch: epoch, train_loss, train_accuracy, valid_loss, valid_accuracy, lr,
        duration_s. Training scores are taken while learning, with dropout. A clip of
        several labels is right where all of them are, at thresholds of 0.5.
    n_epochs_ : int
        Number of epochs trained.
    best_epoch_ : int or None
        Best epoch, from 1; None without validation data.
    best_state_, last_state_ : dict of str to Tensor, or None
        Weights of the best and of the last epoch; None without validation data.

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

    def make_module(self, n_features: int, n_outputs: int) -> LSTMNet:
        """Check the net's parameters and make it, as `SequenceClassifier` says."""
        hidden_sizes = check_sizes("hidden_sizes", self.hidden_sizes, owner=self)
        dense_sizes = check_sizes(
            "dense_sizes", self.dense_sizes, owner=self, allow_empty=True
        )
        conv_channels = check_sizes(
            "conv_channels", self.conv_channels, owner=self, allow_empty=True
        )
        n_layers = len(hidden_sizes)
        return LSTMNet(
            n_features=n_features,
            n_outputs=n_outputs,
            hidden_sizes=hidden_sizes,
            bidirectional=check_bool("bidirectional", self.bidirectional, owner=self),
            input_dropout=check_rate("input_dropout", self.input_dropout, owner=self),
            recurrent_dropout=check_rate(
                "recurrent_dropout", self.recurrent_dropout, owner=self
            ),
            dropout=check_rates(
                "dropout", self.dropout, n_layers, owner=self, fewest=n_layers - 1
            ),
            pooling=check_choice("pooling", self.pooling, POOLINGS, owner=self),
            dense_sizes=dense_sizes,
            dense_activation=check_choice(
                "dense_activation", self.dense_activation, ACTIVATIONS, owner=self
            ),
            dense_dropout=check_rates(
                "dense_dropout", self.dense_dropout, len(dense_sizes), owner=self
            ),
            conv_channels=conv_channels,
            conv_kernel_size=check_odd(
                "conv_kernel_size", self.conv_kernel_size, owner=self
            ),
            conv_dropout=check_rates(
                "conv_dropout", self.conv_dropout, len(conv_channels), owner=self
            ),
            **check_input(self),
        )
