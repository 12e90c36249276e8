"""How every classifier of sequences is fitted."""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike
from typing import Any, ClassVar, Self

import numpy as np
import torch
from numpy.random import RandomState
from numpy.typing import ArrayLike, NDArray
from sklearn.utils import Tags, check_random_state
from torch import Tensor, nn

from mfccclf._parameters import check_each, checked_values
from mfccclf._sequence_input import check_sequences
from mfccclf._typing import OnEpoch
from mfccclf._validation import check_int, check_real
from mfccclf.estimators.familiarity.measure import Familiarity, fit_familiarity
from mfccclf.estimators.fitted import FittedClassifier
from mfccclf.estimators.labels.tasks import learn_task
from mfccclf.estimators.labels.thresholds import check_thresholds
from mfccclf.estimators.net_options import InputOptions
from mfccclf.estimators.training.batches import SequenceDataset, make_dataset
from mfccclf.estimators.training.callbacks import copy_state
from mfccclf.estimators.training.checkpoint import Checkpoint
from mfccclf.estimators.training.clips import TrainingClips
from mfccclf.estimators.training.device import resolve_device, seeded
from mfccclf.estimators.training.identity import training_identity
from mfccclf.estimators.training.mixup import make_mixup
from mfccclf.estimators.training.net import TrainingRecord, load_net, train_net
from mfccclf.estimators.training.options import TrainingOptions
from mfccclf.estimators.training.outlier_exposure import (
    Outliers,
    add_outliers,
    outlier_exposure_loss,
)
from mfccclf.estimators.training.threads import one_thread
from mfccclf.estimators.training.transfer import InitialWeights
from mfccclf.estimators.training.validation_split import set_aside

__all__ = ["SequenceClassifier"]


