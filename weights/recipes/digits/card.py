"""The model card of the digits model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["write_card"]

_CARD = """\
# Model card: digits

Tells which English digit, 0 to 9, a clip of one spoken word holds.

Made with mfccclf from the preset `default`: log-mel bands, three convolutional blocks,
a bidirectional LSTM with attention. A clip's level does not count.

## Training

{n_clips:,} recordings of four speakers from the Free Spoken Digit Dataset (Z. Jackson
and others; CC BY-SA 4.0), takes 5 to 49; {n_spoken:,} clips of the digits said by some
hundred voices of espeak-ng (GPL-3), flite and Festival (permissive licences, some
voices GPL or LGPL; none claims the speech that it makes), half of them at 8 kHz; and
{n_others} clips without a digit: words of Speech Commands (P. Warden; CC BY 4.0) and of
the same programs, and everyday sounds of ESC-10 (K. J. Piczak; the clips CC0).
Probabilities and familiarity fit takes 0 to 4 of the four speakers. The recipe is in
`weights/recipes/digits/`. Licence of the weights: CC BY-SA 4.0.

## Scores

Accuracy of the best label, whether or not it would be given:

| tested on | accuracy |
| --- | --- |
{rows}

The first row is this model's. The others are trainings of their own without the
speaker whom they are tested on, with half of the rendered digits, and without the clips
that hold no digit (`python -m benchmarks.quality digits-rendered`); {n_speakers}
speakers are few, and they differ widely.

## Limits

It has heard four people in rooms of their own, at 8 kHz, and programs. Of the digits of
another speaker it gets some wrong, more with another accent. No label is given below
the confidence limit in this file: {coverage:.1%} of the known speakers' other takes get
one, and {answered:.1%} of these the right one. Most music and noise get none, but a
word that sounds like a digit is often taken for one. It knows digits said alone, not
numbers. It must not be used to identify people.
"""


def write_card(
    scores: Mapping[str, Any], *, n_clips: int, n_spoken: int, n_others: int
) -> str:
    """Return the card, given the scores that train.py found."""
    known = scores["other takes of known speakers"]
    unknown = scores["unknown speakers"]["accuracy"]
    rows = [f"| other takes of known speakers | {known['accuracy']:.3f} |"]
    rows += [f"| {name}, unknown | {value:.3f} |" for name, value in unknown.items()]
    mean = sum(unknown.values()) / len(unknown)
    rows.append(f"| unknown speakers, mean | {mean:.3f} |")
    return _CARD.format(
        n_clips=n_clips,
        n_spoken=n_spoken,
        n_others=n_others,
        n_speakers=len(unknown),
        coverage=known["coverage"],
        answered=known["answered_accuracy"],
        rows="\n".join(rows),
    )
