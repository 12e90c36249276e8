"""Clips that lie in one archive together, which one process should read."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from mfccclf.storage.addresses import is_stored, split_address

__all__ = ["cut_rounds", "cut_tasks"]

# Most clips of a shard that are held in memory together.
_MOST_CLIPS = 1024


def cut_tasks(sources: Sequence[Any], *, size: int, n_processes: int) -> list[slice]:
    """Cut a list of clips into tasks: a shard each, if there is one for each process.

    A process that reads a shard alone opens it once, and reads it from front to back.

    Parameters
    ----------
    sources : sequence of path-like or waveforms
        The clips. Neighbours in the same archive are a shard, of 1,024 clips at most.
    size : int
        Clips of a task where there are fewer shards, or clips outside archives.
    n_processes : int
        Processes that share the tasks.

    Returns
    -------
    tasks : list of slice
        In order.
    """
    shards = _find_shards(sources, n_processes)
    return shards or _cut_evenly(len(sources), size)


def cut_rounds(sources: Sequence[Any], *, size: int, n_processes: int) -> list[slice]:
    """Cut a list of clips into what all processes extract before it is kept.

    Parameters
    ----------
    sources, n_processes
        As for `cut_tasks`.
    size : int
        Clips of a round where it is not a shard for each process.

    Returns
    -------
    rounds : list of slice
        In order.
    """
    shards = _find_shards(sources, n_processes)
    if not shards:
        return _cut_evenly(len(sources), size)
    starts = range(0, len(shards), n_processes)
    rounds = [shards[start : start + n_processes] for start in starts]
    return [slice(some[0].start, some[-1].stop) for some in rounds]


def _find_shards(sources: Sequence[Any], n_processes: int) -> list[slice]:
    """Return the shards; none if they are too few for the processes."""
    if n_processes == 1:
        return []
    shards: list[slice] = []
    start = 0
    for archive, clips in groupby(map(_archive_of, sources)):
        if archive is None:
            return []
        end = start + len(list(clips))
        shards += [
            slice(first, min(first + _MOST_CLIPS, end))
            for first in range(start, end, _MOST_CLIPS)
        ]
        start = end
    return shards if len(shards) >= n_processes else []


def _archive_of(source: Any) -> str | None:
    """Return the archive that holds a clip; None if none does."""
    if not isinstance(source, str) or not is_stored(source):
        return None
    home, member = split_address(source)
    return None if member is None else home


def _cut_evenly(n_clips: int, size: int) -> list[slice]:
    return [
        slice(first, min(first + size, n_clips)) for first in range(0, n_clips, size)
    ]
