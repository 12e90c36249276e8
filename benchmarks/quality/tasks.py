"""The tasks by name."""

from __future__ import annotations

from functools import partial

from benchmarks.quality import recordings, speech
from benchmarks.quality.task import Task

__all__ = ["TASKS"]

_DIGITS_RATE = 8000
_MUSIC_RATE = 22050

_FEW_GOALS = {5: 0.95, 10: 0.98}
_FEW = tuple(
    Task(
        name=f"digits-{count}",
        title=f"Spoken digits, {count} clips of each",
        about=f"Digits as above, but training has only {count} clips of each of the "
        "ten, drawn three times from the official training part. Tested on the "
        "official test part.",
        make=partial(recordings.digits_few, per_class=count),
        sample_rate=_DIGITS_RATE,
        goal=_FEW_GOALS.get(count),
    )
    for count in (5, 10, 20, 50)
)
_ALL = (
    Task(
        name="digits-speakers",
        title="Spoken digits, unknown speakers",
        about="Free Spoken Digit Dataset, four speakers, 50 takes of each digit. Each "
        "speaker is tested with a model trained on the other three.",
        make=recordings.digits_speakers,
        sample_rate=_DIGITS_RATE,
        goal=0.975,
    ),
    Task(
        name="digits-rendered",
        title="Spoken digits, unknown speakers, with rendered speech to learn from",
        about="The same folds; each training part also has some 100 clips of each "
        "digit spoken by programs (`mfccclf dataset speak`). Tested on people.",
        make=recordings.digits_rendered,
        sample_rate=_DIGITS_RATE,
        goal=0.985,
    ),
    Task(
        name="digits-official",
        title="Spoken digits, known speakers",
        about="The same recordings with the official split: takes 0 to 4 are tested.",
        make=recordings.digits_official,
        sample_rate=_DIGITS_RATE,
        goal=1.0,
    ),
    *_FEW,
    Task(
        name="words",
        title="Spoken words, unknown speakers",
        about="Speech Commands: bed, cat and happy, 60 clips each. Five folds, no "
        "speaker on both sides.",
        make=recordings.words,
        goal=0.99,
    ),
    Task(
        name="words-rendered",
        title="Spoken words, unknown speakers, with rendered speech to learn from",
        about="The same folds; each training part also has some 100 clips of each "
        "word spoken by programs. Tested on people.",
        make=recordings.words_rendered,
        goal=0.99,
    ),
    Task(
        name="wake-words",
        title="Wake words",
        about="Precise-Community-Data: amelia and athena, 60 clips each. Five folds. "
        "The speakers are unknown, so some are on both sides.",
        make=recordings.wake_words,
        goal=1.0,
    ),
    Task(
        name="environment",
        title="Everyday sounds",
        about="ESC-10: ten sounds, seven clips each. Five folds, no recording on both "
        "sides.",
        make=recordings.environment,
        sample_rate=_MUSIC_RATE,
        goal=0.88,
    ),
    Task(
        name="notes",
        title="Single notes, unknown instruments",
        about="741 real notes of 27 instruments, eleven families. Five folds, no "
        "instrument on both sides. Some families have few instruments, so the balanced "
        "accuracy counts.",
        make=recordings.notes,
        measure="balanced_accuracy",
        goal=0.6,
    ),
    Task(
        name="notes-rendered",
        title="Single notes, with rendered ones to learn from",
        about="The same folds; each training part also has notes rendered from "
        "SoundFonts. Tested on real notes.",
        make=recordings.notes_rendered,
        measure="balanced_accuracy",
        goal=0.68,
    ),
    Task(
        name="solos-mixtures",
        title="Mixtures of solos",
        about="Medley-solos-DB: 80 solos of eight instruments in five parts, mixed one "
        "to three at a time into 800 clips. The mixtures of each part are tested with "
        "a model trained on those of the other four. Several labels per clip.",
        make=recordings.solos_mixtures,
        sample_rate=_MUSIC_RATE,
        measure="macro_f1",
        goal=0.8,
        multilabel=True,
    ),
    Task(
        name="names-small",
        title="Five names, one voice",
        about="The task of the first published system, made with one synthetic voice: "
        "five names, 50 clips for training, 25 for testing, ten seeds.",
        make=speech.names_small,
        seeds=tuple(range(10)),
    ),
    Task(
        name="names-engines",
        title="Five names, unknown voices",
        about="Synthetic speech: 1,000 varied clips for training, 300 of held-out "
        "voices for testing: all voices of one program (three times), or some of each.",
        make=speech.names_engines,
        goal=0.985,
    ),
)

TASKS = {task.name: task for task in _ALL}
