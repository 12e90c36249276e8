"""What a model file says about its classifier, be it a net or scikit-learn's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

__all__ = ["ClassifierFacts"]


@dataclass(frozen=True)
class ClassifierFacts:
    """What the rest of a model file needs to know about a fitted classifier.

    Attributes
    ----------
    classes : ndarray of shape (n_classes,)
        Sorted labels.
    multilabel : bool
        Whether a clip may have any number of labels.
    thresholds : ndarray of shape (n_classes,) or None
        Least score of each label; None unless multilabel.
    familiarity : object or None
        What measures how familiar a clip is; scikit-learn's classifiers have none.
    """

    classes: NDArray[Any]
    multilabel: bool
    thresholds: NDArray[np.float64] | None
    familiarity: Any

    @classmethod
    def of(cls, classifier: Any) -> Self:
        """Read them from a fitted classifier."""
        return cls(
            classes=classifier.classes_,
            multilabel=getattr(classifier, "multilabel_", False),
            thresholds=getattr(classifier, "thresholds_", None),
            familiarity=getattr(classifier, "familiarity_", None),
        )
