"""The learning curves of a net, as a display in scikit-learn's manner."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self

from mfccclf._validation import argument_error
from mfccclf.plots._canvas import pyplot_figure
from mfccclf.plots.curves import CURVES_SIZE, draw_learning_curves

__all__ = ["LearningCurveDisplay"]

_KEYS = ("train_loss", "train_accuracy", "valid_loss", "valid_accuracy")


class LearningCurveDisplay:
    """Loss and accuracy of a net over the epochs of its training.

    Not to be confused with `sklearn.model_selection.LearningCurveDisplay`, which shows
    scores over numbers of clips, and works with these classifiers, too.

    Parameters
    ----------
    history : sequence of mapping
        One per epoch, as `LSTMClassifier` has them in ``history_``.
    kept_epoch : int or None, default=None
        Epoch whose weights the net has, from 1; it is marked.

    Attributes
    ----------
    figure_ : matplotlib.figure.Figure
        The picture.
    axes_ : list of matplotlib.axes.Axes
        Loss and accuracy.

    Raises
    ------
    ValueError
        If there are no epochs, or one lacks its scores.

    Examples
    --------
    >>> import numpy as np
    >>> from mfccclf import LSTMClassifier
    >>> from mfccclf.plots import LearningCurveDisplay
    >>> X = np.random.default_rng(0).normal(size=(8, 5, 3)).astype("float32")
    >>> net = LSTMClassifier(hidden_sizes=(4,), max_epochs=3, random_state=0)
    >>> net.fit(X, [0, 1] * 4)  # doctest: +SKIP
    >>> LearningCurveDisplay.from_estimator(net)  # doctest: +SKIP
    """

    figure_: Any
    axes_: Any

    def __init__(
        self, history: Sequence[Mapping[str, Any]], *, kept_epoch: int | None = None
    ) -> None:
        if not len(history) or any(key not in row for row in history for key in _KEYS):
            kind = f"epochs, each with {', '.join(_KEYS)}"
            raise argument_error("history", history, kind, owner=self)
        self.history = history
        self.kept_epoch = kept_epoch

    @classmethod
    def from_estimator(cls, estimator: Any) -> Self:
        """Draw the learning curves of a fitted classifier.

        Parameters
        ----------
        estimator : LSTMClassifier, CNNClassifier or Pipeline
            A fitted net, or a pipeline that ends with one.

        Returns
        -------
        display : LearningCurveDisplay
            Drawn.

        Raises
        ------
        ValueError
            If there is no history: the classifier is of another kind, is not fitted or
            comes from a model file, which keeps none.
        """
        final = estimator[-1] if hasattr(estimator, "steps") else estimator
        history = getattr(final, "history_", None)
        if not history:
            raise ValueError(
                f"{type(final).__name__} has no learning curves. Fit an LSTMClassifier "
                "or a CNNClassifier first; model files keep no curves."
            )
        return cls(history, kept_epoch=final.best_epoch_).plot()

    def plot(self) -> Self:
        """Draw on a new figure of pyplot.

        Returns
        -------
        self : LearningCurveDisplay
            With ``figure_`` and ``axes_``.

        Raises
        ------
        MissingExtraError
            If Matplotlib is not installed.
        """
        curves = [[row[key] for row in self.history] for key in _KEYS]
        self.figure_ = pyplot_figure(*CURVES_SIZE)
        draw_learning_curves(self.figure_, *curves, kept_epoch=self.kept_epoch)
        self.axes_ = self.figure_.axes
        return self
