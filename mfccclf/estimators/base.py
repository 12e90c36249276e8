"""What every classifier of sequences does around its net."""

from __future__ import annotations

from collections.abc import Mapping
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
from mfccclf._validation import check_int, check_real
from mfccclf.estimators.familiarity.calibrated import CalibratedMixin
from mfccclf.estimators.familiarity.measure import Familiarity
from mfccclf.estimators.labels.multilabel import count_as_right
from mfccclf.estimators.labels.tasks import MultilabelTask, learn_task
from mfccclf.estimators.labels.thresholds import check_thresholds
from mfccclf.estimators.net_options import check_input, check_training
from mfccclf.estimators.training.batches import SequenceDataset, make_dataset
from mfccclf.estimators.training.checkpoint import (
    Checkpoint,
    outlier_identity,
    training_identity,
)
from mfccclf.estimators.training.device import resolve_device, seeded
from mfccclf.estimators.training.mixup import make_mixup
from mfccclf.estimators.training.net import TrainingRecord, make_net, train_net
from mfccclf.estimators.training.outlier_exposure import (
    add_outliers,
    outlier_exposure_loss,
)
from mfccclf.estimators.training.transfer import InitialWeights
from mfccclf.estimators.training.validation_split import validation_indices

__all__ = ["SequenceClassifier"]


