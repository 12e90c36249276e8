"""Features of many clips, with progress."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Sequence
from contextlib import ExitStack
from os import PathLike
from typing import Any

import joblib
import numpy as np
from numpy.typing import NDArray

from mfccclf._memory import keep_freed_memory
from mfccclf._typing import Progress
from mfccclf._validation import suggest
from mfccclf.errors import BadClip
from mfccclf.features import MFCCExtractor
from mfccclf.features.clip_inputs import ClipInput
from mfccclf.features.transformer import ClipTransformer
from mfccclf.features.usable import UsableSequences, gather_usable
from mfccclf.pipelines import make_pipeline
from mfccclf.sequences import sequence_lengths

__all__ = [
    "count_processes",
    "extract_sequences",
    "extract_usable",
    "make_extractor",
]

# Clips per process and call of the extractor: enough for two tasks, and few enough for
# a progress bar to move.
_CHUNK = 128
# Other processes take about a second to start, so less work than this is done alone.
_WORTHWHILE_S = 3.0


def extract_sequences(
    extractor: ClipTransformer,
    paths: Sequence[str] | Sequence[ClipInput],
    *,
    on_progress: Progress | None = None,
) -> NDArray[np.float32]:
    """Extract the sequences of many clips, reporting progress.

    Parameters
    ----------
    extractor : MFCCExtractor or another first step of a preset
        Fitted or not.
    paths : sequence of str or ClipInput
        The clips, or clips and varied copies of them.
    on_progress : callable, optional
        As for `extract_usable`.

    Returns
    -------
    X : float32 ndarray of shape (n_clips, n_frames, n_features)
        What ``extractor.fit_transform(paths)`` gives.

    Raises
    ------
    BadClipsError
        If clips cannot be used; after all have been read, so that it names each.

    Examples
    --------
    >>> import numpy as np
    >>> from mfccclf import MFCCExtractor
    >>> from mfccclf.workflows import extract_sequences
    >>> tone = np.sin(2 * np.pi * 440 * np.arange(22050) / 22050)
    >>> extract_sequences(MFCCExtractor(), [tone, tone]).shape
    (2, 128, 33)
    """
    return extract_usable(extractor, paths, on_progress=on_progress).whole(paths)


def extract_usable(
    extractor: ClipTransformer,
    paths: Sequence[str | ClipInput],
    *,
    on_progress: Progress | None = None,
) -> UsableSequences:
    """Extract the sequences of those clips that can be used, reporting progress.

    Other processes, if the extractor or joblib's settings ask for some, start only when
    the clips that are left will take seconds.

    Parameters
    ----------
    extractor : MFCCExtractor or another first step of a preset
        Fitted or not.
    paths : sequence of str or ClipInput
        The clips; `mfccclf.ClipVariation.expand` adds varied copies.
    on_progress : callable, optional
        Called as ``on_progress(done, total)`` after every few clips.

    Returns
    -------
    usable : UsableSequences
        Their sequences, their places in ``paths``, and the clips that are left out.
    """
    keep_freed_memory()
    extractor.fit(paths)
    outcomes: list[NDArray[np.float32] | BadClip] = []
    with ExitStack() as alone:
        alone.enter_context(joblib.parallel_config("sequential"))
        while len(outcomes) < len(paths):
            started = time.perf_counter()
            n_done = len(outcomes)
            size = _CHUNK * count_processes(extractor)
            outcomes += _extract_chunk(extractor, paths[n_done : n_done + size])
            if on_progress is not None:
                on_progress(len(outcomes), len(paths))
            per_clip = (time.perf_counter() - started) / (len(outcomes) - n_done)
            if per_clip * (len(paths) - len(outcomes)) > _WORTHWHILE_S:
                alone.close()
    return gather_usable(
        outcomes,
        n_frames=extractor.feature_parameters().n_frames,
        n_features=extractor.n_features_out_,
    )


def _extract_chunk(
    extractor: ClipTransformer, paths: Sequence[str | ClipInput]
) -> list[NDArray[np.float32] | BadClip]:
    """Return what came of each clip."""
    usable = extractor.transform_usable(paths)
    lengths = sequence_lengths(usable.X)
    sequences = (x[:n] for x, n in zip(usable.X, lengths, strict=True))
    bad = {clip.index: clip for clip in usable.bad}
    return [bad[i] if i in bad else next(sequences) for i in range(len(paths))]


def count_processes(extractor: ClipTransformer) -> int:
    """Return the number of processes that an extractor uses.

    Parameters
    ----------
    extractor : MFCCExtractor or another first step of a preset
        Its ``n_jobs`` decides; if that is None, joblib's settings, such as a cluster.

    Returns
    -------
    n_processes : int
        At least 1.
    """
    return int(joblib.effective_n_jobs(extractor.n_jobs))


def make_extractor(
    preset: str | PathLike[str] | None = None,
    *,
    n_jobs: int | None = None,
    **settings: Any,
) -> ClipTransformer:
    """Make a preset's front end, or an `MFCCExtractor`.

    Parameters
    ----------
    preset : str or path-like, optional
        As for `mfccclf.make_pipeline`; its front end is returned.
    n_jobs : int, optional
        Processes to extract with.
    **settings
        Parameters of `mfccclf.MFCCExtractor`; with a preset, its overrides as for
        `mfccclf.make_pipeline`.

    Returns
    -------
    extractor : MFCCExtractor or another first step of a preset
        Unfitted.

    Raises
    ------
    ValueError, TypeError
        If there is no such preset or parameter.

    Examples
    --------
    >>> from mfccclf.workflows import make_extractor
    >>> type(make_extractor("names-lstm")).__name__
    'MFCCExtractor'
    """
    if preset is None:
        extractor = MFCCExtractor(n_jobs=n_jobs)
        _check_names(settings, extractor.get_params())
        extractor.set_params(**settings)
        return extractor
    front_end: ClipTransformer = make_pipeline(preset, **settings)[0]
    front_end.set_params(n_jobs=n_jobs)
    return front_end


def _check_names(settings: Iterable[str], known: Collection[str]) -> None:
    for name in settings:
        if name not in known:
            hint = suggest(name, known) or f"It has {', '.join(sorted(known))}."
            raise ValueError(f"MFCCExtractor has no parameter {name!r}. {hint}")
