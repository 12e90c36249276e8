"""Draw the pictures of a report."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mfccclf._typing import Progress
from mfccclf.plots import (
    PNG_DPI,
    figure_to_png,
    plot_calibration,
    plot_class_scores,
    plot_confusion,
    plot_learning_curves,
    plot_waveform,
    plot_waveforms,
)
from mfccclf.report.examples import (
    Example,
    choose_examples,
    choose_multilabel_examples,
)
from mfccclf.report.inputs import ReportInputs, slug
from mfccclf.report.sound import SAMPLE_RATE, Sound, load_sound
from mfccclf.report.tables import defined_scores

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Card", "Picture", "Pictures", "draw_pictures"]


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A picture as a file.

    Attributes
    ----------
    file : str
        Its name within the report, with ``/``.
    content : bytes
        The PNG file.
    alt : str
        What it shows, for readers who cannot see it.
    """

    file: str
    content: bytes
    alt: str

    @property
    def size(self) -> tuple[int, int]:
        """Width and height on a page, in CSS pixels: 96 to the inch."""
        width, height = struct.unpack(">II", self.content[16:24])
        return round(width * 96 / PNG_DPI), round(height * 96 / PNG_DPI)


@dataclass(frozen=True, kw_only=True)
class Card:
    """A clip to show, with its picture and sound."""

    example: Example
    picture: Picture
    sound: Sound


@dataclass(frozen=True, kw_only=True)
class Pictures:
    """All pictures of a report; None or empty where it has none.

    Attributes
    ----------
    cards : list of list of Card
        Chosen clips of each label.
    """

    curves: Picture | None
    confusion: list[Picture]
    class_scores: Picture
    calibration: Picture
    waveforms: Picture
    cards: list[list[Card]]

    def __iter__(self) -> Iterator[Picture]:
        """Yield the pictures in the order of the page."""
        if self.curves is not None:
            yield self.curves
        yield from self.confusion
        yield self.class_scores
        yield self.calibration
        yield self.waveforms
        yield from (card.picture for cards in self.cards for card in cards)


def draw_pictures(
    inputs: ReportInputs, on_progress: Progress | None = None
) -> Pictures:
    """Draw all pictures of a report.

    Parameters
    ----------
    inputs : ReportInputs
        What to show.
    on_progress : callable, optional
        Called as ``on_progress(done, total)`` after each clip.

    Returns
    -------
    pictures : Pictures
        PNG files in memory.
    """
    return Pictures(
        curves=_draw_curves(inputs),
        confusion=_draw_confusion(inputs),
        class_scores=_draw_class_scores(inputs),
        calibration=_draw_calibration(inputs),
        waveforms=_draw_waveforms(inputs),
        cards=_draw_cards(inputs, on_progress),
    )


def _picture(file: str, figure: Figure, alt: str) -> Picture:
    return Picture(file=file, content=figure_to_png(figure), alt=alt)


def _draw_curves(inputs: ReportInputs) -> Picture | None:
    history = inputs.history
    if history is None:
        return None
    alt = f"Loss and accuracy over {len(history['train_loss'])} epochs of training"
    if np.isfinite(history["valid_loss"]).any():
        alt += ", on the training and on the validation clips"
    figure = plot_learning_curves(**history, kept_epoch=inputs.kept_epoch)
    return _picture("learning-curves.png", figure, alt)


def _draw_confusion(inputs: ReportInputs) -> list[Picture]:
    if inputs.multilabel:
        return []
    counts, labels = inputs.scores["confusion"], inputs.labels
    size = f"Confusion matrix of {len(labels)} labels, true labels in rows: "
    shares = plot_confusion(counts, labels, normalise=True)
    return [
        _picture(
            "confusion-counts.png",
            plot_confusion(counts, labels),
            f"{size}number of clips",
        ),
        _picture("confusion-shares.png", shares, f"{size}share of each row"),
    ]


def _draw_class_scores(inputs: ReportInputs) -> Picture:
    scores = defined_scores(inputs)
    figure = plot_class_scores(
        inputs.labels,
        *(scores[key] for key in ("precision", "recall", "f1")),
        mean_f1=inputs.scores["macro_f1"],
    )
    alt = "Precision, recall and F1 of each label; the table has the numbers"
    return _picture("class-scores.png", figure, alt)


def _draw_calibration(inputs: ReportInputs) -> Picture:
    found = inputs.calibration
    figure = plot_calibration(
        found.edges,
        found.accuracies,
        found.counts,
        error=found.error,
        multilabel=inputs.multilabel,
    )
    alt = f"Reliability diagram: expected calibration error {found.error:.3f}"
    return _picture("calibration.png", figure, alt)


def _draw_waveforms(inputs: ReportInputs) -> Picture:
    """Draw the first clip of each label that has one."""
    columns = np.flatnonzero(inputs.present.any(axis=0))
    clips = [int(inputs.present[:, column].argmax()) for column in columns]
    waves = [_load(inputs, clip).waveform for clip in clips]
    titles = [inputs.labels[column] for column in columns]
    alt = f"Waveforms of {len(clips)} clips, the first of each label"
    figure = plot_waveforms(waves, titles, SAMPLE_RATE)
    return _picture("waveforms.png", figure, alt)


def _draw_cards(inputs: ReportInputs, on_progress: Progress | None) -> list[list[Card]]:
    if inputs.multilabel:
        chosen = choose_multilabel_examples(inputs.present, inputs.probabilities)
    else:
        chosen = choose_examples(inputs.true, inputs.probabilities)
    total = sum(map(len, chosen))
    cards: list[list[Card]] = [[] for _ in chosen]
    for done, (column, example) in enumerate(
        ((column, example) for column, row in enumerate(chosen) for example in row),
        start=1,
    ):
        cards[column].append(_draw_card(inputs, column, example))
        if on_progress is not None:
            on_progress(done, total)
    return cards


def _draw_card(inputs: ReportInputs, column: int, example: Example) -> Card:
    sound = _load(inputs, example.clip)
    label = inputs.labels[column]
    # Numbered from 1, so that labels without plain letters get distinct names.
    name = "-".join(filter(None, [f"{column + 1:02}", slug(label), example.roles[0]]))
    answers = np.flatnonzero(inputs.answers[example.clip])
    said = ", ".join(inputs.labels[index] for index in answers) or "nothing"
    alt = (
        f"Waveform of {inputs.file_name(example.clip)}, {sound.duration_s:.2f} s "
        f"long, shown for {label}; the model says {said}"
    )
    figure = plot_waveform(sound.waveform, SAMPLE_RATE, heard_s=inputs.heard_s)
    picture = _picture(f"clips/{name}.png", figure, alt)
    return Card(example=example, picture=picture, sound=sound)


def _load(inputs: ReportInputs, clip: int) -> Sound:
    return load_sound(inputs.clips.paths[clip], channel=inputs.reading.channel)