class SequenceClassifier(CalibratedMixin, ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Base of classifiers that train a torch module on sequences.

    Clips have one label each, or any number of them: the y of ``fit`` tells. A subclass
    lists all parameters in its ``__init__``, those of ``check_training``
    among them, and says how its module is made.
    """

    classes_: NDArray[Any]
    multilabel_: bool
    n_features_in_: int
    net_: NeuralNet
    thresholds_: NDArray[np.float64] | None

    def make_module(self, n_features: int, n_outputs: int) -> nn.Module:
        """Check the net's parameters and make an untrained net of them.

        Parameters
        ----------
        n_features : int
            Values per frame.
        n_outputs : int
            Number of labels.

        Returns
        -------
        module : torch.nn.Module
            With random weights, drawn from torch's global generator.

        Raises
        ------
        ValueError, TypeError
            If a parameter is out of range or of a wrong type.
        """
        raise NotImplementedError

    def fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        groups: ArrayLike | None = None,
        *,
        X_val: ArrayLike | None = None,
        y_val: ArrayLike | None = None,
        X_other: ArrayLike | None = None,
        other_weight: float = 0.5,
        sample_weight: ArrayLike | None = None,
        checkpoint: str | PathLike[str] | None = None,
        start_from: Mapping[str, Tensor] | None = None,
        freeze: bool = False,
    ) -> Self:
        """Train a new net.

        Parameters
        ----------
        X : array-like of shape (n_clips, n_frames, n_features) or (n_clips, n_features)
            Sequences, NaN in every frame past a clip's end; or one frame per clip.
        y : array-like of shape (n_clips,) or (n_clips, n_labels), or list of tuples
            Labels: strings, ints or whatever numpy can sort. For clips that may have
            several or none, an indicator matrix (1 where a clip has a label), or a
            list, tuple or set of names per clip.
        groups : array-like of shape (n_clips,), default=None
            Group of each clip, such as its speaker. Early stopping then sets whole
            groups aside.
        X_val, y_val : array-like, default=None
            Clips and labels to score after each epoch, in the form of X and y; with
            early stopping, these decide instead of a part of X.
        X_other : array-like, default=None
            Clips that have none of the labels, in the form of X: noise, music, other
            words. Each epoch sees them all, and learns to give them equal
            probabilities, or no label where a clip may have several.
        other_weight : float, default=0.5
            How much they count together in the loss, against 1 for all clips of X.
        sample_weight : array-like of shape (n_clips,), default=None
            Weight of each clip in the loss; clips of weight 0 are left out.
        checkpoint : path-like, default=None
            File that keeps the state of the training. Where it exists already, the
            training goes on from it and ends with the weights of an unbroken one; it
            needs an int ``random_state``. Remove it when it is no longer needed.
        start_from : mapping of str to Tensor, default=None
            Weights of a net with the same layers, such as
            ``other.net_.module_.state_dict()``. All are taken but those of the output
            layer, whose labels may be others.
        freeze : bool, default=False
            Whether to keep the weights that are taken, and train the output alone.

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
        check_real("other_weight", other_weight, above=0, owner=self)
        augmentation = check_input(self)["augmentation"]
        start = InitialWeights(start_from, freeze)
        device = resolve_device(self.device, owner=self)
        random_state = check_random_state(self.random_state)
        data, kept = self._training_data(X, y, sample_weight)
        if X_val is not None or y_val is not None:
            train, valid = data, self._validation_data(X_val, y_val)
        elif self.early_stopping:
            train, valid = self._split(data, groups, kept, random_state)
        else:
            train, valid = data, None
        mixer = make_mixup(augmentation, train.targets)
        others = None if X_other is None else self._sequences(X_other)
        keeper = None
        if checkpoint is not None:
            keeper = self._make_checkpoint(checkpoint, train, valid, device)
            keeper.identity |= start.identity | outlier_identity(others, other_weight)
        seed = random_state.randint(np.iinfo(np.int32).max)
        with seeded(seed, device):
            module = self.make_module(self.n_features_in_, len(self.classes_))
            start.apply(module, owner=self)
            criterion = self._task.criterion(
                self.label_smoothing, self.class_weight, train.targets, owner=self
            )
            learned = train
            if others is not None:
                learned = add_outliers(train, others, other_weight)
                criterion = outlier_exposure_loss(criterion, train.targets)
            with start.frozen(module):
                net, result = train_net(
                    module,
                    criterion,
                    learned,
                    valid,
                    settings=settings,
                    device=device,
                    vary=mixer,
                    checkpoint=keeper,
                )
        self._finish(net, result)
        self._learn_familiarity(train, valid)
        return self

    def predict_proba(self, X: ArrayLike) -> NDArray[np.float64]:
        """Compute the probability of each label.

        Parameters
        ----------
        X : array-like
            As for ``fit``.

        Returns
        -------
        proba : float64 ndarray of shape (n_clips, n_classes)
            Columns in the order of ``classes_``. Rows sum to 1 where each clip has one
            label; else each column stands for itself.
        """
        check_is_fitted(self, "net_")
        logits = self._outputs(self._sequences(X)).logits
        return self._task.probabilities(logits.astype(np.float64))

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Name the most probable class, or the labels above their thresholds.

        Parameters
        ----------
        X : array-like
            As for ``fit``.

        Returns
        -------
        labels : ndarray of shape (n_clips,) or (n_clips, n_labels)
            Labels as in y; for clips of several labels an int64 indicator matrix with
            columns in the order of ``classes_``, which scikit-learn's metrics accept.
            See ``predict_labels`` for names.
        """
        check_is_fitted(self, "net_")
        return self._task.decide(self.predict_proba(X))

    def predict_labels(self, X: ArrayLike) -> list[tuple[Any, ...]]:
        """Name the labels of each clip, however many.

        Parameters
        ----------
        X : array-like
            As for ``fit``.

        Returns
        -------
        labels : list of tuple
            Per clip the labels at or above their thresholds, perhaps none; one label
            where each clip has one.
        """
        predicted = self.predict(X)
        if not self.multilabel_:
            return [(label,) for label in predicted.tolist()]
        names = self.classes_.tolist()
        return [tuple(names[k] for k in np.flatnonzero(row)) for row in predicted]

    def score(
        self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> float:
        """Compute the share of clips that are right, with all their labels.

        Parameters
        ----------
        X : array-like
            As for ``fit``.
        y : array-like
            Labels, as for ``fit``. A clip with a label that ``fit`` has not seen
            counts as wrong.
        sample_weight : array-like of shape (n_clips,), default=None
            Weight of each clip.

        Returns
        -------
        accuracy : float
            From 0 to 1.
        """
        check_is_fitted(self, "net_")
        if not self.multilabel_:
            accuracy: float = super().score(X, y, sample_weight)
            return accuracy
        predicted = self.predict(X)
        right = count_as_right(predicted, y, self.classes_, owner=self)
        weights = None if sample_weight is None else np.asarray(sample_weight)
        return float(np.average(right.astype(np.float64), weights=weights))

    def restore(
        self,
        classes: ArrayLike,
        n_features: int,
        state_dict: dict[str, Tensor],
        *,
        thresholds: ArrayLike | None = None,
        familiarity: Mapping[str, NDArray[Any]] | None = None,
    ) -> Self:
        """Load weights instead of training, and be fitted with them.

        Parameters
        ----------
        classes : array-like of shape (n_classes,)
            Sorted labels.
        n_features : int
            Values per frame.
        state_dict : dict of str to Tensor
            Weights of the module, by name.
        thresholds : array-like of shape (n_classes,), default=None
            Threshold of each label, for clips of several labels.
        familiarity : mapping of str to ndarray, default=None
            What `Familiarity.to_arrays` gave.

        Returns
        -------
        self : SequenceClassifier
            The fitted classifier.
        """
        settings = check_training(self)
        self.classes_ = np.asarray(classes)
        self.multilabel_ = thresholds is not None
        self.thresholds_ = check_thresholds(thresholds, len(self.classes_))
        self.n_features_in_ = int(n_features)
        cpu = torch.device("cpu")
        with seeded(0, cpu):
            module = self.make_module(self.n_features_in_, len(self.classes_))
        module.load_state_dict(state_dict)
        criterion = self._task.criterion(0.0, None, None, owner=self)
        net = make_net(module, criterion, settings=settings, device=cpu)
        net.initialize()
        net.module_.eval()
        net.trim_for_prediction()
        self._finish(net, TrainingRecord())
        if familiarity:
            n_values = net.module_.output.in_features
            self.familiarity_ = Familiarity.from_arrays(familiarity, n_values=n_values)
        return self

    def _finish(self, net: NeuralNet, result: TrainingRecord) -> None:
        self.net_ = net
        self.familiarity_ = None
        self.temperature_ = 1.0
        self.history_ = result.history
        self.n_epochs_ = len(result.history)
        self.best_epoch_ = result.best_epoch
        self.best_state_ = result.states.get("best")
        self.last_state_ = result.states.get("last")

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
        task = learn_task(y, array, owner=self)
        self.classes_ = task.classes
        self.multilabel_ = isinstance(task, MultilabelTask)
        self.thresholds_ = np.full(len(task.classes), 0.5) if self.multilabel_ else None
        targets = task.encode(y, array, owner=self, name="y")
        weights = task.weights(
            sample_weight, self.class_weight, array, targets, owner=self
        )
        kept = weights > 0
        task.check_learnable(targets[kept], owner=self)
        data = make_dataset(array, targets, weights)
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
        targets = self._task.encode(y_val, array, owner=self, name="y_val")
        return make_dataset(array, targets)

    def _sequences(self, X: ArrayLike) -> SequenceDataset:
        return make_dataset(check_sequences(self, X))

    def __sklearn_tags__(self) -> Tags:
        """Tell scikit-learn what X may be.

        NaN past a clip's end is padding, not a missing value: ``allow_nan`` is False.
        """
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.classifier_tags.multi_label = True
        return tags
