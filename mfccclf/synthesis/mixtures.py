"""Labelled mixtures made of clips that have one label each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfccclf._hashing import hash_file
from mfccclf._typing import Progress
from mfccclf._validation import argument_error, check_int, check_real
from mfccclf.datasets.dataset import Dataset
from mfccclf.errors import DatasetError
from mfccclf.stratification import iterative_parts
from mfccclf.synthesis.clip_folder import ClipFolder
from mfccclf.synthesis.varying import EQUALISER_HZ, equalise
from mfccclf.waveform import load_waveform

__all__ = ["MixedClips", "mix_clips"]

Wave = NDArray[np.float32]

_FULL_SCALE = 0.99
_MIXTURES_PER_CLIP = 10
_MOST_SEMITONES = 24
_OWNER = "mix_clips"


@dataclass(frozen=True, kw_only=True)
class MixedClips:
    """What was mixed.

    Attributes
    ----------
    folder : pathlib.Path
        Where: clips, labels.csv and manifest.json.
    n_mixtures : int
        Mixtures in it.
    n_written : int
        Mixtures that this run wrote; the others were there.
    groups : list of str
        Groups that no clip is shared between.
    """

    folder: Path
    n_mixtures: int
    n_written: int
    groups: list[str]


@dataclass(frozen=True)
class _Voice:
    path: str
    label: str
    gain_db: float
    offset: float  # share of the room that there is before or inside the clip
    semitones: float = 0.0
    equaliser_db: tuple[float, ...] = ()


@dataclass(frozen=True, kw_only=True)
class _Ranges:
    """How far voices may differ from their clips, each way."""

    level_db: float
    pitch: float
    colour_db: float

    def changed(self) -> dict[str, float]:
        """Return what is more than a level, for a record of the settings."""
        kinds = {"pitch": self.pitch, "colour_db": self.colour_db}
        return {name: value for name, value in kinds.items() if value}


@dataclass(frozen=True)
class _Mixture:
    name: str
    voices: tuple[_Voice, ...]
    group: str
    split: str | None


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
    """Mix clips of one label each to clips of several, and write them with labels.

    The groups of the clips are dealt out to ``n_groups`` parts with like shares of each
    label, within each official split if there are splits. The voices of a mixture have
    different labels and come from one part, which is the group of the mixture: so a
    split by groups never has a clip on both sides. Every voice is brought to the same
    mean power before its level is drawn. The same call gives the same bytes.

    Parameters
    ----------
    clips : Dataset
        Clips of one label each. Without groups, each clip is a group of its own.
    output : path-like
        Folder to make. Where it holds the beginning of the same data set, the work
        goes on from there.
    voices : tuple of int, default=(1, 3)
        Fewest and most voices of a mixture; each number between is as frequent.
    n_mixtures : int or None, default=None
        Number of mixtures; None for ten per clip.
    n_groups : int, default=5
        Parts that share no clip, within each split.
    level_db : float, default=6.0
        Levels are drawn between minus and plus so many dB.
    pitch : float, default=0.0
        Voices are played faster or slower, and so higher or lower, by up to so many
        semitones each way. A net that learns from few clips then learns less of them
        by heart.
    colour_db : float, default=0.0
        They go through equalisers whose gains are drawn between minus and plus so many
        dB.
    duration : float or None, default=None
        Length of a mixture in seconds; None for the longest of its clips. A longer
        clip is cut at random, a shorter one is placed at random.
    sample_rate : int, default=44100
        Of the mixtures, in Hz.
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
    >>> from mfccclf.synthesis.mixtures import mix_clips
    >>> mix_clips(load_dataset("solos"), "mixtures").n_mixtures  # doctest: +SKIP
    800
    """
    fewest, most = _check_voices(voices)
    ranges = _Ranges(
        level_db=check_real("level_db", level_db, minimum=0, owner=_OWNER),
        pitch=check_real(
            "pitch", pitch, minimum=0, maximum=_MOST_SEMITONES, owner=_OWNER
        ),
        colour_db=check_real("colour_db", colour_db, minimum=0, owner=_OWNER),
    )
    if duration is not None:
        check_real("duration", duration, above=0, owner=_OWNER)
    check_int("sample_rate", sample_rate, minimum=1000, owner=_OWNER)
    seed = check_int("random_state", random_state, minimum=0, owner=_OWNER)
    parts = _make_parts(clips, check_int("n_groups", n_groups, minimum=1, owner=_OWNER))
    count = _MIXTURES_PER_CLIP * len(clips) if n_mixtures is None else n_mixtures
    check_int("n_mixtures", count, minimum=1, owner=_OWNER)
    plan = _plan(clips, parts, (fewest, most), count, ranges, seed)
    settings = {
        "voices": [fewest, most],
        "n_mixtures": count,
        "n_groups": n_groups,
        "level_db": ranges.level_db,
        **ranges.changed(),
        "duration_s": duration,
        "sample_rate": sample_rate,
        "random_state": seed,
    }
    folder = ClipFolder(output, {"mix": settings, "clips": clips.fingerprint()})
    n_written = 0
    for done, mixture in enumerate(plan, start=1):
        if mixture.name not in folder:
            folder.write(
                mixture.name, _render(mixture, duration, sample_rate), sample_rate
            )
            n_written += 1
        if on_progress is not None:
            on_progress(done, len(plan))
    if not folder.is_complete:
        _finish(folder, plan, clips, settings)
    groups = list(dict.fromkeys(mixture.group for mixture in plan))
    return MixedClips(
        folder=folder.path, n_mixtures=len(plan), n_written=n_written, groups=groups
    )


def _check_voices(voices: Any) -> tuple[int, int]:
    if isinstance(voices, tuple | list) and len(voices) == 2:
        fewest = check_int("voices", voices[0], minimum=1, owner=_OWNER)
        return fewest, check_int("voices", voices[1], minimum=fewest, owner=_OWNER)
    expected = "two ints, fewest and most voices"
    raise argument_error("voices", voices, expected, owner=_OWNER)


def _make_parts(
    clips: Dataset, n_groups: int
) -> dict[tuple[str | None, str], list[int]]:
    """Return the clips of each part, by split and name of the part."""
    if clips.multilabel:
        raise DatasetError(
            f"{clips.name} has clips of several labels. Mix clips of one label each."
        )
    labels = np.array(clips.labels)
    indicator = labels[:, None] == np.unique(labels)
    groups = np.array(clips.paths if clips.groups is None else clips.groups)
    splits = np.array(clips.splits or [""] * len(clips))
    parts: dict[tuple[str | None, str], list[int]] = {}
    for split in dict.fromkeys(splits.tolist()):
        rows = np.flatnonzero(splits == split)
        wanted = min(n_groups, len(np.unique(groups[rows])))
        shares = [1 / wanted] * wanted
        dealt = iterative_parts(indicator[rows], shares, groups=groups[rows])
        for number in np.unique(dealt):
            name = f"{split}-part-{number + 1}".removeprefix("-")
            parts[split or None, name] = rows[dealt == number].tolist()
    return parts


def _plan(
    clips: Dataset,
    parts: dict[tuple[str | None, str], list[int]],
    voices: tuple[int, int],
    count: int,
    ranges: _Ranges,
    seed: int,
) -> list[_Mixture]:
    """Draw every mixture from a generator of its own."""
    sizes = np.array([len(rows) for rows in parts.values()])
    owner = np.repeat(np.arange(len(sizes)), _shares(sizes, count))
    keys = list(parts)
    plan = []
    for index in range(count):
        split, group = key = keys[owner[index]]
        rng = np.random.default_rng([seed, index])
        chosen = _draw(clips, parts[key], voices, ranges, rng)
        plan.append(_Mixture(f"mixture-{index:06d}.wav", chosen, group, split))
    return plan


def _shares(sizes: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Divide a count in proportion to sizes, in whole numbers."""
    ends = np.rint(np.cumsum(sizes) / sizes.sum() * count).astype(np.int64)
    shares: NDArray[np.int64] = np.diff(ends, prepend=0)
    return shares


