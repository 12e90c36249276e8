"""A small labelled data set that anybody can make in a second."""

from __future__ import annotations

from dataclasses import dataclass
from os import PathLike

import numpy as np
from numpy.typing import NDArray

from mfccclf._validation import check_int
from mfccclf.datasets import Dataset, load_dataset
from mfccclf.synthesis.clip_folder import ClipFolder, MadeClips
from mfccclf.synthesis.example_sounds import EXAMPLE_SOUNDS, SoundSource, render_sound

__all__ = ["make_example_clips"]

_OWNER = "make_example_clips"
_MOST = 1000
# Lower, there is no band for the birds; higher, nothing that any sound needs.
_LOWEST_RATE, _HIGHEST_RATE = 8000, 96_000


@dataclass(frozen=True)
class _Planned:
    """A clip to make: its label, and the numbers of its source and of itself."""

    label: str
    source: int
    number: int

    @property
    def group(self) -> str:
        return f"source {self.source}"

    @property
    def name(self) -> str:
        return f"{self.label}.{self.source:02}.{self.number:02}.wav"


def make_example_clips(
    output: str | PathLike[str],
    *,
    n_groups: int = 5,
    n_clips: int = 3,
    sample_rate: int = 16000,
    random_state: int = 0,
) -> Dataset:
    """Make a small data set of bells, birds, drums and voices, all of them synthetic.

    It is for examples, tests and reports of bugs: the same call makes the same clips
    everywhere, so nobody needs to send or download any. Real recordings differ more.

    Parameters
    ----------
    output : path-like
        Folder to make. If it holds the same data set, that one is returned, so that a
        notebook can run again.
    n_groups : int, default=5
        Number of sources: each is one bell, one bird, one drum and one singer, in a
        room of its own. Clips of one source are alike, as those of a speaker are.
    n_clips : int, default=3
        Clips of each label and source.
    sample_rate : int, default=16000
        Rate of the clips in Hz, from 8,000 to 96,000.
    random_state : int, default=0
        Seed.

    Returns
    -------
    dataset : Dataset
        ``4 * n_groups * n_clips`` clips of 0.5 to 0.9 seconds, as `load_dataset` reads
        them from ``labels.csv``: paths, labels and groups.

    Raises
    ------
    ValueError, TypeError
        If a number is out of range or not an int.
    DatasetError
        If the folder holds something else or cannot be made.

    Examples
    --------
    >>> import tempfile
    >>> from mfccclf import make_example_clips
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     clips = make_example_clips(folder, n_groups=2, n_clips=1)
    >>> clips.classes
    ['bell', 'bird', 'drum', 'voice']
    >>> len(clips), sorted(set(clips.groups))
    (8, ['source 1', 'source 2'])
    """
    check_int("n_groups", n_groups, minimum=1, maximum=_MOST, owner=_OWNER)
    check_int("n_clips", n_clips, minimum=1, maximum=_MOST, owner=_OWNER)
    lowest, highest = _LOWEST_RATE, _HIGHEST_RATE
    check_int("sample_rate", sample_rate, minimum=lowest, maximum=highest, owner=_OWNER)
    check_int("random_state", random_state, minimum=0, owner=_OWNER)
    settings = {
        "n_groups": n_groups,
        "n_clips": n_clips,
        "sample_rate": sample_rate,
        "random_state": random_state,
    }
    folder = ClipFolder(output, {"example_clips": settings})
    if not folder.is_complete:
        _fill(folder, settings)
    return load_dataset(MadeClips(folder=folder.path).table)


def _fill(folder: ClipFolder, settings: dict[str, int]) -> None:
    sample_rate = settings["sample_rate"]
    plan = [
        _Planned(label, source, number)
        for label in EXAMPLE_SOUNDS
        for source in range(1, settings["n_groups"] + 1)
        for number in range(1, settings["n_clips"] + 1)
    ]

    def render(clip: _Planned) -> NDArray[np.float32]:
        return _render(clip, sample_rate, settings["random_state"])

    folder.fill(plan, render, sample_rate)
    rows = [{"label": clip.label, "group": clip.group} for clip in plan]
    folder.finish(
        rows, {"example_clips": settings}, [{"name": clip.name} for clip in plan]
    )


def _render(clip: _Planned, sample_rate: int, seed: int) -> NDArray[np.float32]:
    """Make a clip that depends on its own numbers and the seed alone."""
    kind = list(EXAMPLE_SOUNDS).index(clip.label)
    source = SoundSource.draw(np.random.default_rng([seed, kind, clip.source]))
    rng = np.random.default_rng([seed, kind, clip.source, clip.number])
    return render_sound(clip.label, source, sample_rate, rng)
