"""One row of numbers per sequence, for classifiers that do not read sequences."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.utils.validation import check_is_fitted

from mfccclf._sequence_input import (
    SequenceTransformer,
    check_sequences,
    name_features,
)
from mfccclf._validation import argument_error, suggest
from mfccclf.sequences import sequence_lengths

__all__ = ["SequenceStatistics"]

Floats = NDArray[np.floating[Any]]
# Frames (n_frames, n_features) to one value per feature.
Statistic = Callable[[Floats], Any]


_STATISTICS: Mapping[str, Statistic] = {
    "mean": partial(np.mean, axis=0, dtype=np.float64),
    "std": partial(np.std, axis=0, dtype=np.float64),
    "max": partial(np.max, axis=0),
    "min": partial(np.min, axis=0),
}


class SequenceStatistics(SequenceTransformer):
    """Turn sequences into one row each: statistics over their true frames.

    Any scikit-learn classifier can then follow any front end. With a few clips per
    label, a linear classifier of such rows is often the best there is.

    Parameters
    ----------
    statistics : sequence of {"mean", "std", "max", "min"}, \
default=("mean", "std", "max")
        What to compute of each feature; all features of a statistic come together.

    Attributes
    ----------
    n_features_in_ : int
        Values per frame.
    n_features_out_ : int
        Numbers per row.
    feature_names_in_ : ndarray of str of shape (n_features,)
        Names of the features, where ``fit`` was given a 2-D data frame.

    Examples
    --------
    >>> import numpy as np
    >>> from mfccclf import SequenceStatistics
    >>> X = np.array([[[1.0], [3.0]], [[5.0], [np.nan]]])
    >>> SequenceStatistics().fit_transform(X)
    array([[2., 1., 3.],
           [5., 0., 5.]])
    """

    def __init__(self, *, statistics: Sequence[str] = ("mean", "std", "max")) -> None:
        self.statistics = statistics

    def fit(self, X: ArrayLike, y: object = None) -> Self:
        """Check the parameters and learn the number of features.

        Parameters
        ----------
        X : array-like of shape (n_clips, n_frames, n_features) or (n_clips, n_features)
            Sequences, NaN in every frame past a clip's end; or one frame per clip.
        y : ignored
            Here for scikit-learn's sake.

        Returns
        -------
        self : SequenceStatistics
            The fitted transformer.

        Raises
        ------
        ValueError
            If a statistic is unknown, or X is not an array of sequences.
        """
        self._check_statistics()
        _true_frames(check_sequences(self, X, reset=True))
        self.n_features_out_ = self.n_features_in_ * len(self.statistics)
        return self

    def transform(self, X: ArrayLike) -> Floats:
        """Compute the statistics of each sequence.

        Parameters
        ----------
        X : array-like
            As for ``fit``.

        Returns
        -------
        X_rows : ndarray of shape (n_clips, n_statistics * n_features)
            float32 where X is, else float64.

        Raises
        ------
        ValueError
            If a sequence has no true frame, or other features than in ``fit``.
        """
        check_is_fitted(self, "n_features_in_")
        statistics = [_STATISTICS[name] for name in self._check_statistics()]
        array = check_sequences(self, X)
        rows = [
            np.concatenate([statistic(frames) for statistic in statistics])
            for frames in _true_frames(array)
        ]
        return np.stack(rows).astype(array.dtype)

    def get_feature_names_out(
        self, input_features: ArrayLike | None = None
    ) -> NDArray[np.object_]:
        """Return the names of the columns, such as "mean_speech_0".

        Parameters
        ----------
        input_features : array-like of str of shape (n_features,), default=None
            Names of the features; None for "x0" and so on.

        Returns
        -------
        names : ndarray of str objects of shape (n_statistics * n_features,)
            In the order of the columns.
        """
        check_is_fitted(self, "n_features_in_")
        names = name_features(input_features, self.n_features_in_)
        return np.array(
            [f"{kind}_{name}" for kind in self.statistics for name in names], object
        )

    def _check_statistics(self) -> tuple[str, ...]:
        expected = "a sequence of " + ", ".join(map(repr, _STATISTICS))
        names = self.statistics
        if isinstance(names, str) or not isinstance(names, Sequence) or not names:
            raise argument_error("statistics", names, expected, owner=self)
        for name in names:
            if name not in _STATISTICS:
                hint = suggest(name, _STATISTICS)
                raise argument_error(
                    "statistics", names, expected, owner=self, hint=hint
                )
        return tuple(names)


def _true_frames(X: Floats) -> list[Floats]:
    """Return each sequence's frames (n_frames, n_features), without padding."""
    if X.ndim == 2:
        return [row[np.newaxis] for row in X]
    lengths = sequence_lengths(X)
    if lengths.min() == 0:
        raise ValueError(
            f"Sequence {int(np.argmin(lengths))} of X has no true frame: it is all "
            "NaN. Leave it out."
        )
    return [sequence[:length] for sequence, length in zip(X, lengths, strict=True)]
