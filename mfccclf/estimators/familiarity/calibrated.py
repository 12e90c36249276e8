"""What classifiers know of their limits: how familiar a clip is, how sure they are."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from sklearn.utils.validation import check_is_fitted
from skorch import NeuralNet

from mfccclf._sequence_input import check_sequences
from mfccclf._validation import check_int
from mfccclf.estimators.familiarity.cross_calibration import N_FOLDS, hold_out_in_turn
from mfccclf.estimators.familiarity.measure import (
    Familiarity,
    choose_clips,
    learn_familiarity,
)
from mfccclf.estimators.familiarity.temperature import (
    best_temperature,
    scale_thresholds,
)
from mfccclf.estimators.inference import Outputs, compute_outputs
from mfccclf.estimators.labels.tasks import MultilabelTask, SingleLabelTask, Task
from mfccclf.estimators.labels.thresholds import best_thresholds
from mfccclf.estimators.training.batches import SequenceDataset, make_dataset
from mfccclf.estimators.training.device import resolve_device

__all__ = ["PREDICTION_BATCH_SIZE", "CalibratedMixin"]

# Prediction needs no gradients, so it can take more sequences at a time.
PREDICTION_BATCH_SIZE = 256


class CalibratedMixin:
    """Familiarity, calibration and thresholds of classifiers with a ``net_``."""

    batch_size: int
    classes_: NDArray[Any]
    device: str
    familiarity_: Familiarity | None
    multilabel_: bool
    net_: NeuralNet
    temperature_: float
    thresholds_: NDArray[np.float64] | None

    def score_samples(self, X: ArrayLike) -> NDArray[np.float64]:
        """Measure how familiar each clip is.

        A clip is odd if its embedding, which is what the output layer is given, is far
        from the mean of every class, or if the net gives it little energy; the odder of
        the two counts. Familiarity is the share of known clips that are at least as
        odd, so that of clips like them a limit of 0.01 leaves out one in a hundred.
        Known clips are those set aside by early stopping or given as ``X_val``, or
        those of ``calibrate``, with the right label; else those trained on, beside
        which others seem far odder than they are.

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
            If the classifier comes from a file that holds weights alone.
        """
        check_is_fitted(self, "net_")
        if self.familiarity_ is None:
            raise ValueError(
                f"This {type(self).__name__} does not know how familiar a clip is: it "
                "comes from a file without that. Fit it, or call calibrate with clips "
                "that it has not learned from."
            )
        outputs = self._outputs(make_dataset(check_sequences(self, X)))
        return self.familiarity_.measure(outputs, multilabel=self.multilabel_)

    def calibrate(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Make probabilities and familiarity mean what they say.

        Logits are divided by one temperature, that with which the probabilities fit
        these labels best; the output layer takes it in. No clip's label changes.
        Familiarity becomes the share of these clips, of those with the right label.

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
            If y holds unknown labels.
        """
        array, targets = self._more_clips(X, y)
        outputs = self._outputs(make_dataset(array))
        if self.familiarity_ is not None:
            distances = self.familiarity_.gaussians.distances(outputs.embeddings)
            self._calibrate_to(outputs.logits, distances, targets)
            return self
        temperature = best_temperature(outputs.logits, targets)
        self._divide_logits(temperature)
        scaled = Outputs(outputs.logits / temperature, outputs.embeddings)
        self.familiarity_ = learn_familiarity(scaled, targets)
        return self

    def cross_calibrate(
        self,
        X: ArrayLike,
        y: ArrayLike,
        groups: ArrayLike | None = None,
        *,
        n_folds: int = N_FOLDS,
        **fit_options: Any,
    ) -> Self:
        """Do as ``calibrate`` does, without clips that ``fit`` has not seen.

        A copy is trained for each fold, on the clips outside it, and run on those
        inside; so this takes about as long as ``n_folds`` trainings.

        Parameters
        ----------
        X, y : array-like
            The clips of ``fit`` and their labels.
        groups : array-like of shape (n_clips,), default=None
            Group of each clip, such as its speaker; no group is on both sides.
        n_folds : int, default=3
            Number of folds.
        **fit_options
            For ``fit`` of the copies: ``X_other`` and such.

        Returns
        -------
        self : SequenceClassifier
            With new probabilities, and new ``thresholds_`` where it has any.

        Raises
        ------
        ValueError
            If there are too few clips or groups for so many folds.
        """
        check_int("n_folds", n_folds, minimum=2, owner=self)
        array, targets = self._more_clips(X, y)
        held_out = hold_out_in_turn(
            self, array, y, groups, targets=targets, n_folds=n_folds, **fit_options
        )
        self._calibrate_to(held_out.logits, held_out.distances, targets[held_out.rows])
        return self

    def _calibrate_to(
        self,
        logits: NDArray[np.float32],
        distances: NDArray[np.float64],
        targets: NDArray[Any],
    ) -> None:
        """Take over temperature and shares from clips that were not learned from."""
        temperature = best_temperature(logits, targets)
        self._divide_logits(temperature)
        if self.familiarity_ is not None:
            self.familiarity_ = self.familiarity_.calibrated(
                logits / temperature, distances, targets
            )

    def tune_thresholds(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Set each label's threshold to where its F1 score is highest.

        Use clips that ``fit`` has not seen: on those it has, scores are too good and
        thresholds too high.

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
            If each clip has one label, or y holds unknown labels.
        """
        check_is_fitted(self, "net_")
        if self.thresholds_ is None:
            raise ValueError(
                f"This {type(self).__name__} gives each clip one label, so it has no "
                "thresholds. Fit it to an indicator matrix or to sets of labels."
            )
        array, targets = self._more_clips(X, y)
        logits = self._outputs(make_dataset(array)).logits.astype(np.float64)
        proba = self._task.probabilities(logits)
        self.thresholds_ = best_thresholds(targets, proba, self.thresholds_)
        return self

    def _more_clips(
        self, X: ArrayLike, y: ArrayLike
    ) -> tuple[NDArray[np.floating[Any]], NDArray[Any]]:
        """Check clips for a fitted classifier, and turn their labels into targets."""
        check_is_fitted(self, "net_")
        array = check_sequences(self, X)
        return array, self._task.encode(y, array, owner=self, name="y")

    @property
    def _task(self) -> Task:
        if self.thresholds_ is None:
            return SingleLabelTask(self.classes_)
        return MultilabelTask(self.classes_, self.thresholds_)

    def _divide_logits(self, temperature: float) -> None:
        output = self.net_.module_.output
        with torch.no_grad():
            output.weight /= temperature
            output.bias /= temperature
        self.temperature_ *= temperature
        if self.thresholds_ is not None:
            self.thresholds_ = scale_thresholds(self.thresholds_, temperature)

    def _learn_familiarity(
        self, train: SequenceDataset, valid: SequenceDataset | None
    ) -> None:
        known = train.subset(choose_clips(train.targets))
        familiarity = learn_familiarity(self._outputs(known), known.targets)
        if valid is not None:
            held = valid.subset(choose_clips(valid.targets))
            outputs = self._outputs(held)
            distances = familiarity.gaussians.distances(outputs.embeddings)
            familiarity = familiarity.calibrated(
                outputs.logits, distances, held.targets
            )
        self.familiarity_ = familiarity

    def _outputs(self, data: SequenceDataset) -> Outputs:
        module: Any = self.net_.module_
        return compute_outputs(
            module,
            data,
            batch_size=max(PREDICTION_BATCH_SIZE, self.batch_size),
            device=resolve_device(self.device, owner=self),
        )
