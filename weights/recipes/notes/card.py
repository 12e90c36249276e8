"""Write the model card of weights/notes.mfccclf."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from evaluate import LIMITS
from sklearn.pipeline import Pipeline

__all__ = ["write_card"]

_CARD = """\
# notes.mfccclf

Tells which family of instruments plays a single note: {classes}.

## Training data

- {n_real:,} notes of 27 real instruments, each in {copies} variations: notes of the
  Musical Instrument Samples of the University of Iowa (public domain), and notes that
  FreePats, sfzinstruments, Karoryfer, D. Smolken and the SpectMorph project have put
  into the public domain or under CC0.
- {n_rendered:,} notes rendered with the SoundFonts FluidR3 GM (F. Wen, MIT) and
  TimGM6mb (T. Brechbill, GPL-2, a licence of the font and not of what is played with
  it).
- {n_others:,} clips that hold no note: words of Speech Commands (P. Warden; CC BY 4.0)
  and of speech programs, everyday sounds of ESC-10 (K. J. Piczak; the clips CC0), and
  noise made by `mfccclf dataset noise`.

Variations of notes: a random smooth frequency response, and for two of five an early
end.

## Model

Bidirectional LSTM ({units} units a direction), attention pooling. Features: 13 MFCC,
spectral contrast and centroid every 64 ms at 16 kHz, of the sound alone: silence before
and after it is left out, and its level does not count. {parameters:,} trainable
parameters, {epochs} epochs, seed {seed}.

## Scores

Of the best family, whether or not it would be given. On real notes, in five folds that
keep all notes of an instrument together; the shipped model was trained on all of them.
Features, sizes and the number of variations were chosen on these instruments, too, so
expect somewhat less on others.

{scores}

{recalls}

Of flute, keyboard, mallet and synth_lead there is one real instrument each: their rows
tell how well rendered notes alone stand in for real ones.

## When it says nothing

No family is given below a confidence of {limit} (`--min-confidence`). Of the held-out
notes above, {coverage:.1%} get one, {answered:.1%} of these the right one.
Probabilities and familiarity fit varied notes of instruments that nets trained on the
other two thirds had not heard. Clips of kinds that no net of the folds learned from,
with the area under the ROC curve of the held-out notes against them (1 is perfect, 0.5
chance):

{intruders}

A solo is a melody, often of an instrument with a family here, so an answer is no fault.

## Limits

Recognising an instrument that it never heard is hard: about two notes of five go wrong.
It knows single notes: chords and melodies may get a family, too. Test it on notes of
your own with `mfccclf evaluate`.

## Licence

MIT, as the package. Made by `weights/recipes/notes/train.py`.
"""


def write_card(
    pipeline: Pipeline, training: Mapping[str, Any], scores: Mapping[str, Any]
) -> str:
    """Return the card in Markdown."""
    classifier = pipeline.named_steps["lstm"]
    (limit,) = LIMITS.values()
    known = scores["known"]
    at_limit = known["held-out instruments"]["limits"][f"{limit:g}"]
    parameters = classifier.net_.module_.parameters()
    return _CARD.format(
        classes=", ".join(pipeline.classes_),
        n_real=training["n_real_notes"],
        copies=training["variations_of_each"],
        n_rendered=training["n_rendered_notes"],
        units=classifier.hidden_sizes[0],
        parameters=sum(p.numel() for p in parameters if p.requires_grad),
        epochs=training["n_epochs"],
        seed=training["seed"],
        n_others=training["n_other_clips"],
        limit=limit,
        coverage=at_limit["coverage"],
        answered=at_limit["answered_accuracy"],
        intruders=_intruders(scores["intruders"], limit),
        scores=_scores(known),
        recalls=_recalls(known),
    )


def _scores(scores: Mapping[str, Any]) -> str:
    lines = ["| | notes | accuracy | balanced accuracy |", "| --- | --- | --- | --- |"]
    for name, found in scores.items():
        accuracy, balanced = found["accuracy"], found["balanced_accuracy"]
        lines.append(
            f"| {name} | {found['n_clips']} | {accuracy:.3f} | {balanced:.3f} |"
        )
    return "\n".join(lines)


def _recalls(scores: Mapping[str, Any]) -> str:
    found = next(iter(scores.values()))["per_class"]
    lines = ["| family | recall | notes |", "| --- | --- | --- |"]
    for family, row in found.items():
        lines.append(f"| {family} | {row['recall']:.2f} | {row['n_clips']} |")
    return "\n".join(lines)


def _intruders(found: Mapping[str, Any], limit: float) -> str:
    lines = ["| | clips | area | unanswered |", "| --- | --- | --- | --- |"]
    for name, row in found.items():
        area, unanswered = row["auroc"], row["unanswered"][f"{limit:g}"]
        lines.append(
            f"| {name.replace('_', ' ')} | {row['n_clips']} | {area:.3f} | "
            f"{unanswered:.1%} |"
        )
    return "\n".join(lines)
