"""What a classifier of sequences does once it is fitted."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_is_fitted
from skorch import NeuralNet

from mfccclf._sequence_input import check_sequences
from mfccclf._validation import check_int
from mfccclf.estimators.familiarity.calibration import (
    CalibrationFit,
    calibrate_held_out,
    calibrate_outputs,
)
from mfccclf.estimators.familiarity.cross_calibration import N_FOLDS, hold_out_in_turn
from mfccclf.estimators.familiarity.measure import Familiarity
from mfccclf.estimators.familiarity.temperature import scale_thresholds
from mfccclf.estimators.labels.multilabel import count_as_right
from mfccclf.estimators.labels.tasks import Task, make_task
from mfccclf.estimators.labels.thresholds import best_thresholds
from mfccclf.estimators.training.batches import SequenceDataset, make_dataset
from mfccclf.estimators.training.inference import run_net
from mfccclf.estimators.training.net import TrainingRecord

__all__ = ["FITTED_ATTRIBUTES", "FittedClassifier"]

FITTED_ATTRIBUTES = """
classes_ : ndarray of shape (n_classes,)
    Sorted labels. If y was an indicator matrix, the numbers of its columns; if it
    was a data frame, their names.
multilabel_ : bool
    Whether a clip may have any number of labels.
thresholds_ : float64 ndarray of shape (n_classes,), or None
    Probability from which each label is predicted: 0.5, or as ``tune_thresholds``
    sets it. None where each clip has one label.
familiarity_ : Familiarity or None
    What ``score_samples`` compares clips with; None if only weights were loaded.
temperature_ : float
    What ``calibrate`` has divided the logits by; 1 before, and in a loaded model.
n_features_in_ : int
    Values per frame.
feature_names_in_ : ndarray of str of shape (n_features,)
    Names of the features, if ``fit`` was given a 2-D data frame.
history_ : list of dict
    Per epoch: epoch, train_loss, train_accuracy, valid_loss, valid_accuracy, lr,
    duration_s. Training scores are taken while learning, with dropout. With
    multilabel data, a clip counts as right if all its labels are, at thresholds of
    0.5.
n_epochs_ : int
    Number of epochs trained.
best_epoch_ : int or None
    Best epoch, from 1; None without validation data.
best_state_, last_state_ : dict of str to Tensor, or None
    Weights of the best and of the last epoch; None without validation data.
