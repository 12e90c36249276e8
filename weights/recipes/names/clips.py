"""Varied clips as features, made once: the net behind the features is frozen."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfccclf import make_pipeline, pad_sequences
from mfccclf.synthesis.speech import Rendering
from weights.recipes.features import Features, extract_parts
from weights.recipes.names.augment import Waveform, make_clips
from weights.recipes.names.others import OtherClips, load_or_render_others
from weights.recipes.names.render import load_or_render

__all__ = ["OTHERS_PER_LABEL", "PRESET", "Clips", "VariedClips", "load_material"]

PRESET = "words"
OTHERS_PER_LABEL = 12
_CLIPS_AT_ONCE = 50

Texts = NDArray[np.str_]


@dataclass(frozen=True)
class Clips:
    """Features of clips, what is said in each or its kind, and who says it."""

    X: Features
    labels: Texts
    speakers: Texts

    def take(self, rows: NDArray[np.bool_]) -> Clips:
        """Return some of the clips."""
        return Clips(self.X[rows], self.labels[rows], self.speakers[rows])

    def without(self, speakers: set[str], labels: Collection[str] = ()) -> Clips:
        """Return the clips of other speakers and other labels."""
        is_left_out = np.isin(self.speakers, [*speakers])
        return self.take(~is_left_out & ~np.isin(self.labels, [*labels]))


@dataclass(frozen=True)
class VariedClips:
    """Clips of names, and of what is none."""

    names: Clips
    others: Clips


def load_material(
    options: argparse.Namespace,
) -> tuple[list[Rendering], list[Rendering], VariedClips]:
    """Return what `make_names_parser`'s options ask for, made now or kept before.

    Returns
    -------
    renderings, others : list of Rendering
        Of the names, and of words that are none.
    clips : VariedClips
        Of both.
    """
    renderings = load_or_render(options.renderings, options.seed)
    others = load_or_render_others(options.others, options.seed)
    clips = _load_or_vary(
        options.features,
        renderings,
        others,
        per_label=options.clips,
        seed=options.seed,
    )
    return renderings, others, clips


def _load_or_vary(
    path: Path | None,
    renderings: Sequence[Rendering],
    others: Sequence[Rendering],
    *,
    per_label: int,
    seed: int,
) -> VariedClips:
    """Read varied clips from a file, or make and keep them there.

    Parameters
    ----------
    path : Path or None
        File (.npz) to keep the features in; None to keep none.
    renderings, others : sequence of Rendering
        Names, and other words and names.
    per_label : int
        Clips to make of each name; of what is none, `OTHERS_PER_LABEL` times as many.
    seed : int
        Seed of the variations.

    Returns
    -------
    clips : VariedClips
        All of them.
    """
    if path is not None and path.exists():
        return _load(path)
    rng = np.random.default_rng(seed)
    makers = OtherClips(others, renderings)
    clips = VariedClips(
        _extract(lambda n: make_clips(renderings, per_label=n, rng=rng), per_label),
        _extract(lambda n: makers.make(n, rng), OTHERS_PER_LABEL * per_label),
    )
    if path is not None:
        _save(path, clips)
    return clips


def _extract(
    make: Callable[[int], tuple[list[Waveform], list[tuple[str, str]]]], total: int
) -> Clips:
    """Make clips some at a time, which would fill 1 GB, and extract their features."""
    extractor: Any = make_pipeline(PRESET)["extract"]
    sequences: list[Features] = []
    facts: list[tuple[str, str]] = []
    for start in range(0, total, _CLIPS_AT_ONCE):
        waveforms, some = make(min(_CLIPS_AT_ONCE, total - start))
        sequences += extract_parts(extractor, [waveforms])
        facts += some
    labels, speakers = np.array(facts).T
    return Clips(pad_sequences(sequences), labels, speakers)


def _load(path: Path) -> VariedClips:
    with np.load(path) as kept:
        parts = [
            Clips(*(kept[f"{part.name}.{key.name}"] for key in fields(Clips)))
            for part in fields(VariedClips)
        ]
    return VariedClips(*parts)


def _save(path: Path, clips: VariedClips) -> None:
    arrays = {
        f"{part.name}.{key.name}": getattr(getattr(clips, part.name), key.name)
        for part in fields(VariedClips)
        for key in fields(Clips)
    }
    np.savez(path, **arrays)
