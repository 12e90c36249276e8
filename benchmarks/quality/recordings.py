"""Tasks of recorded clips."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from benchmarks.quality.folds import draw_few, leave_one_out, official, stratified
from benchmarks.quality.task import Fold, Places, TaskClips
from mfccclf import Dataset, load_dataset
from mfccclf.synthesis import mix_clips, render_speech

__all__ = [
    "digits_few",
    "digits_official",
    "digits_rendered",
    "digits_speakers",
    "environment",
    "notes",
    "notes_rendered",
    "solos_mixtures",
    "wake_words",
    "words",
    "words_rendered",
]

_DIGITS = {
    **{"zero": "0", "one": "1", "two": "2", "three": "3", "four": "4"},
    **{"five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9"},
}
_DRAWS = 3
_SPOKEN_CLIPS = 100
_MIXTURE_S, _MIXTURE_RATE = 3.0, 22050


def digits_speakers(places: Places) -> TaskClips:
    """Return spoken digits; each speaker is tested after training on the others."""
    clips = load_dataset(places.data / "digits", layout="digits")
    return _with_folds(clips, leave_one_out(clips.groups or []))


def digits_official(places: Places) -> TaskClips:
    """Return spoken digits with the official test part."""
    clips = load_dataset(places.data / "digits", layout="digits")
    return _with_folds(clips, official(clips.splits or []))


def digits_few(places: Places, *, per_class: int) -> TaskClips:
    """Return spoken digits, with few clips of each for training."""
    clips = load_dataset(places.data / "digits", layout="digits")
    folds = draw_few(
        clips.labels, clips.splits or [], per_class=per_class, n_draws=_DRAWS
    )
    return _with_folds(clips, folds)


def words(places: Places) -> TaskClips:
    """Return spoken words; no speaker is on both sides of a fold."""
    clips = load_dataset(places.data / "words", layout="speech-commands")
    return _with_folds(clips, stratified(clips.labels, clips.groups))


def wake_words(places: Places) -> TaskClips:
    """Return wake words, whose speakers are unknown."""
    clips = load_dataset(places.data / "wake_words")
    return _with_folds(clips, stratified(clips.labels, None))


def environment(places: Places) -> TaskClips:
    """Return everyday sounds, files ``fold-RECORDING-take``; recordings kept apart."""
    clips = load_dataset(places.data / "environment", layout="folders")
    recordings = [Path(path).stem.split("-")[1] for path in clips.paths]
    folds = stratified(clips.labels, recordings)
    return _with_folds(clips, folds, groups=recordings)


def notes(places: Places) -> TaskClips:
    """Return real notes, instruments kept apart."""
    clips = load_dataset(places.data / "notes", layout="nsynth")
    return _with_folds(clips, stratified(clips.labels, clips.groups))


def notes_rendered(places: Places) -> TaskClips:
    """Return the folds of `notes`, with all rendered notes in each training part."""
    if places.rendered is None:
        raise SystemExit(
            "Rendered notes are needed. Give their folder with --rendered."
        )
    extra = load_dataset(places.rendered, layout="nsynth")
    return _add_rendered(notes(places), extra)


def digits_rendered(places: Places) -> TaskClips:
    """Return the folds of `digits_speakers`, with rendered speech for training."""
    extra = _speak(places, "digits", _DIGITS, sample_rate=8000)
    return _add_rendered(digits_speakers(places), extra)


def words_rendered(places: Places) -> TaskClips:
    """Return the folds of `words`, with rendered speech for training."""
    real = words(places)
    extra = _speak(places, "words", {word: word for word in real.classes})
    return _add_rendered(real, extra)


def solos_mixtures(places: Places) -> TaskClips:
    """Return mixtures of solos: four parts for training, the fifth for testing.

    ``mfccclf dataset mix SOLOS --duration 3 --rate 22050`` makes the same clips.
    """
    mixed = mix_clips(
        load_dataset(places.data / "solos", layout="medley-solos"),
        places.work / "solos-mixtures",
        duration=_MIXTURE_S,
        sample_rate=_MIXTURE_RATE,
    )
    clips = load_dataset(mixed.folder / "labels.csv")
    return _with_folds(clips, leave_one_out(clips.groups or []))


def _speak(
    places: Places, name: str, said: dict[str, str], *, sample_rate: int = 16000
) -> Dataset:
    """Make clips as ``mfccclf dataset speak WORD=LABEL... --clips 100`` does."""
    folder = places.work / f"{name}-rendered"
    if not folder.exists():
        render_speech(said, folder, n_clips=_SPOKEN_CLIPS, sample_rate=sample_rate)
    return load_dataset(folder, layout="speech-commands")


def _add_rendered(real: TaskClips, extra: Dataset) -> TaskClips:
    """Add rendered clips to each training part; they are never tested on."""
    first = len(real.paths)
    added = np.arange(first, first + len(extra))
    folds = [
        Fold(fold.name, np.concatenate([fold.train, added]), fold.test)
        for fold in real.folds
    ]
    groups = [f"rendered {name}" for name in extra.groups or []]
    return TaskClips(
        paths=real.paths + extra.paths,
        label_sets=real.label_sets + extra.label_sets,
        groups=(real.groups or []) + groups,
        folds=folds,
    )


def _with_folds(
    clips: Dataset, folds: list[Fold], *, groups: list[str] | None = None
) -> TaskClips:
    return TaskClips(
        paths=clips.paths,
        label_sets=clips.label_sets,
        groups=groups or clips.groups,
        folds=folds,
    )