def _draw(
    clips: Dataset,
    rows: Sequence[int],
    voices: tuple[int, int],
    ranges: _Ranges,
    rng: np.random.Generator,
) -> tuple[_Voice, ...]:
    by_label: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        by_label[clips.labels[row]].append(row)
    fewest, most = voices
    if fewest > len(by_label):
        raise DatasetError(
            f"A mixture of {fewest} voices needs clips of as many labels, but a part "
            f"of {clips.name} has {len(by_label)}. Lower the voices or the groups."
        )
    n_voices = int(rng.integers(fewest, min(most, len(by_label)) + 1))
    labels = rng.permutation(sorted(by_label))[:n_voices].tolist()
    return tuple(
        _draw_voice(clips.paths[int(rng.choice(by_label[label]))], label, ranges, rng)
        for label in labels
    )


def _draw_voice(
    path: str, label: str, ranges: _Ranges, rng: np.random.Generator
) -> _Voice:
    gain_db = float(rng.uniform(-ranges.level_db, ranges.level_db))
    offset = float(rng.random())
    # Nothing is drawn in vain, so that mixtures without these stay what they were.
    semitones, equaliser_db = 0.0, ()
    if ranges.pitch:
        semitones = float(rng.uniform(-ranges.pitch, ranges.pitch))
    if ranges.colour_db:
        gains = rng.uniform(-ranges.colour_db, ranges.colour_db, len(EQUALISER_HZ))
        equaliser_db = tuple(gains.tolist())
    return _Voice(path, label, gain_db, offset, semitones, equaliser_db)


