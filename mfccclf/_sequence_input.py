"""Check the X of estimators: 3-D sequences, or 2-D with one frame per clip."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.validation import assert_all_finite, check_array, validate_data

from mfccclf._array_blocks import row_blocks

__all__ = ["check_sequences"]


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
