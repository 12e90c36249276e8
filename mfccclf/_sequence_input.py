"""Check the X of estimators: 3-D sequences, or 2-D with one frame per clip."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils import Tags
from sklearn.utils.validation import assert_all_finite, check_array, validate_data

from mfccclf._array_blocks import row_blocks
from mfccclf.sequences import sequence_lengths

__all__ = ["SequenceTransformer", "check_sequences", "name_features"]


class SequenceTransformer(
    TransformerMixin,  # type: ignore[misc]
    BaseEstimator,  # type: ignore[misc]
):
    """Base of transformers between a front end and a classifier."""

    def _check_clips(
        self, X: ArrayLike, *, reset: bool = False
    ) -> NDArray[np.floating[Any]]:
        """Check X as `check_sequences` does, and that no frame is NaN in part."""
        array = check_sequences(self, X, reset=reset)
        if array.ndim == 3:
            sequence_lengths(array)
        return array

    def __sklearn_tags__(self) -> Tags:
        """Tell scikit-learn what X may be.

        NaN past a clip's end is padding, not a missing value: ``allow_nan`` is False.
        """
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags


def name_features(
    input_features: ArrayLike | None, n_features: int
) -> NDArray[np.object_]:
    """Return the names of a transformer's input; "x0" and so on where there are none.

    Parameters
    ----------
    input_features : array-like of str or None
        As scikit-learn's ``get_feature_names_out`` takes it.
    n_features : int
        Values per frame.
    """
    if input_features is None:
        return np.array([f"x{index}" for index in range(n_features)], object)
    return np.asarray(input_features, object)


def check_sequences(
    estimator: Any, X: Any, *, reset: bool = False
) -> NDArray[np.floating[Any]]:
    """Check X for an estimator, and its number of features.

    Parameters
    ----------
    estimator : estimator
        Whose ``n_features_in_`` is set or compared.
    X : array-like of shape (n_clips, n_frames, n_features) or (n_clips, n_features)
        Sequences; NaN is accepted in 3-D input only.
    reset : bool, default=False
        Whether to set ``n_features_in_``, as in ``fit``, instead of comparing.

    Returns
    -------
    X : float32 or float64 ndarray of the same shape
        Not copied if it is such an array already.

    Raises
    ------
    ValueError
        If X has other dimensions, more or fewer features than in ``fit``, or infinite
        values.
    TypeError
        If X is sparse or not made of numbers.
    """
    dtypes = [np.float32, np.float64]
    if _n_dimensions(X) < 3:
        rows: NDArray[np.floating[Any]] = validate_data(
            estimator, X, reset=reset, dtype=dtypes
        )
        return rows
    sequences: NDArray[np.floating[Any]] = check_array(
        X,
        dtype=dtypes,
        allow_nd=True,
        ensure_all_finite=False,
        estimator=estimator,
        input_name="X",
    )
    _check_finite(estimator, sequences)
    _check_shape(estimator, sequences.shape)
    _check_n_features(estimator, sequences.shape[2], reset=reset)
    return sequences


def _check_finite(estimator: Any, X: NDArray[np.floating[Any]]) -> None:
    """Raise scikit-learn's error for infinite values, checking some clips at a time.

    Its own check makes a mask of all of X, which may be mapped from a file.
    """
    for block in row_blocks(X):
        assert_all_finite(
            block,
            allow_nan=True,
            estimator_name=type(estimator).__name__,
            input_name="X",
        )


def _n_dimensions(X: Any) -> int:
    try:
        n_dimensions: int = X.ndim if hasattr(X, "ndim") else np.asarray(X).ndim
    except ValueError as exc:  # numpy cannot stack a ragged list
        raise ValueError(
            "X is a list of sequences of different shapes. It must be one array of "
            "shape (n_clips, n_frames, n_features), NaN past a sequence's end. Stack "
            "them with mfccclf.pad_sequences."
        ) from exc
    first = X[0] if n_dimensions == 1 and isinstance(X, (list, tuple)) and X else X
    if isinstance(first, str) or hasattr(first, "__fspath__"):
        raise ValueError(
            "X holds file paths. It must be an array of shape (n_clips, n_frames, "
            "n_features). Use mfccclf.make_pipeline, or extract features first with "
            "MFCCExtractor."
        )
    return n_dimensions


def _check_shape(estimator: Any, shape: tuple[int, ...]) -> None:
    if len(shape) == 3 and min(shape) > 0:
        return
    raise ValueError(
        f"X has shape {shape}. {type(estimator).__name__} accepts arrays of shape "
        "(n_clips, n_frames, n_features), none of these zero, or of shape (n_clips, "
        "n_features)."
    )


def _check_n_features(estimator: Any, n_features: int, *, reset: bool) -> None:
    if reset:
        estimator.n_features_in_ = n_features
        # Names of a data frame that an earlier fit saw no longer apply.
        vars(estimator).pop("feature_names_in_", None)
    elif n_features != estimator.n_features_in_:
        raise ValueError(
            f"X has {n_features} features, but {type(estimator).__name__} is expecting "
            f"{estimator.n_features_in_} features as input."
        )
