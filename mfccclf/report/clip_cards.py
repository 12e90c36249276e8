"""The clips of a report, as its page shows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mfccclf.report.examples import MIXED_GAP, Role
from mfccclf.report.inputs import ReportInputs
from mfccclf.report.pictures import Card, Picture
from mfccclf.report.sound import Sound

__all__ = ["ClipCard", "LabelCards", "ScoreBar", "make_label_cards"]

_MOST_SCORES = 3
_REASONS = {
    Role.highest: "Recognised, highest score",
    Role.lowest: "Recognised, lowest score",
    Role.over_half: "Recognised, middle score over 0.5",
    Role.nearest: "Mistaken, nearest to right",
    Role.farthest: "Mistaken, farthest from right",
    Role.mixed: f"Mixed: another label within {MIXED_GAP}",
}
_MULTILABEL_REASONS = {
    Role.highest: "Has it, highest score",
    Role.lowest: "Has it, lowest score",
    Role.absent: "Does not have it, highest score",
}


@dataclass(frozen=True, kw_only=True)
class ScoreBar:
    """A label's score of one clip; ``is_true`` tells whether the clip has the label."""

    label: str
    value: float
    is_true: bool


@dataclass(frozen=True, kw_only=True)
class ClipCard:
    """A clip with the reasons for showing it and its highest scores."""

    file: str
    reasons: Sequence[str]
    is_right: bool
    scores: Sequence[ScoreBar]
    picture: Picture
    sound: Sound


@dataclass(frozen=True, kw_only=True)
class LabelCards:
    """The clips of a label; labels are numbered from 1."""

    number: int
    name: str
    summary: str
    clips: Sequence[ClipCard]


def make_label_cards(
    inputs: ReportInputs, cards: Sequence[Sequence[Card]]
) -> list[LabelCards]:
    """Describe the chosen clips of each label that has any.

    Parameters
    ----------
    inputs : ReportInputs
        What the model said of them.
    cards : sequence of sequence of Card
        Chosen clips of each label.

    Returns
    -------
    labels : list of LabelCards
        In the order of the model's labels.
    """
    return [
        LabelCards(
            number=column + 1,
            name=inputs.labels[column],
            summary=_summarise(inputs, column, found),
            clips=[_describe(inputs, column, card) for card in found],
        )
        for column, found in enumerate(cards)
        if found
    ]


def _summarise(inputs: ReportInputs, column: int, cards: Sequence[Card]) -> str:
    """Say how many clips there are, and which kinds of clips there are none of."""
    present = inputs.present[:, column]
    n_clips = int(present.sum())
    if not n_clips:
        return "No clip has this label."
    right = int((present & inputs.answers[:, column]).sum())
    text = f"{right} of {n_clips} {'clip' if n_clips == 1 else 'clips'} recognised."
    if inputs.multilabel:
        threshold = inputs.config["thresholds"][column]
        return f"{text} Given from a score of {threshold:.3f} upwards."
    found = {role for card in cards for role in card.example.roles}
    if right and Role.over_half not in found:
        text += " None scores over 0.5."
    if Role.mixed not in found:
        text += f" None has another label within {MIXED_GAP}."
    return text


def _describe(inputs: ReportInputs, column: int, card: Card) -> ClipCard:
    clip = card.example.clip
    reasons = _MULTILABEL_REASONS if inputs.multilabel else _REASONS
    is_right = inputs.answers[clip, column] == inputs.present[clip, column]
    return ClipCard(
        file=inputs.file_name(clip),
        reasons=[reasons[role] for role in card.example.roles],
        is_right=bool(is_right),
        scores=_best_scores(inputs, column, clip),
        picture=card.picture,
        sound=card.sound,
    )


def _best_scores(inputs: ReportInputs, column: int, clip: int) -> list[ScoreBar]:
    """Return the highest scores, and that of the label that the clip is shown for."""
    scores = inputs.probabilities[clip]
    best = list(np.argsort(-scores, kind="stable")[:_MOST_SCORES])
    if column not in best:
        best.append(column)
    return [
        ScoreBar(
            label=inputs.labels[index],
            value=float(scores[index]),
            is_true=bool(inputs.present[clip, index]),
        )
        for index in best
    ]
