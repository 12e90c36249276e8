"""A scikit-learn pipeline that starts at clips, and may learn from varied copies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
from sklearn import get_config
from sklearn.pipeline import Pipeline
from sklearn.utils import _safe_indexing
from sklearn.utils.validation import has_fit_parameter

from mfccclf._validation import argument_error
from mfccclf.features.clip_inputs import ClipInput
from mfccclf.variation.clip_variation import ClipVariation
from mfccclf.variation.rows import repeat_groups

__all__ = ["ClipPipeline", "variation_of", "with_steps"]

# Arguments of ``fit`` that hold a value per clip, by the last part of their names.
_PER_CLIP = ("groups", "sample_weight")


class ClipPipeline(Pipeline):  # type: ignore[misc]
    """A `sklearn.pipeline.Pipeline` whose ``fit`` also learns from varied copies.

    Transformers cannot change the number of clips, so it is the pipeline that makes the
    copies: ``fit`` hands its steps each clip followed by its copies, with the labels,
    groups and weights repeated. Predictions never see a copy. Within
    `GridSearchCV` or `cross_validate`, copies are made of the training part of each
    fold alone, so none is on the other side of a split from its clip. A step that
    splits its input itself gets the groups where its ``fit`` takes them.

    Parameters
    ----------
    steps : list of (str, estimator)
        As for `sklearn.pipeline.Pipeline`; the first one is a front end, which takes
        clips as paths or waveforms.
    variation : ClipVariation or None, default=None
        How many copies, and how far they differ; None for none. Its parameters can be
        set and searched for as ``variation__n_variations`` and so on.
    transform_input, memory, verbose
        As for `sklearn.pipeline.Pipeline`.

    Examples
    --------
    >>> from mfccclf import ClipPipeline, ClipVariation, SequenceStatistics
    >>> from mfccclf import SpeechEmbedding
    >>> from sklearn.linear_model import LogisticRegression
    >>> pipeline = ClipPipeline(
    ...     [
    ...         ("extract", SpeechEmbedding(cache=True)),
    ...         ("statistics", SequenceStatistics()),
    ...         ("linear", LogisticRegression(C=0.01)),
    ...     ],
    ...     variation=ClipVariation(n_variations=4, pitch=1),
    ... )
    >>> pipeline.fit(paths, labels)  # doctest: +SKIP
    """

    def __init__(
        self,
        steps: Sequence[tuple[str, Any]],
        *,
        variation: ClipVariation | None = None,
        transform_input: Any = None,
        memory: Any = None,
        verbose: bool = False,
    ) -> None:
        super().__init__(
            steps, transform_input=transform_input, memory=memory, verbose=verbose
        )
        self.variation = variation

    def fit(self, X: Any, y: Any = None, **params: Any) -> Self:
        """Fit all steps on the clips and their varied copies.

        Parameters
        ----------
        X : sequence of path-likes or waveforms, or array of shape (n_clips, n_samples)
            As for the front end's ``fit``.
        y : array-like of shape (n_clips,), or sequence of tuples, default=None
            As for the classifier's ``fit``.
        **params
            As for `sklearn.pipeline.Pipeline`. Those that end in ``groups`` or
            ``sample_weight`` hold a value per clip.

        Returns
        -------
        self : ClipPipeline
            Fitted.
        """
        n_copies = variation_of(self).n_copies
        if n_copies > 1:
            X, y, params = self._with_copies(X, y, params, n_copies)
        super().fit(X, y, **params)
        return self

    def fit_transform(self, X: Any, y: Any = None, **params: Any) -> Any:
        """Fit as `fit` does, and transform the clips themselves.

        Parameters
        ----------
        X, y, **params
            As for `fit`.

        Returns
        -------
        X : ndarray of shape (n_clips, ...)
            What `transform` returns; copies have no rows.
        """
        if variation_of(self).n_copies > 1:
            return self.fit(X, y, **params).transform(X)
        return super().fit_transform(X, y, **params)

    def _with_copies(
        self, X: Any, y: Any, params: Mapping[str, Any], n_copies: int
    ) -> tuple[list[ClipInput], Any, dict[str, Any]]:
        """Return what to fit on: every clip with its copies, labels and the like."""
        clips = variation_of(self).expand(X)
        n_clips = len(clips) // n_copies
        given = {
            name: _repeat(value, n_copies) if _is_per_clip(name) else value
            for name, value in params.items()
        }
        groups = f"{self.steps[-1][0]}__groups"
        if groups not in given and _takes_groups(self.steps[-1][1]):
            given[groups] = repeat_groups(None, n_clips, n_copies)
        return clips, _repeat(y, n_copies), given


def variation_of(pipeline: Pipeline) -> ClipVariation:
    """Return how a pipeline varies its clips; without copies where it does not.

    Parameters
    ----------
    pipeline : sklearn.pipeline.Pipeline
        A `ClipPipeline`, or any other.

    Returns
    -------
    variation : ClipVariation
        Not checked.

    Raises
    ------
    TypeError
        If a pipeline's ``variation`` is something else.
    """
    variation = getattr(pipeline, "variation", None)
    if variation is None:
        return ClipVariation()
    if not isinstance(variation, ClipVariation):
        raise argument_error(
            "variation",
            variation,
            "a ClipVariation or None",
            owner=pipeline,
            error=TypeError,
        )
    return variation


def with_steps(pipeline: Pipeline, steps: Sequence[tuple[str, Any]]) -> ClipPipeline:
    """Return a pipeline of other steps that varies its clips as the given one does."""
    return ClipPipeline(list(steps), variation=variation_of(pipeline))


def _is_per_clip(name: str) -> bool:
    return name.rpartition("__")[2] in _PER_CLIP


def _takes_groups(step: Any) -> bool:
    if get_config()["enable_metadata_routing"]:
        return False  # then it is the caller who says what goes where
    return hasattr(step, "fit") and has_fit_parameter(step, "groups")


def _repeat(values: Any, n_copies: int) -> Any:
    if values is None:
        return None
    return _safe_indexing(values, np.repeat(np.arange(len(values)), n_copies))