"""


class FittedClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Base of classifiers with a net: predictions, scores and calibration."""

    batch_size: int
    device: str

    classes_: NDArray[Any]
    familiarity_: Familiarity | None
    multilabel_: bool
    n_features_in_: int
    net_: NeuralNet
    temperature_: float
    thresholds_: NDArray[np.float64] | None

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
            label; with multilabel data, each column is independent.
        """
        check_is_fitted(self, "net_")
        logits = run_net(self, self._read_sequences(X)).logits
        return self._task.probabilities(logits.astype(np.float64))

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Predict the most probable class, or the labels above their thresholds.

        Parameters
        ----------
        X : array-like
            As for ``fit``.

        Returns
        -------
        labels : ndarray of shape (n_clips,) or (n_clips, n_labels)
            Labels as in y; with multilabel data an int64 indicator matrix with columns
            in the order of ``classes_``, which scikit-learn's metrics accept. See
            ``predict_labels`` for names.
        """
        check_is_fitted(self, "net_")
        return self._task.decide(self.predict_proba(X))

    def predict_labels(self, X: ArrayLike) -> list[tuple[Any, ...]]:
        """Predict the labels of each clip, by name.

        Parameters
        ----------
        X : array-like
            As for ``fit``.

        Returns
        -------
        labels : list of tuple
            One label per clip; with multilabel data, those at or above their
            thresholds, perhaps none.
        """
        predicted = self.predict(X)
        if not self.multilabel_:
            return [(label,) for label in predicted.tolist()]
        names = self.classes_.tolist()
        return [tuple(names[k] for k in np.flatnonzero(row)) for row in predicted]

    def score(
        self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> float:
        """Compute the share of clips whose labels are all predicted, and no other.

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

    def score_samples(self, X: ArrayLike) -> NDArray[np.float64]:
        """Measure how familiar each clip is.

        A clip is unfamiliar if its embedding, the input of the output layer, is far
        from the mean of every class, or if the net gives it little energy; the worse
        of the two counts. Familiarity is the share of known clips that are at least as
        unfamiliar, so a limit of 0.01 rejects one in a hundred clips like them. Known
        clips are those set aside by early stopping, given as ``X_val`` or given to
        ``calibrate``, if their label is right. Without any, they are the training
        clips, and clips that the net was not trained on seem far less familiar than
        they are.

        Parameters
        ----------
        X : array-like
            As for ``fit``.

        Returns
        -------
        familiarity : float64 ndarray of shape (n_clips,)
            Above 0 and at most 1.

        Raises
        ------
        ValueError
            If the classifier was loaded from a file with weights alone.
        """
        check_is_fitted(self, "net_")
        if self.familiarity_ is None:
            raise ValueError(
                f"This {type(self).__name__} does not know how familiar a clip is: it "
                "was loaded from a file with weights alone. Fit it, or call calibrate "
                "with clips that it was not trained on."
            )
        outputs = run_net(self, self._read_sequences(X))
        return self.familiarity_.measure(outputs, multilabel=self.multilabel_)

    def calibrate(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Make probabilities and familiarity reliable, with held-out clips.

        All logits are divided by one temperature, with which the probabilities fit
        these labels best; it becomes part of the output layer. No prediction changes.
        Familiarity becomes the share of those of these clips whose label is right.

        Parameters
        ----------
        X : array-like
            As for ``fit``; clips that ``fit`` has not seen, such as ``X_val``.
        y : array-like
            Their labels, as for ``fit``.

        Returns
        -------
        self : SequenceClassifier
            With new probabilities, and new ``thresholds_`` where it has any.

        Raises
        ------
        ValueError
            If y has unknown labels.
        """
        check_is_fitted(self, "net_")
        array, targets = self._read_labelled_clips(X, y)
        outputs = run_net(self, make_dataset(array))
        self._apply(calibrate_outputs(self.familiarity_, outputs, targets))
        return self

    def cross_calibrate(
        self,
        X: ArrayLike,
        y: ArrayLike,
        groups: ArrayLike | None = None,
        *,
        n_folds: int = N_FOLDS,
        measured: ArrayLike | None = None,
        **fit_options: Any,
    ) -> Self:
        """Calibrate without held-out clips, by cross-validation on the training clips.

        For each fold, a copy is trained on the other clips and run on those of the
        fold, so this takes about as long as ``n_folds`` trainings. The rest is as for
        ``calibrate``.

        Parameters
        ----------
        X, y : array-like
            The clips and labels of the training, as for ``fit``.
        groups : array-like of shape (n_clips,), default=None
            Group of each clip, such as its speaker; no group is split.
        n_folds : int, default=3
            Number of folds.
        measured : array-like of bool of shape (n_clips,), default=None
            Which clips to calibrate on, such as those that are not varied copies of
            others; None for all. Every clip is learned from.
        **fit_options
            For ``fit`` of the copies: ``X_other`` and the like.

        Returns
        -------
        self : SequenceClassifier
            With new probabilities, and new ``thresholds_`` where it has any.

        Raises
        ------
        ValueError
            If there are too few clips or groups for so many folds.
        """
        check_is_fitted(self, "net_")
        check_int("n_folds", n_folds, minimum=2, owner=self)
        array, targets = self._read_labelled_clips(X, y)
        chosen = None if measured is None else np.asarray(measured, bool)
        held_out = hold_out_in_turn(
            self,
            array,
            y,
            groups,
            targets=targets,
            n_folds=n_folds,
            measured=chosen,
            **fit_options,
        )
        self._apply(calibrate_held_out(self.familiarity_, held_out, targets))
        return self

    def tune_thresholds(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Set each label's threshold to where its F1 score is highest.

        Use clips that ``fit`` has not seen: on training clips, scores are too good and
        thresholds become too high.

        Parameters
        ----------
        X : array-like
            As for ``fit``.
        y : indicator matrix of shape (n_clips, n_labels), or list of tuples
            Labels, as for ``fit``.

        Returns
        -------
        self : SequenceClassifier
            With new ``thresholds_``; a label that no clip has keeps its own.

        Raises
        ------
        ValueError
            If each clip has one label, or y has unknown labels.
        """
        check_is_fitted(self, "net_")
        if self.thresholds_ is None:
            raise ValueError(
                f"This {type(self).__name__} gives each clip one label, so it has no "
                "thresholds. Fit it to an indicator matrix or to sets of labels."
            )
        array, targets = self._read_labelled_clips(X, y)
        logits = run_net(self, make_dataset(array)).logits.astype(np.float64)
        proba = self._task.probabilities(logits)
        self.thresholds_ = best_thresholds(targets, proba, self.thresholds_)
        return self

    @property
    def _task(self) -> Task:
        return make_task(self.classes_, self.thresholds_)

    def _read_sequences(self, X: ArrayLike) -> SequenceDataset:
        return make_dataset(check_sequences(self, X))

    def _read_labelled_clips(
        self, X: ArrayLike, y: ArrayLike, *, name: str = "y"
    ) -> tuple[NDArray[np.floating[Any]], NDArray[Any]]:
        """Check clips of known classes, and turn their labels into targets."""
        array = check_sequences(self, X)
        return array, self._task.encode(y, array, owner=self, name=name)

    def _store(self, net: NeuralNet, record: TrainingRecord) -> None:
        self.net_ = net
        self.familiarity_ = None
        self.temperature_ = 1.0
        self.history_ = record.history
        self.n_epochs_ = len(record.history)
        self.best_epoch_ = record.best_epoch
        self.best_state_ = record.states.get("best")
        self.last_state_ = record.states.get("last")

    def _apply(self, calibration: CalibrationFit) -> None:
        temperature = calibration.temperature
        self.net_.module_.divide_logits(temperature)
        self.temperature_ *= temperature
        self.familiarity_ = calibration.familiarity
        if self.thresholds_ is not None:
            self.thresholds_ = scale_thresholds(self.thresholds_, temperature)
