"""Mix clips of one label each, and write the mixtures with their labels."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from os import PathLike
from pathlib import Path
from typing import Any

from mfccclf._hashing import hash_file
from mfccclf._typing import Progress
from mfccclf.datasets.dataset import Dataset
from mfccclf.synthesis.clip_folder import ClipFolder, MadeClips, relative_name
from mfccclf.synthesis.mixtures.planning import Mixture, Voice, plan_mixtures
from mfccclf.synthesis.mixtures.rendering import render_mixture
from mfccclf.synthesis.mixtures.settings import MixtureSettings

__all__ = ["MixedClips", "mix_clips"]

_MIXTURES_PER_CLIP = 10


@dataclass(frozen=True, kw_only=True)
class MixedClips(MadeClips):
    """What was mixed.

    Attributes
    ----------
    folder : pathlib.Path
        Where: clips, labels.csv and manifest.json.
    n_mixtures : int
        Mixtures in it.
    n_written : int
        Mixtures that this run wrote; the others were there before.
    groups : list of str
        Groups that share no clip.
    """

    n_mixtures: int
    n_written: int
    groups: list[str]


def mix_clips(
    clips: Dataset,
    output: str | PathLike[str],
    *,
    voices: tuple[int, int] = (1, 3),
    n_mixtures: int | None = None,
    n_groups: int = 5,
    level_db: float = 6.0,
    pitch: float = 0.0,
    colour_db: float = 0.0,
    duration: float | None = None,
    sample_rate: int = 44100,
    random_state: int = 0,
    on_progress: Progress | None = None,
) -> MixedClips:
    """Mix clips of one label each into clips of several, and write them with labels.

    The groups of the clips are dealt out to ``n_groups`` parts with like shares of each
    label, within each official split if there are splits. The voices of a mixture have
    different labels and come from one part, which is the group of the mixture: a split
    by groups never has a clip on both sides. Every voice is brought to the same mean
    power before its level is drawn. The same call gives the same bytes.

    Parameters
    ----------
    clips : Dataset
        Clips of one label each. Without groups, each clip is a group of its own.
    output : path-like
        Folder to make. If it holds the beginning of the same data set, the work
        resumes.
    voices : tuple of int, default=(1, 3)
        Fewest and most voices of a mixture; each number between is as frequent.
    n_mixtures : int or None, default=None
        Number of mixtures; None for ten per clip.
    n_groups : int, default=5
        Parts that share no clip, within each split.
    level_db : float, default=6.0
        Levels are drawn from minus to plus this, in dB.
    pitch : float, default=0.0
        Voices are played faster or slower, and so higher or lower, by up to this many
        semitones each way. A net trained on few clips then memorises less of them.
    colour_db : float, default=0.0
        Voices pass through equalisers whose gains are drawn from minus to plus this,
        in dB.
    duration : float or None, default=None
        Length of a mixture in seconds; None for the longest of its clips. A longer
        clip is cut at random, a shorter one is placed at random.
    sample_rate : int, default=44100
        Rate of the mixtures, in Hz.
    random_state : int, default=0
        Seed.
    on_progress : callable, optional
        Called as ``on_progress(done, total)``.

    Returns
    -------
    mixed : MixedClips
        Folder and counts.

    Raises
    ------
    DatasetError
        If the clips cannot be mixed, or the folder holds something else.
    AudioFileError
        If a clip cannot be read.

    Examples
    --------
    >>> from mfccclf import load_dataset
    >>> from mfccclf.synthesis import mix_clips
    >>> mix_clips(load_dataset("solos"), "mixtures").n_mixtures  # doctest: +SKIP
    800
    """
    settings = MixtureSettings(
        voices=voices,
        n_mixtures=_MIXTURES_PER_CLIP * len(clips)
        if n_mixtures is None
        else n_mixtures,
        n_groups=n_groups,
        level_db=level_db,
        pitch=pitch,
        colour_db=colour_db,
        duration=duration,
        sample_rate=sample_rate,
        random_state=random_state,
    )
    plan = plan_mixtures(clips, settings)
    record = settings.to_record()
    folder = ClipFolder(output, {"mix": record, "clips": clips.fingerprint()})
    render = partial(render_mixture, settings=settings)
    n_written = folder.fill(plan, render, sample_rate, on_progress=on_progress)
    if not folder.is_complete:
        _finish(folder, plan, Path(clips.root or ".").resolve(), record)
    groups = list(dict.fromkeys(mixture.group for mixture in plan))
    return MixedClips(
        folder=folder.path, n_mixtures=len(plan), n_written=n_written, groups=groups
    )


def _finish(
    folder: ClipFolder, plan: list[Mixture], root: Path, record: dict[str, Any]
) -> None:
    used = dict.fromkeys(voice.path for mixture in plan for voice in mixture.voices)
    sources = [
        {"path": _relative(path, root), **hash_file(path)._asdict()} for path in used
    ]
    folder.finish(
        [_row(mixture) for mixture in plan],
        {"mix": record, "sources": sources},
        [_describe(mixture, root) for mixture in plan],
    )


def _row(mixture: Mixture) -> dict[str, str]:
    """Return a mixture's row of labels.csv."""
    labels = ";".join(sorted(voice.label for voice in mixture.voices))
    row = {"label": labels, "group": mixture.group}
    return row | ({"split": mixture.split} if mixture.split else {})


def _describe(mixture: Mixture, root: Path) -> dict[str, Any]:
    """Return what the manifest says of a mixture."""
    return {
        "name": mixture.name,
        "group": mixture.group,
        "voices": [_describe_voice(voice, root) for voice in mixture.voices],
    }


def _describe_voice(voice: Voice, root: Path) -> dict[str, Any]:
    record = {
        "path": _relative(voice.path, root),
        "label": voice.label,
        "gain_db": round(voice.gain_db, 6),
        "offset": round(voice.offset, 6),
    }
    if voice.semitones:
        record["semitones"] = round(voice.semitones, 6)
    if voice.equaliser_db:
        record["equaliser_db"] = [round(gain, 6) for gain in voice.equaliser_db]
    return record


def _relative(path: str, root: Path) -> str:
    return relative_name(Path(path).resolve(), root)
