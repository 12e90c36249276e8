"""The model card of the instruments model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["write_card"]

_CARD = """\
# Model card: instruments

Names the instruments that sound in a clip of a few seconds, any number of these eight:
{classes}.

Made with mfccclf from the preset `instruments`: log-mel bands, three convolutional
blocks, a bidirectional LSTM and a sigmoid per instrument. Its level does not count.

## Training

Mixtures of one to three solos, 80 solos of 3 s in all (ten per instrument) from the
training part of Medley-solos-DB (V. Lostanlen, C.-E. Cella, R. Bittner, S. Essid; CC BY
4.0), as they are and varied in pitch and colour; and {n_others:,} clips without any of
the eight: words of Speech Commands (P. Warden; CC BY 4.0) and of speech programs,
everyday sounds of ESC-10 (K. J. Piczak; the clips CC0), and noise made by `mfccclf
dataset noise`. The recipe is in `weights/recipes/instruments/`. Licence of the weights:
CC BY 4.0.

## Scores

On mixtures of solos that were held out, five parts in turn:

| | macro F1 | micro F1 | mean average precision | label ranking | exact match |
| --- | --- | --- | --- | --- | --- |
{rows}

| instrument | precision | recall | F1 | average precision |
| --- | --- | --- | --- | --- |
{per_class}

The thresholds were tuned on these very scores, so the first row is a little too good.
The files of the solos do not tell which song they are from: a solo is taken for a song
of its own, and two solos of one recording may lie on both sides of the split, which
flatters every row.

## When it says nothing

A clip in which no instrument reaches its threshold gets none. These clips hold none,
and no net of the five parts learned from their kind; area is that under the ROC curve
of the held-out mixtures against them, by the best score (1 is perfect, 0.5 chance):

| | clips | area | no instrument |
| --- | --- | --- | --- |
{intruders}

## Limits

It was trained on eighty short clips of few players, mixed by a computer: in real music,
instruments share a room, a key and a beat. It knows no other instruments, no drums and
no male voice, and will take one for what is nearest. Scores are not calibrated. Test it
on clips of your own with `mfccclf evaluate instruments DATA`.
"""
_MEASURES = ("macro_f1", "micro_f1", "map", "lrap", "exact_match")


def write_card(
    scores: Mapping[str, Any], intruders: Mapping[str, Any], *, n_others: int
) -> str:
    """Return the card, given the scores that train.py measured."""
    first = next(iter(scores.values()))
    rows = {**scores, "naming every instrument": first["predict_everything"]}
    return _CARD.format(
        classes=", ".join(first["classes"]),
        n_others=n_others,
        intruders="\n".join(
            f"| {name.replace('_', ' ')} | {found['n_clips']} | {found['auroc']:.3f} | "
            f"{found['unanswered']:.1%} |"
            for name, found in intruders.items()
        ),
        rows="\n".join(_row(name, found, _MEASURES) for name, found in rows.items()),
        per_class="\n".join(
            _row(name, found, ("precision", "recall", "f1", "average_precision"))
            for name, found in first["per_class"].items()
        ),
    )


def _row(name: str, found: Mapping[str, Any], measures: tuple[str, ...]) -> str:
    cells = " | ".join(f"{found[key]:.3f}" for key in measures)
    return f"| {name} | {cells} |"
