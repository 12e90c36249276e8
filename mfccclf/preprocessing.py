"""Standardise the features of sequences."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import OneToOneFeatureMixin
from sklearn.utils.validation import check_is_fitted

from mfccclf._array_blocks import row_blocks
from mfccclf._sequence_input import SequenceTransformer
from mfccclf._validation import check_bool, check_choice
from mfccclf.sequences import sequence_lengths

__all__ = ["SequenceStandardScaler"]

Floats = NDArray[np.floating[Any]]


class SequenceStandardScaler(
    OneToOneFeatureMixin,  # type: ignore[misc]
    SequenceTransformer,
):
    """Give each feature mean 0 and standard deviation 1 over all true frames.

    Frames past a clip's end (all NaN) are left out of the statistics and stay NaN.

    Parameters
    ----------
    with_mean : bool, default=True
        Whether to subtract the mean.
    with_std : bool, default=True
        Whether to divide by the standard deviation. A feature that never changes is
        divided by 1.
    scope : {"dataset", "clip"}, default="dataset"
        Whether the statistics are those of the data given to ``fit``, or of each clip
        on its own. The latter removes what is constant over a recording, such as the
        colour of a microphone, and ``fit`` then learns only the number of features.

    Attributes
    ----------
    mean_ : float64 ndarray of shape (n_features,)
        Mean of each feature. Only with ``scope="dataset"``.
    scale_ : float64 ndarray of shape (n_features,)
        Standard deviation of each feature, 1 where it is zero. Only with
        ``scope="dataset"``.
    n_features_in_ : int
        Number of features seen in ``fit``.
    feature_names_in_ : ndarray of str of shape (n_features,)
        Names of the features, where ``fit`` was given a 2-D data frame.

    Examples
    --------
    >>> import numpy as np
    >>> from mfccclf import SequenceStandardScaler
    >>> X = np.array([[[1.0], [3.0]], [[5.0], [np.nan]]])
    >>> scaler = SequenceStandardScaler().fit(X)
    >>> scaler.mean_
    array([3.])
    >>> scaler.transform(X)[:, :, 0].round(3)
    array([[-1.225,  0.   ],
           [ 1.225,    nan]])
    """

    def __init__(
        self,
        *,
        with_mean: bool = True,
        with_std: bool = True,
        scope: str = "dataset",
    ) -> None:
        self.with_mean = with_mean
        self.with_std = with_std
        self.scope = scope

    def fit(self, X: ArrayLike, y: object = None) -> Self:
        """Learn mean and standard deviation of each feature.

        Parameters
        ----------
        X : array-like of shape (n_clips, n_frames, n_features) or (n_clips, n_features)
            Sequences, NaN in every frame past a clip's end; or one frame per clip.
        y : ignored
            For compatibility with scikit-learn.

        Returns
        -------
        self : SequenceStandardScaler
            The fitted scaler.

        Raises
        ------
        ValueError
            If a parameter or the shape of X is wrong, or X has infinite values, or NaN
            in a part of a frame or before a clip's last true frame.
        """
        check_bool("with_mean", self.with_mean, owner=self)
        check_bool("with_std", self.with_std, owner=self)
        check_choice("scope", self.scope, ["dataset", "clip"], owner=self)
        array = self._check(X, reset=True)
        if self.scope == "dataset":
            self.mean_, self.scale_ = _statistics(array)
        return self

    def transform(self, X: ArrayLike) -> Floats:
        """Standardise sequences.

        Parameters
        ----------
        X : array-like
            As for ``fit``.

        Returns
        -------
        X_scaled : ndarray of the shape of X
            float32 where X is, else float64.
        """
        check_is_fitted(self, "n_features_in_")
        array = self._check(X)
        if self.scope == "clip":
            return np.stack([self._scale_clip(sequence) for sequence in array])
        return self._scale(array, self.mean_, self.scale_)

    def inverse_transform(self, X: ArrayLike) -> Floats:
        """Convert standardised sequences back to their original units.

        Parameters
        ----------
        X : array-like
            As ``transform`` returns it.

        Returns
        -------
        X_original : ndarray of the shape of X
            float32 where X is, else float64.

        Raises
        ------
        ValueError
            If ``scope="clip"``, since the statistics are not kept.
        """
        check_is_fitted(self, "n_features_in_")
        if self.scope == "clip":
            raise ValueError(
                "SequenceStandardScaler(scope='clip') cannot be inverted: it does not "
                "keep the mean of each clip. Use scope='dataset'."
            )
        array = self._check(X)
        scaled = array * self.scale_ if self.with_std else array
        original = scaled + self.mean_ if self.with_mean else scaled
        return original.astype(array.dtype)

    def _check(self, X: ArrayLike, *, reset: bool = False) -> Floats:
        array = self._check_clips(X, reset=reset)
        if array.ndim == 2 and self.scope == "clip":
            raise ValueError(
                "SequenceStandardScaler(scope='clip') was given a 2-D X: one frame "
                "minus its own mean is zero. It accepts X of shape (n_clips, "
                "n_frames, n_features). Use scope='dataset'."
            )
        return array

    def _scale_clip(self, sequence: Floats) -> Floats:
        if not len(_true_frames(sequence[None])):
            return sequence
        return self._scale(sequence, *_statistics(sequence[None]))

    def _scale(self, X: Floats, mean: Floats, scale: Floats) -> Floats:
        scaled = X - mean if self.with_mean else X.astype(np.float64)
        if self.with_std:
            scaled /= scale
        return scaled.astype(X.dtype)


def _true_frames(X: Floats) -> Floats:
    """Return all true frames of X, of shape (total n_frames, n_features)."""
    if X.ndim == 2:
        return X
    lengths = sequence_lengths(X)
    if lengths.min() == X.shape[1]:
        return X.reshape(-1, X.shape[2])
    frames: Floats = X[np.arange(X.shape[1]) < lengths[:, None]]
    return frames


def _statistics(X: Floats) -> tuple[Floats, Floats]:
    """Return mean and deviation of each feature over all true frames.

    Some clips at a time, so that an X mapped from a file is never in memory whole.
    """
    count, total = 0, np.zeros(X.shape[-1])
    for block in row_blocks(X):
        frames = _true_frames(block)
        count += len(frames)
        total += frames.sum(axis=0, dtype=np.float64)
    mean = total / count
    squares = [
        np.square(_true_frames(block) - mean).sum(axis=0) for block in row_blocks(X)
    ]
    scale = np.sqrt(np.sum(squares, axis=0) / count)
    # Rounding gives a constant feature a tiny deviation, which must not be scaled up.
    scale[scale <= 10 * np.finfo(np.float64).eps * np.abs(mean)] = 1.0
    return mean, scale
