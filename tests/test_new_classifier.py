"""What a new classifier costs: its net, its parameters and a signature."""

from __future__ import annotations

import inspect
from dataclasses import dataclass

import numpy as np
import pytest
from estimator_checks import made_up_clips
from sklearn.base import clone

from mfccclf._parameters import choice, document
from mfccclf.estimators import describe_layers
from mfccclf.estimators.base import SequenceClassifier
from mfccclf.estimators.fitted import FITTED_ATTRIBUTES
from mfccclf.estimators.net_options import DenseLayers, InputOptions
from mfccclf.estimators.training.options import TrainingOptions
from mfccclf.modules.pooling import max_frames, mean_frames
from mfccclf.modules.sequence_net import SequenceNet


class PoolingNet(SequenceNet):
    """Pool the frames as they are; dense layers, logits."""

    def __init__(
        self,
        *,
        n_features,
        n_outputs,
        pooling,
        dense_sizes,
        dense_activation,
        dense_dropout,
        input_norm,
        augmentation,
    ):
        super().__init__()
        self.pooling, self.attention = pooling, None
        self._add_front(
            n_features,
            channels=(),
            kernel_size=1,
            block_dropout=0.0,
            input_norm=input_norm,
            augmentation=augmentation,
        )
        self._add_head(
            n_features,
            n_outputs,
            dense_sizes=dense_sizes,
            dense_activation=dense_activation,
            dense_dropout=dense_dropout,
        )

    def forward(self, X, lengths):
        picture, lengths = self._run_front(X, lengths)
        pool = mean_frames if self.pooling == "mean" else max_frames
        return self._logits(pool(picture[:, 0], lengths))

    def describe_layers(self, n_frames=None):
        return [self._pooling_row(), *self._dense_rows()]


@dataclass(frozen=True)
class FramePooling:
    """How the frames become a vector."""

    pooling: str = choice("mean", ("mean", "max"), "How the frames become a vector.")


_NET_OPTIONS = (FramePooling, DenseLayers, InputOptions)


@document(*_NET_OPTIONS, TrainingOptions, attributes=FITTED_ATTRIBUTES)
class PoolingClassifier(SequenceClassifier):
    """Classify sequences by the mean or maximum of their frames.

    Parameters
    ----------
    {parameters}

    Attributes
    ----------
    {attributes}
    """

    net_class = PoolingNet
    net_options = _NET_OPTIONS

    def __init__(
        self,
        *,
        pooling="mean",
        dense_sizes=(),
        dense_activation="relu",
        dense_dropout=0.0,
        input_norm=None,
        augmentation=None,
        max_epochs=100,
        lr=0.001,
        batch_size=32,
        shuffle=True,
        bucketing=False,
        optimizer="adam",
        weight_decay=0.0,
        lr_schedule=None,
        gradient_clip=None,
        label_smoothing=0.0,
        class_weight=None,
        early_stopping=False,
        validation_fraction=0.1,
        patience=10,
        monitor="valid_loss",
        keep="best",
        device="auto",
        random_state=None,
        verbose=0,
    ):
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


@pytest.fixture
def classifier():
    return PoolingClassifier(max_epochs=20, lr=0.05, random_state=0)


def test_it_trains_predicts_and_calibrates(classifier):
    X, y = made_up_clips()
    classifier.fit(X, y).calibrate(X, y)
    assert classifier.score(X, y) == 1
    familiarity = classifier.score_samples(X)
    assert ((familiarity > 0) & (familiarity <= 1)).all()


def test_its_parameters_are_checked(classifier):
    X, y = made_up_clips()
    message = "'pooling' parameter of PoolingClassifier must be one of 'mean', 'max'"
    with pytest.raises(ValueError, match=message):
        classifier.set_params(pooling="min").fit(X, y)
    assert "\npooling : {" in inspect.cleandoc(PoolingClassifier.__doc__)


def test_it_is_restored_from_its_weights(classifier):
    X, y = made_up_clips()
    classifier.fit(X, y)
    state = classifier.net_.module_.state_dict()
    restored = clone(classifier).restore(classifier.classes_, 3, state)
    np.testing.assert_array_equal(
        restored.predict_proba(X), classifier.predict_proba(X)
    )


def test_its_layers_are_listed(classifier):
    rows = describe_layers(classifier, n_features=3, n_classes=2)
    assert [(row.name, row.n_parameters) for row in rows] == [
        ("pooling", 0),
        ("output", 8),
    ]
