"""Draw which clips sound together, where, how loud and at which pitch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mfccclf.datasets.dataset import Dataset
from mfccclf.errors import DatasetError
from mfccclf.stratification import stratified_parts
from mfccclf.synthesis.mixtures.settings import MixtureSettings
from mfccclf.variation.equaliser import EQUALISER_HZ

__all__ = ["Mixture", "Voice", "plan_mixtures"]


@dataclass(frozen=True)
class Voice:
    """One clip of a mixture, and how it is played.

    Attributes
    ----------
    path : str
        The clip.
    label : str
        Its label.
    gain_db : float
        Its level, over that of the others.
    offset : float
        Where it starts: share of the time that is left over before or within the clip.
    semitones : float
        How much higher than recorded.
    equaliser_db : tuple of float
        Gain at each of ``EQUALISER_HZ``; empty for none.
    """

    path: str
    label: str
    gain_db: float
    offset: float
    semitones: float = 0.0
    equaliser_db: tuple[float, ...] = ()


@dataclass(frozen=True)
class Mixture:
    """Clips that sound together.

    Attributes
    ----------
    name : str
        Its file.
    voices : tuple of Voice
        Each with a label of its own.
    group : str
        Part of the data set that its clips are from.
    split : str or None
        Split that its clips are from.
    """

    name: str
    voices: tuple[Voice, ...]
    group: str
    split: str | None


@dataclass(frozen=True)
class _Part:
    """Rows of the clips that share no group with those of another part."""

    name: str
    split: str | None
    rows: list[int]


def plan_mixtures(clips: Dataset, settings: MixtureSettings) -> list[Mixture]:
    """Draw every mixture, each from a random generator of its own.

    Parameters
    ----------
    clips : Dataset
        Clips of one label each.
    settings : MixtureSettings
        What the mixtures are to be like.

    Returns
    -------
    mixtures : list of Mixture
        ``settings.n_mixtures`` of them.

    Raises
    ------
    DatasetError
        If a clip has several labels, or a part has too few labels.
    """
    parts = _deal_out(clips, settings.n_groups)
    sizes = np.array([len(part.rows) for part in parts])
    places = np.repeat(np.arange(len(parts)), _apportion(sizes, settings.n_mixtures))
    plan = []
    for index, place in enumerate(places):
        rng = np.random.default_rng([settings.random_state, index])
        part = parts[place]
        voices = _draw_voices(clips, part.rows, settings, rng)
        plan.append(Mixture(f"mixture-{index:06d}.wav", voices, part.name, part.split))
    return plan


def _deal_out(clips: Dataset, n_groups: int) -> list[_Part]:
    """Deal the clips out to parts with like shares of each label, split by split."""
    if clips.multilabel:
        raise DatasetError(
            f"{clips.name} has clips of several labels. Mix clips of one label each."
        )
    labels = np.array(clips.labels)
    indicator = labels[:, None] == np.unique(labels)
    groups = np.array(clips.paths if clips.groups is None else clips.groups)
    splits = np.array(clips.splits or [""] * len(clips))
    parts = []
    for split in dict.fromkeys(splits.tolist()):
        rows = np.flatnonzero(splits == split)
        n_parts = min(n_groups, len(np.unique(groups[rows])))
        shares = [1 / n_parts] * n_parts
        dealt = stratified_parts(indicator[rows], shares, groups=groups[rows])
        for number in np.unique(dealt):
            name = f"{split}-part-{number + 1}".removeprefix("-")
            parts.append(_Part(name, split or None, rows[dealt == number].tolist()))
    return parts


def _apportion(sizes: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Divide a count in proportion to sizes, in whole numbers."""
    ends = np.rint(np.cumsum(sizes) / sizes.sum() * count).astype(np.int64)
    counts: NDArray[np.int64] = np.diff(ends, prepend=0)
    return counts


def _draw_voices(
    clips: Dataset,
    rows: Sequence[int],
    settings: MixtureSettings,
    rng: np.random.Generator,
) -> tuple[Voice, ...]:
    """Draw clips of different labels."""
    by_label: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        by_label[clips.labels[row]].append(row)
    fewest, most = settings.voices
    if fewest > len(by_label):
        raise DatasetError(
            f"A mixture of {fewest} voices needs clips of as many labels, but a part "
            f"of {clips.name} has {len(by_label)}. Lower the voices or the groups."
        )
    n_voices = int(rng.integers(fewest, min(most, len(by_label)) + 1))
    labels = rng.permutation(sorted(by_label))[:n_voices].tolist()
    return tuple(
        _draw_voice(clips.paths[int(rng.choice(by_label[label]))], label, settings, rng)
        for label in labels
    )


def _draw_voice(
    path: str, label: str, settings: MixtureSettings, rng: np.random.Generator
) -> Voice:
    gain_db = float(rng.uniform(-settings.level_db, settings.level_db))
    offset = float(rng.random())
    # Pitch and colour are drawn only where they vary: then mixtures without them are
    # the same as before these settings existed.
    semitones, equaliser_db = 0.0, ()
    if settings.pitch:
        semitones = float(rng.uniform(-settings.pitch, settings.pitch))
    if settings.colour_db:
        limit = settings.colour_db
        gains = rng.uniform(-limit, limit, len(EQUALISER_HZ))
        equaliser_db = tuple(gains.tolist())
    return Voice(path, label, gain_db, offset, semitones, equaliser_db)
