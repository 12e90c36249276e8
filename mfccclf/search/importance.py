"""How much a classifier's score depends on each block of features."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.metrics import check_scoring
from sklearn.utils import Bunch, check_random_state

from mfccclf._validation import argument_error, check_int

__all__ = ["block_importance"]


def block_importance(
    classifier: Any,
    X: ArrayLike,
    y: ArrayLike,
    feature_names: Sequence[str],
    *,
    scoring: str = "accuracy",
    n_repeats: int = 5,
    random_state: int | None = None,
) -> dict[str, Bunch]:
    """Shuffle one block of features among the clips, and measure the loss of score.

    This is permutation importance [1]_, as in ``sklearn.inspection``, which accepts no
    3-D X. It goes by blocks of columns: single coefficients say little, and can replace
    one another.

    Parameters
    ----------
    classifier : estimator
        Fitted; takes X, as the part of a pipeline after the front end does:
        ``pipeline[1:]``.
    X : array-like of shape (n_clips, n_frames, n_features)
        Sequences not seen in training.
    y : array-like of shape (n_clips,)
        Their labels.
    feature_names : sequence of str, of shape (n_features,)
        Names of the columns, as ``MFCCExtractor.get_feature_names_out`` returns them;
        a name without its number is the block's.
    scoring : str, default="accuracy"
        Name of one of scikit-learn's scorers.
    n_repeats : int, default=5
        Shuffles per block.
    random_state : int or None, default=None
        Seed of the shuffling.

    Returns
    -------
    importances : dict of str to Bunch
        For each block the ``importances`` of shape (n_repeats,), with
        ``importances_mean`` and ``importances_std``.

    Raises
    ------
    ValueError
        If the names do not fit X.

    References
    ----------
    .. [1] L. Breiman, "Random Forests", Machine Learning 45(1), 2001.

    Examples
    --------
    >>> import numpy as np
    >>> from mfccclf import LSTMClassifier
    >>> from mfccclf.search import block_importance
    >>> rng = np.random.default_rng(0)
    >>> y = np.repeat([0, 1], 20)
    >>> X = rng.normal(0, 0.1, (40, 5, 3))
    >>> X[:, :, 0] += y[:, None]
    >>> classifier = LSTMClassifier(
    ...     hidden_sizes=(4,), max_epochs=20, lr=0.03, random_state=0
    ... ).fit(X, y)
    >>> result = block_importance(
    ...     classifier, X, y, ["centroid", "mfcc_0", "mfcc_1"], random_state=0
    ... )
    >>> result["centroid"].importances_mean > 0.3, result["mfcc"].importances_mean < 0.1
    (np.True_, np.True_)
    """
    array = np.asarray(X)
    check_int("n_repeats", n_repeats, minimum=1, owner="block_importance")
    if array.ndim != 3 or array.shape[2] != len(feature_names):
        expected = f"one name per column of X, which has shape {array.shape}"
        raise argument_error(
            "feature_names", list(feature_names), expected, owner="block_importance"
        )
    scorer = check_scoring(classifier, scoring=scoring)
    whole = scorer(classifier, array, y)
    generator = check_random_state(random_state)
    result = {}
    for block, columns in _blocks(feature_names).items():
        losses = np.empty(n_repeats)
        for repeat in range(n_repeats):
            shuffled = _shuffle(array, columns, generator)
            losses[repeat] = whole - scorer(classifier, shuffled, y)
        result[block] = Bunch(
            importances=losses,
            importances_mean=losses.mean(),
            importances_std=losses.std(),
        )
    return result


def _blocks(names: Sequence[str]) -> dict[str, list[int]]:
    blocks: dict[str, list[int]] = {}
    for column, name in enumerate(names):
        blocks.setdefault(re.sub(r"_\d+$", "", str(name)), []).append(column)
    return blocks


def _shuffle(
    X: NDArray[Any], columns: list[int], generator: np.random.RandomState
) -> NDArray[Any]:
    """Give each clip the columns of another, stretched to the clip's own length.

    Clips differ in length, and NaN must stay past the end of each clip, nowhere else.
    """
    lengths = (~np.isnan(X).all(axis=2)).sum(axis=1)
    shuffled = X.copy()
    for clip, other in enumerate(generator.permutation(len(X))):
        frames = np.arange(lengths[clip]) * lengths[other] // lengths[clip]
        rows = np.arange(lengths[clip])[:, None]
        shuffled[clip][rows, columns] = X[other][frames[:, None], columns]
    return shuffled
