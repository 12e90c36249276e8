"""Mixtures of solos to learn from and to test on, as features."""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfccclf import Dataset, load_dataset, make_pipeline
from mfccclf.synthesis import mix_clips
from mfccclf.workflows import extract_sequences
from weights.recipes.instruments.variations import SAMPLE_RATE, write_variations

__all__ = ["N_PARTS", "PRESET", "Array", "Mixtures", "OtherClips", "make_mixtures"]

PRESET = "instruments"
N_PARTS = 5
_N_TESTED = 1000
Array = NDArray[Any]


@dataclass(frozen=True)
class Mixtures:
    """Features, labels as a matrix, and the part of the solos of each mixture."""

    X: Array
    Y: Array
    part: Array

    def join(self, more: Mixtures) -> Mixtures:
        """Return these and more."""
        pairs = ((self.X, more.X), (self.Y, more.Y), (self.part, more.part))
        return Mixtures(*map(np.concatenate, pairs))

    def select(self, rows: NDArray[np.bool_]) -> Mixtures:
        """Return some of them."""
        return Mixtures(self.X[rows], self.Y[rows], self.part[rows])


@dataclass(frozen=True)
class OtherClips:
    """Features of clips that hold no instrument: to learn from, and to test with."""

    learned: Array
    intruders: dict[str, Array]


def make_mixtures(
    solos: Dataset, options: argparse.Namespace
) -> tuple[Mixtures, Mixtures]:
    """Mix varied solos to learn from, and unchanged solos to test on."""
    varied = write_variations(
        solos, options.work / "solos", per_clip=options.per_clip, seed=options.seed
    )
    plain = write_variations(solos, options.work / "plain", per_clip=1, seed=0)
    folders = [
        _mix(varied, options.mixtures, options),
        _mix(plain, _N_TESTED, options),
    ]
    _check_same_parts(*map(_parts_of_solos, folders))
    learned, tested = map(_load, folders)
    return learned, tested


def _mix(table: Path, count: int, options: argparse.Namespace) -> Path:
    mixed = mix_clips(
        load_dataset(table),
        options.work / f"mixed-{table.parent.name}",
        n_mixtures=count,
        n_groups=N_PARTS,
        duration=3.0,
        sample_rate=SAMPLE_RATE,
        random_state=options.seed,
    )
    return mixed.folder


def _load(folder: Path) -> Mixtures:
    """Extract the features of mixtures."""
    data = load_dataset(folder / "labels.csv", check=False)
    X = extract_sequences(make_pipeline(PRESET)[0], data.paths)
    Y = np.array(
        [[name in labels for name in data.classes] for labels in data.label_sets]
    )
    return Mixtures(X, Y.astype(np.int64), np.array(data.groups))


def _parts_of_solos(folder: Path) -> dict[str, str]:
    """Return the part of each solo that a mixture holds."""
    manifest = json.loads((folder / "manifest.json").read_text())
    return {
        voice["path"].partition("-")[0]: clip["group"]
        for clip in manifest["clips"]
        for voice in clip["voices"]
    }


def _check_same_parts(varied: dict[str, str], plain: dict[str, str]) -> None:
    """Stop if a solo is learned from in one part and tested on in another."""
    if any(varied.get(solo, part) != part for solo, part in plain.items()):
        raise SystemExit("A solo lies in two parts.")
