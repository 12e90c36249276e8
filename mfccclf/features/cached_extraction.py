"""Extract clips through a cache, so that all processes compute each only once."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from os import PathLike
from typing import Any

from mfccclf._validation import argument_error
from mfccclf.caching import CachedFile, FeatureCache
from mfccclf.errors import BadClip
from mfccclf.features.clip_extraction import ExtractedClip
from mfccclf.features.clip_inputs import ClipInput, Varying
from mfccclf.features.parameters import FEATURES_VERSION
from mfccclf.storage.shards import cut_rounds

__all__ = ["cache_facts", "check_cache", "extract_through_cache", "feature_code"]

# Packages whose versions may change the numbers.
_PACKAGES = ("av", "librosa", "numpy", "soundfile", "soxr")

# Clips claimed at a time, per process that shares the work; others find them claimed.
_CLIPS_PER_ROUND = 256
_PAUSE_S = 0.02
# A process that is stopped, not dead, keeps its claims. After this we do its work.
_PATIENCE_S = 60.0


Compute = Callable[[Sequence[ClipInput]], Sequence[ExtractedClip]]


def check_cache(name: str, cache: Any, *, owner: object) -> FeatureCache | None:
    """Return the cache that a parameter asks for; None for no cache."""
    if cache is None or cache is False:
        return None
    if cache is True:
        return FeatureCache()
    if isinstance(cache, str | PathLike):
        return FeatureCache(cache)
    expected = "None, True (the default folder) or the path of a folder"
    raise argument_error(name, cache, expected, owner=owner, error=TypeError)


def cache_facts(front_end: Mapping[str, Any], kind: str) -> dict[str, Any]:
    """Return what cache keys hold of a front end.

    Parameters
    ----------
    front_end : mapping
        What `ClipTransformer.describe` returns.
    kind : str
        The ``cache_kind`` of its extraction.

    Returns
    -------
    facts : dict
        In the form of existing caches, which would be lost with another one.
    """
    parameters = dict(front_end["parameters"])
    if front_end.get("backend", "numpy") != "numpy":
        parameters["backend"] = front_end["backend"]
    reading = [front_end["channel"], front_end["allow_silence"]]
    return {"recipe": [kind, parameters], "reading": reading}


@lru_cache(maxsize=1)
def feature_code() -> dict[str, Any]:
    """Return the versions that decide the features besides content and parameters."""
    code: dict[str, Any] = {"features": FEATURES_VERSION}
    for package in _PACKAGES:
        try:
            code[package] = version(package)
        except PackageNotFoundError:
            code[package] = None
    return code


def extract_through_cache(
    clips: Sequence[ClipInput],
    compute: Compute,
    cache: FeatureCache,
    parameters: Mapping[str, Any],
    *,
    n_jobs: int = 1,
) -> list[ExtractedClip]:
    """Return each clip's sequence, from the cache if it is there.

    Only files are cached, and none that cannot be used or causes a warning, so that
    this is told every time. In the end, we wait for clips that another process is
    computing.

    Parameters
    ----------
    clips : sequence of ClipInput
        Files or waveforms.
    compute : callable
        Computes some clips.
    cache : FeatureCache
        Where to look for sequences, and where to store them.
    parameters : mapping
        Everything that decides the sequences besides the clips, as plain values.
    n_jobs : int, default=1
        Processes among which ``compute`` distributes the clips.

    Returns
    -------
    outcomes : list of ExtractedClip
        In the order of the clips.
    """
    facts = {**parameters, "code": feature_code()}
    work = _Work(clips, compute, cache, facts)
    late: list[int] = []
    size = _CLIPS_PER_ROUND * n_jobs
    sources = [clip.source for clip in clips]
    for part in cut_rounds(sources, size=size, n_processes=n_jobs):
        late += work.do(range(part.start, part.stop))
    patience_ends = time.monotonic() + _PATIENCE_S
    while late:
        some, others = late[:size], late[size:]
        waiting = work.do(some, ignore_claims=time.monotonic() > patience_ends)
        if len(waiting) < len(some):
            patience_ends = time.monotonic() + _PATIENCE_S
        else:
            time.sleep(_PAUSE_S)
        late = others + waiting
    return [work.outcomes[index] for index in range(len(clips))]


class _Work:
    """The sequences of some clips, as far as they are known.

    Attributes
    ----------
    outcomes : dict of int to ExtractedClip
        By the clip's place in the list.
    """

    def __init__(
        self,
        clips: Sequence[ClipInput],
        compute: Compute,
        cache: FeatureCache,
        facts: Mapping[str, Any],
    ) -> None:
        self.outcomes: dict[int, ExtractedClip] = {}
        self._clips = clips
        self._compute = compute
        self._cache = cache
        self._facts = facts

    def do(self, indices: Sequence[int], *, ignore_claims: bool = False) -> list[int]:
        """Find or compute clips; return those that another process is computing."""
        files = self._identify(indices)
        places: dict[bytes, list[int]] = {}
        for index, file in files.items():
            places.setdefault(file.key, []).append(index)
        uncached = [index for index in indices if index not in files]
        missing = places.keys() - self._look_up(places)
        ours = missing if ignore_claims else self._cache.claim(missing)
        try:
            # Others may have finished some between our look and our claim.
            open_ones = sorted(places[key][0] for key in ours - self._look_up(places))
            self._run(sorted([*uncached, *open_ones]))
            self._keep({index: files[index] for index in open_ones})
        finally:
            self._cache.release(ours)
        self._fill_copies([places[files[index].key] for index in open_ones])
        return [index for index in indices if index not in self.outcomes]

    def _identify(self, indices: Sequence[int]) -> dict[int, CachedFile]:
        alike: dict[Varying | None, list[int]] = {}
        for index in indices:
            if self._clips[index].is_file:
                alike.setdefault(self._clips[index].variation, []).append(index)
        found: dict[int, CachedFile] = {}
        for variation, some in alike.items():
            paths = [self._clips[index].source for index in some]
            files = self._cache.identify(paths, self._facts_of(variation))
            pairs = zip(some, files, strict=True)
            found |= {index: file for index, file in pairs if file is not None}
        return found

    def _facts_of(self, variation: Varying | None) -> Mapping[str, Any]:
        if variation is None:
            return self._facts
        return {**self._facts, "variation": variation.facts()}

    def _look_up(self, places: Mapping[bytes, list[int]]) -> set[bytes]:
        found = self._cache.get(places)
        for key, sequence in found.items():
            for index in places[key]:
                self.outcomes[index] = ExtractedClip(sequence, [])
        return set(found)

    def _run(self, indices: list[int]) -> None:
        if indices:
            outcomes = self._compute([self._clips[index] for index in indices])
            self.outcomes.update(zip(indices, outcomes, strict=True))

    def _fill_copies(self, alike: Iterable[Sequence[int]]) -> None:
        """Give files of one content what the first of them gave."""
        unlike: list[int] = []
        for first, *copies in alike:
            if self.outcomes[first].is_flawless:
                self.outcomes.update(dict.fromkeys(copies, self.outcomes[first]))
            else:
                unlike += copies  # problems and warnings name their own file
        self._run(unlike)

    def _keep(self, files: Mapping[int, CachedFile]) -> None:
        made = {index: self.outcomes[index] for index in files}
        self._cache.put(
            {
                files[index].key: outcome
                for index, (outcome, remarks) in made.items()
                if not (isinstance(outcome, BadClip) or remarks)
                and not files[index].stamp.has_changed()
            }
        )
