"""Keep the vectors of a pre-trained net for speech alone, where they serve better."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.linear_model import RidgeCV
from sklearn.preprocessing import StandardScaler
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted
from threadpoolctl import threadpool_limits

from mfccclf._sequence_input import SequenceTransformer, name_features
from mfccclf._validation import check_int
from mfccclf.estimators.labels.tasks import learn_task
from mfccclf.sequence_statistics import SequenceStatistics

__all__ = ["EmbeddingSelector"]

Floats = NDArray[np.floating[Any]]

# The error needs no more clips than this, and its time grows with their cube.
_MAX_CLIPS = 1000
_PENALTIES = (1e1, 1e2, 1e3, 1e4)


class EmbeddingSelector(SequenceTransformer):
    """Keep the vectors for speech alone if they tell the labels apart better.

    `PretrainedEmbedding` gives vectors of a net for speech and of one for music. Words
    are recognised best from the former alone, from a few clips of unknown voices above
    all; music and other sounds from both. ``fit`` compares the two nets, each by
    itself, by the leave-one-out error of ridge regression [1]_ on `SequenceStatistics`
    (at most 1,000 clips are drawn for it), and keeps the first columns alone where
    their error is less than that of the others.

    Parameters
    ----------
    n_first : int, default=96
        The first columns, which may be kept alone: those of the net for speech.

    Attributes
    ----------
    errors_ : float64 ndarray of shape (2,)
        Mean squared error of the first columns alone and of the others, for labels of
        -1 and 1; NaN where X has no others.
    n_features_in_ : int
        Values per frame that it is given.
    n_features_out_ : int
        Values per frame that it keeps: ``n_first``, or all.
    feature_names_in_ : ndarray of str of shape (n_features,)
        Names of the features, where ``fit`` was given a 2-D data frame.

    References
    ----------
    .. [1] R. M. Rifkin and R. A. Lippert, "Notes on Regularized Least-Squares", MIT,
       2007.

    Examples
    --------
    >>> import numpy as np
    >>> from mfccclf import EmbeddingSelector
    >>> rng = np.random.default_rng(0)
    >>> y = np.repeat([0, 1], 20)
    >>> X = np.c_[y + rng.normal(0, 0.1, 40), rng.normal(size=(40, 3))][:, np.newaxis]
    >>> EmbeddingSelector(n_first=1).fit_transform(X, y).shape
    (40, 1, 1)
    """

    def __init__(self, *, n_first: int = 96) -> None:
        self.n_first = n_first

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Compare the columns.

        Parameters
        ----------
        X : array-like of shape (n_clips, n_frames, n_features) or (n_clips, n_features)
            Sequences, NaN in every frame past a clip's end; or one frame per clip.
        y : array-like of shape (n_clips,) or (n_clips, n_labels)
            One label per clip; or a collection of labels per clip, or an indicator
            matrix.

        Returns
        -------
        self : EmbeddingSelector
            The fitted transformer.

        Raises
        ------
        ValueError, TypeError
            If the labels or X cannot be used.
        """
        n_first = check_int("n_first", self.n_first, minimum=1, owner=self)
        array = self._check_clips(X, reset=True)
        targets = _encode(y, array, owner=self)
        self.errors_ = np.full(2, np.nan)
        self.n_features_out_ = self.n_features_in_
        if n_first < self.n_features_in_:
            # Threads that wait for each other take longer than matrices of this size.
            with threadpool_limits(1, user_api="blas"):
                self.errors_ = _compare(array, targets, n_first)
            if self.errors_[0] < self.errors_[1]:
                self.n_features_out_ = n_first
        return self

    def transform(self, X: ArrayLike) -> Floats:
        """Return the columns that are kept.

        Parameters
        ----------
        X : array-like
            As for ``fit``.

        Returns
        -------
        X_kept : ndarray of shape (n_clips, n_frames, n_kept)
            Or two-dimensional, as X is.

        Raises
        ------
        ValueError
            If X has other features than in ``fit``.
        """
        check_is_fitted(self, "n_features_out_")
        kept = self._check_clips(X)[..., : self.n_features_out_]
        return np.ascontiguousarray(kept)  # a copy only where columns are left out

    def get_feature_names_out(
        self, input_features: ArrayLike | None = None
    ) -> NDArray[np.object_]:
        """Return the names of the columns that are kept.

        Parameters
        ----------
        input_features : array-like of str of shape (n_features,), default=None
            Names of the features; None for "x0" and so on.

        Returns
        -------
        names : ndarray of str objects of shape (n_kept,)
            In the order of the columns.
        """
        check_is_fitted(self, "n_features_out_")
        names = name_features(input_features, self.n_features_in_)
        return names[: self.n_features_out_]

    def __sklearn_tags__(self) -> Tags:
        """Tell scikit-learn what X may be, and that labels are needed."""
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        tags.target_tags.multi_output = True
        return tags


def _encode(y: ArrayLike, X: Floats, *, owner: object) -> Floats:
    """Return one column per class, 1 for clips that have it and -1 for others."""
    task = learn_task(y, X, owner=owner)
    encoded: NDArray[Any] = np.asarray(task.encode(y, X, owner=owner, name="y"))
    if encoded.ndim == 1:
        encoded = encoded[:, np.newaxis] == np.arange(len(task.classes))
    return np.where(encoded > 0, 1.0, -1.0)


def _compare(X: Floats, targets: Floats, n_first: int) -> NDArray[np.float64]:
    if len(X) > _MAX_CLIPS:
        drawn = np.random.RandomState(0).permutation(len(X))[:_MAX_CLIPS]
        X, targets = X[drawn], targets[drawn]
    parts = (X[..., :n_first], X[..., n_first:])
    return np.array([_leave_one_out_error(part, targets) for part in parts])


def _leave_one_out_error(X: Floats, targets: Floats) -> float:
    rows = StandardScaler().fit_transform(SequenceStatistics().fit_transform(X))
    ridge = RidgeCV(alphas=_PENALTIES, store_cv_results=True).fit(rows, targets)
    # (n_clips, n_targets, n_penalties), or without the second axis for one target.
    errors = ridge.cv_results_.reshape(len(rows), -1, len(_PENALTIES))
    return float(errors.mean(axis=(0, 1)).min())