def _render(mixture: _Mixture, duration: float | None, sample_rate: int) -> Wave:
    waves = [_play(voice, sample_rate) for voice in mixture.voices]
    if duration is None:
        length = max(len(wave) for wave in waves)
    else:
        length = round(duration * sample_rate)
    mixed = np.zeros(length, np.float64)
    for wave, voice in zip(waves, mixture.voices, strict=True):
        _add(mixed, wave, voice)
    peak = float(np.abs(mixed).max())
    return (mixed * min(1.0, _FULL_SCALE / max(peak, 1e-12))).astype(np.float32)


def _play(voice: _Voice, sample_rate: int) -> NDArray[np.float64]:
    """Read a voice's clip, at its pitch and through its equaliser."""
    # Samples of a lower rate, played at the rate of the mixture, sound higher.
    read_rate = round(sample_rate / 2 ** (voice.semitones / 12))
    wave = load_waveform(voice.path, sample_rate=read_rate).astype(np.float64)
    if not voice.equaliser_db:
        return wave
    return equalise(wave, sample_rate, voice.equaliser_db)


def _add(mixed: NDArray[np.float64], wave: NDArray[np.float64], voice: _Voice) -> None:
    """Add a voice where its offset says, at a mean power of -20 dB and its gain."""
    power = np.sqrt(np.mean(wave**2))
    gain = 0.1 * 10 ** (voice.gain_db / 20) / max(power, 1e-9)
    start = round(voice.offset * abs(len(wave) - len(mixed)))
    if len(wave) > len(mixed):
        mixed += gain * wave[start : start + len(mixed)]
    else:
        mixed[start : start + len(wave)] += gain * wave


def _finish(
    folder: ClipFolder, plan: list[_Mixture], clips: Dataset, settings: dict[str, Any]
) -> None:
    root = Path(clips.root or ".").resolve()
    rows = []
    for mixture in plan:
        labels = ";".join(sorted(voice.label for voice in mixture.voices))
        row = {"label": labels, "group": mixture.group}
        rows.append(row | ({"split": mixture.split} if mixture.split else {}))
    listed = [
        {
            "name": mixture.name,
            "group": mixture.group,
            "voices": [_record(voice, root) for voice in mixture.voices],
        }
        for mixture in plan
    ]
    used = dict.fromkeys(voice.path for mixture in plan for voice in mixture.voices)
    sources = [
        {"path": _relative(path, root), **hash_file(path)._asdict()} for path in used
    ]
    folder.finish(rows, {"mix": settings, "sources": sources}, listed)


def _record(voice: _Voice, root: Path) -> dict[str, Any]:
    """Return what a manifest says of a voice."""
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
    whole = Path(path).resolve()
    return (whole.relative_to(root) if whole.is_relative_to(root) else whole).as_posix()
