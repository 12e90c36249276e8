"""What every classifier of sequences does around its net."""

from __future__ import annotations

from os import PathLike
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import Tags, check_random_state
from sklearn.utils.validation import check_consistent_length, check_is_fitted
from skorch import NeuralNet
from torch import Tensor, nn

from mfccclf._sequence_input import check_sequences
from mfccclf._validation import check_int
from mfccclf.estimators._batches import SequenceDataset
from mfccclf.estimators._checkpoint import Checkpoint, training_identity
from mfccclf.estimators._device import resolve_device, seeded
from mfccclf.estimators._inference import compute_logits
from mfccclf.estimators._loss import WeightedCrossEntropy
from mfccclf.estimators._parameters import check_training
from mfccclf.estimators._split import validation_indices
from mfccclf.estimators._targets import check_labels, check_weights, encode_labels
from mfccclf.estimators._training import (
    TrainingResult,
    make_net,
    train_net,
)
from mfccclf.sequences import sequence_lengths

__all__ = ["SequenceClassifier"]

# Prediction needs no gradients, so it can take more sequences at a time.
PREDICTION_BATCH_SIZE = 256


class SequenceClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Base of classifiers that train a torch module on sequences.

    A subclass lists all parameters in its ``__init__``, those of ``check_training``
    among them, and says how its module is made.
    """

    classes_: NDArray[Any]
    n_features_in_: int
    net_: NeuralNet

    def _make_module(self, n_features: int, n_outputs: int) -> nn.Module:
        """Check the net's parameters and make it."""
        raise NotImplementedError

    def fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        groups: ArrayLike | None = None,
        *,
        X_val: ArrayLike | None = None,
        y_val: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
        checkpoint: str | PathLike[str] | None = None,
    ) -> Self:
        """Train a new net.

        Parameters
        ----------
        X : array-like of shape (n_clips, n_frames, n_features) or (n_clips, n_features)
            Sequences, NaN in every frame past a clip's end; or one frame per clip.
        y : array-like of shape (n_clips,)
            Labels: strings, ints or whatever numpy can sort.
        groups : array-like of shape (n_clips,), default=None
            Group of each clip, such as its speaker. Early stopping then sets whole
            groups aside.
        X_val, y_val : array-like, default=None
            Clips and labels to score after each epoch, in the form of X and y; with
            early stopping, these decide instead of a part of X.
        sample_weight : array-like of shape (n_clips,), default=None
            Weight of each clip in the loss; clips of weight 0 are left out.
        checkpoint : path-like, default=None
            File that keeps the state of the training. Where it exists already, the
            training goes on from it and ends with the weights of an unbroken one; it
            needs an int ``random_state``. Remove it when it is no longer needed.

        Returns
        -------
        self : SequenceClassifier
            The fitted classifier.

        Raises
        ------
        ValueError, TypeError
            If a parameter or the data cannot be used, or training diverges.
        """
        settings = check_training(self)
        device = resolve_device(self.device, owner=self)
        random_state = check_random_state(self.random_state)
        data, kept = self._training_data(X, y, sample_weight)
        if X_val is not None or y_val is not None:
            train, valid = data, self._validation_data(X_val, y_val)
        elif self.early_stopping:
            train, valid = self._split(data, groups, kept, random_state)
        else:
            train, valid = data, None
        keeper = None
        if checkpoint is not None:
            keeper = self._make_checkpoint(checkpoint, train, valid, device)
        seed = random_state.randint(np.iinfo(np.int32).max)
        with seeded(seed, device):
            module = self._make_module(self.n_features_in_, len(self.classes_))
            net, result = train_net(
                module,
                WeightedCrossEntropy(self.label_smoothing),
                train,
                valid,
                settings=settings,
                device=device,
                checkpoint=keeper,
            )
        return self._finish(net, result)

    def predict_proba(self, X: ArrayLike) -> NDArray[np.float64]:
        """Compute the probability of each class.

        Parameters
        ----------
        X : array-like
            As for ``fit``.

        Returns
        -------
        proba : float64 ndarray of shape (n_clips, n_classes)
            Columns in the order of ``classes_``; rows sum to 1.
        """
        check_is_fitted(self, "net_")
        dataset = self._sequences(X)
        logits = compute_logits(
            self.net_.module_,
            dataset,
            batch_size=max(PREDICTION_BATCH_SIZE, self.batch_size),
            device=resolve_device(self.device, owner=self),
        ).astype(np.float64)
        exponents = np.exp(logits - logits.max(axis=1, keepdims=True))
        proba: NDArray[np.float64] = exponents / exponents.sum(axis=1, keepdims=True)
        return proba

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Name the most probable class.

        Parameters
        ----------
        X : array-like
            As for ``fit``.

        Returns
        -------
        labels : ndarray of shape (n_clips,)
            Labels as in y.
        """
        check_is_fitted(self, "net_")
        labels: NDArray[Any] = self.classes_[self.predict_proba(X).argmax(axis=1)]
        return labels

    def _restore(
        self, classes: ArrayLike, n_features: int, state_dict: dict[str, Tensor]
    ) -> Self:
        """Become a fitted classifier with given weights, without training.

        Parameters
        ----------
        classes : array-like of shape (n_classes,)
            Sorted labels.
        n_features : int
            Values per frame.
        state_dict : dict of str to Tensor
            Weights of the module, by name.

        Returns
        -------
        self : SequenceClassifier
            The fitted classifier.
        """
        settings = check_training(self)
        self.classes_ = np.asarray(classes)
        self.n_features_in_ = int(n_features)
        cpu = torch.device("cpu")
        with seeded(0, cpu):
            module = self._make_module(self.n_features_in_, len(self.classes_))
        module.load_state_dict(state_dict)
        net = make_net(module, WeightedCrossEntropy(), settings=settings, device=cpu)
        net.initialize()
        net.module_.eval()
        net.trim_for_prediction()
        return self._finish(net, TrainingResult())

    def _finish(self, net: NeuralNet, result: TrainingResult) -> Self:
        self.net_ = net
        self.history_ = result.history
        self.n_epochs_ = len(result.history)
        self.best_epoch_ = result.best_epoch
        self.best_state_ = result.states.get("best")
        self.last_state_ = result.states.get("last")
        return self

    def _make_checkpoint(
        self,
        path: str | PathLike[str],
        train: SequenceDataset,
        valid: SequenceDataset | None,
        device: torch.device,
    ) -> Checkpoint:
        check_int("random_state", self.random_state, minimum=0, owner=self)
        parameters = self.get_params()
        classes = self.classes_.tolist()
        identity = training_identity(
            parameters, train, valid, classes=classes, device=device
        )
        return Checkpoint(path, identity)

    def _training_data(
        self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None
    ) -> tuple[SequenceDataset, NDArray[np.bool_]]:
        """Check the data; return the clips that count, and which of all they are."""
        array = check_sequences(self, X, reset=True)
        labels = check_labels(y, array, owner=self)
        self.classes_ = np.unique(labels)
        targets = encode_labels(labels, self.classes_, name="y")
        weights = check_weights(
            sample_weight, self.class_weight, array, targets, self.classes_, owner=self
        )
        kept = weights > 0
        if len(np.unique(targets[kept])) < 2:
            raise ValueError(
                f"{type(self).__name__} needs clips of at least 2 classes in the data, "
                f"but the data contains only one class: {labels[kept].tolist()[0]!r}."
            )
        data = _to_dataset(array, targets, weights)
        return (data if kept.all() else data.subset(np.flatnonzero(kept))), kept

    def _split(
        self,
        data: SequenceDataset,
        groups: ArrayLike | None,
        kept: NDArray[np.bool_],
        random_state: np.random.RandomState,
    ) -> tuple[SequenceDataset, SequenceDataset]:
        if groups is not None:
            groups = np.asarray(groups)
            check_consistent_length(kept, groups)
            groups = groups[kept]
        train, valid = validation_indices(
            data.targets,
            groups,
            fraction=self.validation_fraction,
            random_state=random_state,
        )
        return data.subset(train), data.subset(valid)

    def _validation_data(
        self, X_val: ArrayLike | None, y_val: ArrayLike | None
    ) -> SequenceDataset:
        if X_val is None or y_val is None:
            missing = "X_val" if X_val is None else "y_val"
            raise ValueError(f"{missing} is missing. Pass both X_val and y_val to fit.")
        array = check_sequences(self, X_val)
        labels = check_labels(y_val, array, owner=self)
        targets = encode_labels(labels, self.classes_, name="y_val")
        return _to_dataset(array, targets)

    def _sequences(self, X: ArrayLike) -> SequenceDataset:
        return _to_dataset(check_sequences(self, X))

    def __sklearn_tags__(self) -> Tags:
        """Tell scikit-learn what X may be.

        NaN past a clip's end is padding, not a missing value: ``allow_nan`` is False.
        """
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        return tags


def _to_dataset(
    X: NDArray[np.floating[Any]],
    targets: NDArray[Any] | None = None,
    weights: NDArray[Any] | None = None,
) -> SequenceDataset:
    X = _as_float32(X)
    if X.ndim == 2:
        lengths = np.ones(len(X), np.int64)
        return SequenceDataset(X[:, None, :], lengths, targets, weights)
    lengths = sequence_lengths(X)
    if lengths.min() == 0:
        raise ValueError(
            f"Clip {int(lengths.argmin())} of X has no frames: all its values are NaN. "
            "Each clip needs one frame or more. Remove it."
        )
    return SequenceDataset(X, lengths, targets, weights)


def _as_float32(X: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
    if X.dtype == np.float32:
        return X
    with np.errstate(over="ignore"):
        converted = X.astype(np.float32)
    if np.isinf(converted).any():
        raise ValueError(
            "Input X contains a value too large for dtype('float32'). Scale the "
            "features, for instance with SequenceStandardScaler."
        )
    return converted
