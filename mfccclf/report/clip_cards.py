"""The clips of a report: pictures, scores and sound."""

from __future__ import annotations

import numpy as np

from mfccclf.report.examples import MIXED_GAP, Role
from mfccclf.report.html import Html, data_uri, element
from mfccclf.report.inputs import ReportInputs
from mfccclf.report.pictures import Card, Picture
from mfccclf.report.sound import AUDIO_TYPE

__all__ = ["show_clips", "show_picture"]

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
_SHADED = "Shaded is what the model does not listen to."
_EXPLANATION = (
    "Of each label: the recognised clips with the highest and the lowest score, and "
    "the middle one of those with a score over 0.5; the mistaken clips nearest to and "
    "farthest from being right, by how far the true label's score lies below the "
    "winning one; and the clip whose true label's score is closest to another one, if "
    f"within {MIXED_GAP}. A clip that is several of these is shown once. "
)
_MULTILABEL_EXPLANATION = (
    "Of each label, the clips that have it with its highest and its lowest score, and "
    "the clip with its highest score of those that do not have it. "
)


def show_clips(inputs: ReportInputs, cards: list[list[Card]]) -> Html:
    """Return the section with the clips of each label.

    Parameters
    ----------
    inputs : ReportInputs
        What the model said of them.
    cards : list of list of Card
        Clips of each label.
    """
    heading = element("h2", "Clips to look at and listen to")
    text = _MULTILABEL_EXPLANATION if inputs.multilabel else _EXPLANATION
    if inputs.front_end.reach_s is not None:
        text += _SHADED
    shown = [(column, found) for column, found in enumerate(cards) if found]
    links = [
        element("a", inputs.labels[column], href=f"#label-{column + 1}")
        for column, _ in shown
    ]
    return element(
        "section",
        heading,
        element("p", text.strip()),
        element("nav", *links, aria_label="Labels"),
        *(_show_label(inputs, column, found) for column, found in shown),
    )


def show_picture(picture: Picture) -> Html:
    """Return a picture, inside the page."""
    width, height = picture.size
    return element(
        "img",
        src=data_uri(picture.content, "image/png"),
        alt=picture.alt,
        width=width,
        height=height,
    )


def _show_label(inputs: ReportInputs, column: int, cards: list[Card]) -> Html:
    label = inputs.labels[column]
    shown = [_show_card(inputs, column, card) for card in cards]
    return element(
        "section",
        element("h3", label),
        element("p", _absence_text(inputs, column, cards)),
        element("div", *shown, class_="cards"),
        id=f"label-{column + 1}",
        class_="label",
    )


def _absence_text(inputs: ReportInputs, column: int, cards: list[Card]) -> str:
    """Say how many clips there are, and which kinds of clips there are none of."""
    present = inputs.present[:, column]
    n_clips = int(present.sum())
    if not n_clips:
        return "No clip has this label."
    right = int((present & inputs.answers[:, column]).sum())
    text = f"{right} of {n_clips} {'clip' if n_clips == 1 else 'clips'} recognised."
    if inputs.multilabel:
        threshold = inputs.config["thresholds"][column]
        return f"{text} Named from a score of {threshold:.3f} on."
    found = {role for card in cards for role in card.example.roles}
    if right and Role.over_half not in found:
        text += " None with a score over 0.5."
    if Role.mixed not in found:
        text += f" None has another label within {MIXED_GAP}."
    return text


def _show_card(inputs: ReportInputs, column: int, card: Card) -> Html:
    clip = card.example.clip
    reasons = _MULTILABEL_REASONS if inputs.multilabel else _REASONS
    chips = [element("span", reasons[role]) for role in card.example.roles]
    is_right = inputs.answers[clip, column] == inputs.present[clip, column]
    return element(
        "figure",
        element("div", *chips, class_="chips"),
        show_picture(card.picture),
        element("figcaption", inputs.file_name(clip)),
        _show_scores(inputs, column, clip),
        _show_sound(card, inputs.file_name(clip)),
        class_="card right" if is_right else "card mistaken",
    )


def _show_scores(inputs: ReportInputs, column: int, clip: int) -> Html:
    """Return bars of the highest scores, and of the label that is looked at."""
    scores = inputs.probabilities[clip]
    best = list(np.argsort(-scores, kind="stable")[:_MOST_SCORES])
    if column not in best:
        best.append(column)
    rows = []
    for index in best:
        is_true = inputs.present[clip, index]
        name = f"{inputs.labels[index]}{' (true)' if is_true else ''}"
        width = f"width:{100 * scores[index]:.1f}%"
        rows.append(
            element(
                "li",
                element("span", name, class_="name"),
                element("span", element("i", style=width), class_="bar"),
                element("span", f"{scores[index]:.3f}", class_="number"),
                class_="true" if is_true else "other",
            )
        )
    return element("ul", *rows, class_="scores")


def _show_sound(card: Card, name: str) -> Html:
    sound = card.sound
    length = f"{sound.duration_s:.2f} s"
    if sound.is_cut:
        length = f"The first {sound.audio_s:.0f} s of {length}"
    source = data_uri(sound.audio, AUDIO_TYPE)
    player = element(
        "audio",
        controls=True,
        preload="metadata",
        src=source,
        aria_label=f"Play {name}",
    )
    return element("div", player, element("small", length), class_="sound")