class SequenceClassifier(FittedClassifier):
    """Base of classifiers that train a torch module on sequences.

    Clips have one label each, or any number of them: the y of ``fit`` tells. A subclass
    names its module and the module's parameters, and lists these and those of
    `TrainingOptions` in its ``__init__``.

    Attributes
    ----------
    net_class : type
        The torch module; it takes ``n_features``, ``n_outputs`` and all parameters in
        ``net_options``. It is called with ``X`` and ``lengths``, and its last layer
        is called ``output``.
    net_options : tuple of type
        Dataclasses that declare the module's parameters; `InputOptions` is one.
    """

    net_class: ClassVar[type[nn.Module]]
    net_options: ClassVar[tuple[type, ...]]

    keep: str
    random_state: int | RandomState | None

    def make_module(self, n_features: int, n_outputs: int) -> nn.Module:
        """Check the net's parameters and make an untrained net.

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
        checked: dict[str, Any] = {}
        for declared in self.net_options:
            checked |= checked_values(declared, self)
        with one_thread():
            return self.net_class(n_features=n_features, n_outputs=n_outputs, **checked)

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
        on_epoch: OnEpoch | None = None,
    ) -> Self:
        """Train a new net.

        Parameters
        ----------
        X : array-like of shape (n_clips, n_frames, n_features) or (n_clips, n_features)
            Sequences, NaN in every frame past a clip's end; or one frame per clip.
        y : array-like of shape (n_clips,) or (n_clips, n_labels), or list of tuples
            Labels: strings, ints or whatever numpy can sort. For multilabel data, an
            indicator matrix (1 where a clip has a label), or a list, tuple or set of
            names per clip.
        groups : array-like of shape (n_clips,), default=None
            Group of each clip, such as its speaker. Early stopping then sets whole
            groups aside.
        X_val, y_val : array-like of shape (n_val, ...), default=None
            Clips and labels to score after each epoch, in the form of X and y. With
            early stopping, they decide instead of a part of X.
        X_other : array-like of shape (n_other, ...), default=None
            Out-of-distribution clips, which have none of the labels, in the form of X:
            noise, music, other words. Each epoch sees them all (outlier exposure), and
            learns to give them equal probabilities, or no label with multilabel data.
        other_weight : float, default=0.5
            How much they count together in the loss, against 1 for all clips of X.
        sample_weight : array-like of shape (n_clips,), default=None
            Weight of each clip in the loss; clips of weight 0 are left out.
        checkpoint : path-like, default=None
            File that keeps the state of the training. If it exists, the training is
            resumed from it, and ends with the weights of an uninterrupted one; this
            needs an int ``random_state``. Remove the file when it is no longer needed.
        start_from : mapping of str to Tensor, default=None
            Weights of a net with the same layers, such as
            ``other.net_.module_.state_dict()``. All are used except those of the
            output layer, whose labels may differ.
        freeze : bool, default=False
            Whether to keep these weights as they are, and to train only the output
            layer.
        on_epoch : callable, default=None
            Called as ``on_epoch(row)`` as each epoch ends, with what becomes its row of
            ``history_``.

        Returns
        -------
        self : SequenceClassifier
            The fitted classifier.

        Raises
        ------
        ValueError, TypeError
            If a parameter or the data cannot be used, or training diverges.
        """
        options = check_each(TrainingOptions, self)
        check_real("other_weight", other_weight, above=0, owner=self)
        initial = InitialWeights(start_from, freeze)
        random_state = check_random_state(options.random_state)
        train, kept = self._read_training_clips(X, y, sample_weight, options)
        valid, outliers = None, None
        if X_val is not None or y_val is not None:
            valid = self._read_validation_clips(X_val, y_val)
        elif options.early_stopping:
            fraction = options.validation_fraction
            train, valid = set_aside(
                train, groups, kept, fraction=fraction, random_state=random_state
            )
        if X_other is not None:
            outliers = Outliers(self._read_sequences(X_other), other_weight)
        clips = TrainingClips(train, valid, outliers)
        seed = random_state.randint(np.iinfo(np.int32).max)
        self._train(
            clips, initial, options, seed=seed, checkpoint=checkpoint, on_epoch=on_epoch
        )
        self.familiarity_ = fit_familiarity(self, train, valid)
        return self

    def restore(
        self,
        classes: ArrayLike,
        n_features: int,
        state_dict: dict[str, Tensor],
        *,
        thresholds: ArrayLike | None = None,
        familiarity: Mapping[str, NDArray[Any]] | None = None,
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
        thresholds : array-like of shape (n_classes,), default=None
            Threshold of each label, for multilabel data.
        familiarity : mapping of str to ndarray, default=None
            As `Familiarity.to_arrays` returns it.

        Returns
        -------
        self : SequenceClassifier
            The fitted classifier.

        Raises
        ------
        ValueError, KeyError, RuntimeError
            If a parameter cannot be used, or arrays do not fit the net.
        """
        options = check_each(TrainingOptions, self)
        self.classes_ = np.asarray(classes)
        self.multilabel_ = thresholds is not None
        self.thresholds_ = check_thresholds(thresholds, len(self.classes_))
        self.n_features_in_ = int(n_features)
        with torch.device("meta"):  # no memory for a net that the weights do not fit
            outline = self.make_module(self.n_features_in_, len(self.classes_))
        _check_weights(outline, state_dict)
        with seeded(0, torch.device("cpu")):
            module = self.make_module(self.n_features_in_, len(self.classes_))
        module.load_state_dict(state_dict)
        criterion = self._task.criterion(0.0, None, None, owner=self)
        net = load_net(module, criterion, options=options)
        self._store(net, TrainingRecord())
        if familiarity:
            n_values = net.module_.output.in_features
            self.familiarity_ = Familiarity.from_arrays(familiarity, n_values=n_values)
        return self

    def _read_validation_clips(
        self, X_val: ArrayLike | None, y_val: ArrayLike | None
    ) -> SequenceDataset:
        if X_val is None or y_val is None:
            missing = "X_val" if X_val is None else "y_val"
            raise ValueError(f"{missing} is missing. Pass both X_val and y_val to fit.")
        array, targets = self._read_labelled_clips(X_val, y_val, name="y_val")
        return make_dataset(array, targets)

    def _read_training_clips(
        self,
        X: ArrayLike,
        y: ArrayLike,
        sample_weight: ArrayLike | None,
        options: TrainingOptions,
    ) -> tuple[SequenceDataset, NDArray[np.bool_]]:
        """Learn the labels; return the clips of weight above 0, and a mask of them."""
        array = check_sequences(self, X, reset=True)
        task = learn_task(y, array, owner=self)
        self.classes_ = task.classes
        self.thresholds_ = task.thresholds
        self.multilabel_ = self.thresholds_ is not None
        targets = task.encode(y, array, owner=self, name="y")
        weights = task.weights(
            sample_weight, options.class_weight, array, targets, owner=self
        )
        kept = weights > 0
        task.check_learnable(targets[kept], owner=self)
        clips = make_dataset(array, targets, weights)
        return (clips if kept.all() else clips.subset(np.flatnonzero(kept))), kept

    def _train(
        self,
        clips: TrainingClips,
        initial: InitialWeights,
        options: TrainingOptions,
        *,
        seed: int,
        checkpoint: str | PathLike[str] | None,
        on_epoch: OnEpoch | None,
    ) -> None:
        """Make a net and train it; all random numbers come from the seed."""
        device = resolve_device(options.device, owner=self)
        keeper = None
        if checkpoint is not None:
            keeper = self._make_checkpoint(checkpoint, clips, initial, device)
        augmentation = check_each(InputOptions, self).augmentation
        train, criterion = self._make_loss(clips, options)
        with seeded(seed, device):
            module = self.make_module(self.n_features_in_, len(self.classes_))
            initial.apply(module, owner=self)
            with initial.frozen(module):
                net, record = train_net(
                    module,
                    criterion,
                    train,
                    clips.valid,
                    options=options,
                    device=device,
                    vary=make_mixup(augmentation, clips.train.targets),
                    checkpoint=keeper,
                    on_epoch=on_epoch,
                )
            self._complete_states(net.module_, record, train, device)
        self._store(net, record)

    def _complete_states(
        self,
        module: nn.Module,
        record: TrainingRecord,
        train: SequenceDataset,
        device: torch.device,
    ) -> None:
        """Complete the net, and the weights of either epoch that the record keeps."""
        if not record.states:
            self._complete_net(module, train, device)
            return
        for state in record.states.values():
            module.load_state_dict(state)
            self._complete_net(module, train, device)
            state.update(copy_state(module))
        module.load_state_dict(record.states[self.keep])

    def _complete_net(
        self, module: nn.Module, train: SequenceDataset, device: torch.device
    ) -> None:
        """Learn what epochs of training do not; nothing unless a subclass does."""

    def _make_checkpoint(
        self,
        path: str | PathLike[str],
        clips: TrainingClips,
        initial: InitialWeights,
        device: torch.device,
    ) -> Checkpoint:
        check_int("random_state", self.random_state, minimum=0, owner=self)
        classes = self.classes_.tolist()
        identity = training_identity(
            self.get_params(), clips, initial, classes=classes, device=device
        )
        return Checkpoint(path, identity)

    def _make_loss(
        self, clips: TrainingClips, options: TrainingOptions
    ) -> tuple[SequenceDataset, nn.Module]:
        """Return all clips to learn from, outliers among them, and their loss."""
        train = clips.train
        criterion = self._task.criterion(
            options.label_smoothing, options.class_weight, train.targets, owner=self
        )
        if clips.outliers is None:
            return train, criterion
        criterion = outlier_exposure_loss(criterion, train.targets)
        return add_outliers(train, clips.outliers), criterion

    def __sklearn_tags__(self) -> Tags:
        """Tell scikit-learn what X may be.

        NaN past a clip's end is padding, not a missing value: ``allow_nan`` is False.
        """
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.classifier_tags.multi_label = True
        return tags


def _check_weights(outline: torch.nn.Module, state_dict: Mapping[str, Tensor]) -> None:
    wanted = {name: tuple(one.shape) for name, one in outline.state_dict().items()}
    found = {name: tuple(one.shape) for name, one in state_dict.items()}
    for name in sorted(wanted.keys() | found.keys()):
        if wanted.get(name) != found.get(name):
            raise ValueError(
                f"the weights {name!r} are of shape {found.get(name)}, not "
                f"{wanted.get(name)}"
            )
