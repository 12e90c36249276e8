"""The clips of a search: which ones, in what folds, and their features."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline

from mfccclf._typing import Progress
from mfccclf.datasets import Dataset
from mfccclf.datasets.extracted import ExtractedClips
from mfccclf.errors import DatasetError
from mfccclf.features.front_end_parameters import front_end_runtime_parameters
from mfccclf.search import Fold, make_folds
from mfccclf.search.space import Space
from mfccclf.workflows.extraction import extract_clips
from mfccclf.workflows.feature_files import describe_front_end

__all__ = ["SearchData", "arrange_data"]


@dataclass(frozen=True, kw_only=True)
class SearchData:
    """Clips to learn from and to score on, one after the other.

    Attributes
    ----------
    parts : list of Dataset
        The training clips; behind them the validation clips, where these score.
    folds : list of Fold
        Splits of all these clips.
    several : bool
        Whether clips may have any number of labels.
    """

    parts: list[Dataset]
    folds: list[Fold]
    several: bool

    @property
    def paths(self) -> list[str]:
        """The clips' files."""
        return [path for part in self.parts for path in part.paths]

    @property
    def y(self) -> list[Any]:
        """The label of each clip, or its labels."""
        if self.several:
            return [labels for part in self.parts for labels in part.label_sets]
        return [label for part in self.parts for label in part.labels]

    @property
    def groups(self) -> list[str] | None:
        """The group of each clip; None if some part has none."""
        groups: list[str] = []
        for part in self.parts:
            if part.groups is None:
                return None
            groups += part.groups
        return groups

    def identity(self) -> list[Any]:
        """Return what tells these clips from others."""
        fingerprints = [part.fingerprint() for part in self.parts]
        return [fingerprints, self.groups, self.several]

    def check_features(self, pipeline: Pipeline, space: Space, preset: str) -> None:
        """Raise if features that are made already are not those of the search.

        Parameters
        ----------
        pipeline : sklearn.pipeline.Pipeline
            Of the preset.
        space : mapping
            What is searched for, by full names.
        preset : str
            Name of the preset, for the message.

        Raises
        ------
        DatasetError
            If the preset makes others, or some candidate would.
        """
        step = f"{pipeline.steps[0][0]}__"
        others = [name for name in space if name.startswith(step)]
        how = front_end_runtime_parameters()
        others = [name for name in others if name.removeprefix(step) not in how]
        for part in self.parts:
            if not isinstance(part, ExtractedClips):
                continue
            part.check_front_end(describe_front_end(pipeline[0]), preset)
            if others:
                raise DatasetError(
                    f"{part.source} holds features that are made already, so "
                    f"{others[0].removeprefix(step)!r} cannot be searched for. Search "
                    "in the clips themselves, or leave it out."
                )

    def extract(
        self, front_end: Any, on_progress: Progress | None
    ) -> NDArray[np.float32] | Sequence[NDArray[np.float32]]:
        """Return X, or one for each part; made now or read from where it was written.

        Parameters
        ----------
        front_end : MFCCExtractor or another first step of a preset
            Of a candidate.
        on_progress : callable or None
            Called as ``on_progress(done, total)`` while features are made.

        Returns
        -------
        X : float32 ndarray of shape (n_clips, n_frames, n_features), or list of them
            Perhaps mapped from files.
        """
        if not any(isinstance(part, ExtractedClips) for part in self.parts):
            return extract_clips(front_end, self.paths, on_progress=on_progress)
        found = [
            part.X
            if isinstance(part, ExtractedClips)
            else extract_clips(front_end, part.paths, on_progress=on_progress)
            for part in self.parts
        ]
        return found[0] if len(found) == 1 else found


def arrange_data(
    clips: Dataset,
    validation: Dataset | None,
    *,
    cv: int | str | None,
    use_groups: bool,
    several: bool,
    random_state: int,
) -> SearchData:
    """Return all clips that a search needs, and the folds over them.

    Parameters
    ----------
    clips : Dataset
        Training clips.
    validation : Dataset or None
        An official validation split; it scores where ``cv`` is None.
    cv : int, "groups" or None
        As for `mfccclf.search.make_folds`.
    use_groups : bool
        Whether groups are kept whole.
    several : bool
        Whether clips may have any number of labels.
    random_state : int
        Seed of the folds.

    Returns
    -------
    data : SearchData
        Clips and folds.

    Raises
    ------
    ValueError
        If there are too few clips or groups for the folds.
    """
    if not use_groups:
        clips = replace(clips, groups=None)
    if validation is None or cv is not None:
        y = clips.label_sets if several else clips.labels
        folds = make_folds(y, groups=clips.groups, cv=cv, random_state=random_state)
        return SearchData(parts=[clips], folds=folds, several=several)
    n_train, n_all = len(clips), len(clips) + len(validation)
    official = Fold(
        name="validation", train=np.arange(n_train), test=np.arange(n_train, n_all)
    )
    return SearchData(parts=[clips, validation], folds=[official], several=several)
