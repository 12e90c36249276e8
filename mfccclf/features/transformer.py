"""What all scikit-learn transformers from clips to X have in common."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from os import PathLike
from typing import Any, ClassVar, Self

import joblib
import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils import Tags

from mfccclf._validation import argument_error
from mfccclf.features.cached_extraction import (
    cache_facts,
    check_cache,
    extract_through_cache,
)
from mfccclf.features.clip_checks import CheckedClip, check_each_clip
from mfccclf.features.clip_extraction import ExtractedClip, extract_batch
from mfccclf.features.clip_inputs import ClipInput, list_clips
from mfccclf.features.protocol import Extraction
from mfccclf.features.usable import UsableSequences, gather_usable
from mfccclf.storage.shards import cut_tasks
from mfccclf.waveform import Reading

__all__ = ["ClipTransformer"]

_CLIPS_PER_TASK = 64


class ClipTransformer(TransformerMixin, BaseEstimator, auto_wrap_output_keys=None):  # type: ignore[misc, call-arg]
    """Base of transformers from clips, as paths or waveforms, to sequences.

    Stateless: `transform` works without `fit`. A subclass lists its parameters in
    ``__init__``, among them ``channel``, ``allow_silence``, ``cache``, ``n_jobs`` and
    ``verbose``, and makes its extraction.
    """

    # Parameters that decide the sequences besides `feature_parameters` and reading.
    described: ClassVar[tuple[str, ...]] = ()

    channel: int | None
    allow_silence: bool
    cache: bool | str | PathLike[str] | None = None
    n_jobs: int | None
    verbose: int

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Keep the output an array, whatever scikit-learn is set to return."""
        super().__init_subclass__(auto_wrap_output_keys=None, **kwargs)

    def feature_parameters(self) -> Any:
        """Return what decides the sequences, checked.

        Returns
        -------
        parameters : FeatureParameters, FrameParameters or the like
            This transformer's parameters except those of reading and computing.

        Raises
        ------
        ValueError
            If a value is out of range, or does not fit another.
        TypeError
            If a value is of the wrong type.
        """
        raise NotImplementedError

    def _make_extraction(self) -> Extraction:
        """Return what turns clips into sequences, with its settings checked."""
        raise NotImplementedError

    def _cautions(self) -> list[str]:
        """Return what to warn of when fitting."""
        return []

    def describe(self) -> dict[str, Any]:
        """Return what decides the sequences, as plain values.

        Model files, extracted features, caches and searches distinguish front ends by
        this description.

        Returns
        -------
        description : dict
            "class"; "parameters", the dict of `feature_parameters`; each name in
            ``described``; "channel" and "allow_silence".

        Raises
        ------
        ValueError, TypeError
            If a parameter is out of range or of the wrong type.
        """
        reading = Reading.of(self).checked(owner=self)
        return {
            "class": type(self).__name__,
            "parameters": self.feature_parameters().to_dict(),
            **{name: getattr(self, name) for name in self.described},
            "channel": reading.channel,
            "allow_silence": reading.allow_silence,
        }

    def fit(self, X: Any, y: Any = None) -> Self:
        """Check the parameters; the clips are not read.

        Parameters
        ----------
        X : sequence of path-likes or waveforms, or array of shape (n_clips, n_samples)
            Files that `load_waveform` can read, or one channel each at
            ``sample_rate``, amplitude between -1 and 1.
        y : object, default=None
            Ignored.

        Returns
        -------
        self : ClipTransformer
            With `parameters_` and `n_features_out_`.
        """
        extraction = self._checked_extraction()
        list_clips(X)
        self.parameters_ = self.feature_parameters()
        self.n_features_out_ = extraction.n_features
        for text in self._cautions():
            warnings.warn(text, stacklevel=2)
        return self

    def transform(self, X: Any) -> NDArray[np.float32]:
        """Turn clips into sequences of features.

        Parameters
        ----------
        X : sequence of path-likes or waveforms, or array of shape (n_clips, n_samples)
            As for `fit`.

        Returns
        -------
        X : float32 ndarray of shape (n_clips, n_frames, n_features)
            NaN in every frame past a clip's end.

        Raises
        ------
        BadClipsError
            If clips cannot be used; all of them are named. It is an `AudioFileError`
            and a ValueError.
        ValueError
            If a parameter is out of range.
        """
        clips = list_clips(X)
        usable, remarks = self._find_usable(clips)
        for remark in remarks:
            warnings.warn(remark, stacklevel=2)
        return usable.whole(clips)

    def transform_usable(self, X: Any) -> UsableSequences:
        """Turn those clips into sequences of features that can be used.

        Parameters
        ----------
        X : sequence of path-likes or waveforms, or array of shape (n_clips, n_samples)
            As for `fit`.

        Returns
        -------
        usable : UsableSequences
            Their sequences, their places in ``X``, and the clips that are left out.

        Raises
        ------
        ValueError
            If a parameter is out of range.
        """
        usable, remarks = self._find_usable(list_clips(X))
        for remark in remarks:
            warnings.warn(remark, stacklevel=2)
        return usable

    def check_files(self, paths: Sequence[str | PathLike[str]]) -> list[CheckedClip]:
        """Read files and tell which cannot be used, without computing features.

        Parameters
        ----------
        paths : sequence of path-like
            Sound files.

        Returns
        -------
        checked : list of CheckedClip
            Why each cannot be used, or may not be what was intended.

        Raises
        ------
        ValueError
            If a parameter is out of range.
        """
        extraction = self._checked_extraction()
        reading = Reading.of(self).checked(owner=self)
        return list(check_each_clip(paths, extraction, reading))

    def get_feature_names_out(
        self, input_features: object = None
    ) -> NDArray[np.object_]:
        """Return the names of the columns, the last axis of the output.

        Parameters
        ----------
        input_features : object, default=None
            Ignored.

        Returns
        -------
        names : ndarray of str objects of shape (n_features,)
            Such as "mfcc_0", "centroid", "chroma_0", "delta_mfcc_0".
        """
        return np.array(self.feature_parameters().feature_names, dtype=object)

    def set_output(self, *, transform: str | None = None) -> Self:
        """Accept the default output only: no data frame holds three axes.

        Parameters
        ----------
        transform : {"default"} or None, default=None
            Either leaves the output as it is.

        Returns
        -------
        self : ClipTransformer
            Unchanged.

        Raises
        ------
        ValueError
            If a data frame is asked for.
        """
        if transform not in (None, "default"):
            hint = (
                "The output has three axes (n_clips, n_frames, n_features), which no "
                "data frame holds. Make one of a single clip: pandas.DataFrame(X[0], "
                "columns=extractor.get_feature_names_out())."
            )
            raise argument_error(
                "transform", transform, "'default' or None", owner=self, hint=hint
            )
        return self

    def __sklearn_tags__(self) -> Tags:
        """Tell scikit-learn what the input is, and that no fit is needed."""
        tags = super().__sklearn_tags__()
        tags.requires_fit = False
        tags.no_validation = True
        tags.input_tags.one_d_array = True
        tags.input_tags.string = True
        return tags

    def __sklearn_is_fitted__(self) -> bool:
        """Tell scikit-learn that there is nothing to fit."""
        return True

    def _checked_extraction(self) -> Extraction:
        extraction = self._make_extraction()
        Reading.of(self).checked(owner=self)
        check_cache("cache", self.cache, owner=self)
        return extraction

    def _find_usable(
        self, clips: Sequence[ClipInput]
    ) -> tuple[UsableSequences, list[Warning]]:
        extraction = self._checked_extraction()
        extracted = self._extract(clips, extraction)
        remarks = [remark for clip in extracted for remark in clip.warnings]
        outcomes = [clip.outcome for clip in extracted]
        usable = gather_usable(
            outcomes, n_frames=extraction.n_frames, n_features=extraction.n_features
        )
        return usable, remarks

    def _extract(
        self, clips: Sequence[ClipInput], extraction: Extraction
    ) -> list[ExtractedClip]:
        reading = Reading.of(self).checked(owner=self)
        cache = check_cache("cache", self.cache, owner=self)
        n_jobs = joblib.effective_n_jobs(self.n_jobs)
        with joblib.Parallel(n_jobs=self.n_jobs, verbose=self.verbose) as parallel:

            def compute(some: Sequence[ClipInput]) -> list[ExtractedClip]:
                sources = [clip.source for clip in some]
                cuts = cut_tasks(sources, size=_CLIPS_PER_TASK, n_processes=n_jobs)
                tasks = (
                    joblib.delayed(extract_batch)(some[cut], extraction, reading)
                    for cut in cuts
                )
                return [outcome for outcomes in parallel(tasks) for outcome in outcomes]

            if cache is None:
                return compute(clips)
            facts = cache_facts(self.describe(), extraction.cache_kind)
            return extract_through_cache(clips, compute, cache, facts, n_jobs=n_jobs)
