"""Write the model card of weights/names.mfccclf."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sklearn.pipeline import Pipeline

from mfccclf.synthesis.speech import Rendering

_CARD = """\
# names.mfccclf

Tells which of five spoken English names a clip holds: {classes}.

## Training data

No recording of a person was used. {n_renderings} renderings by text-to-speech programs:

| program | voices | renderings |
| --- | --- | --- |
{programs}

The programs are free software: espeak-ng under GPL-3, flite and Festival under
permissive licences, Festival's voices under permissive ones, GPL or LGPL. These are
licences of software; none of them claims the speech that it makes. Many voices are not
English and say the names with an accent. From these, {n_clips} clips of up to 3.1 s
were made, and {n_others} of other words and names, noises and tones: formants and pitch
moved by up to 28 %, rooms, microphones, coloured noise 3 to 45 dB below the word, hum,
clicks, digital silence, overdrive, levels over 40 dB, the word anywhere in the clip.

## Model

{layers} Features: {features}. A clip's level does not count.
{parameters:,} trainable parameters, {epochs} epochs, seed {seed}.

## Scores

Accuracy on voices that the training did not hear: each row is a training of its own, by
the same recipe on fewer clips, without the voices that it was tested on. The shipped
model was trained on all of them.

{scores}

A row with a program's name leaves out the whole program, and people who lent their
voice to two programs from both. In the first columns the best label counts, whether or
not it would be named. The last three tell names from other words and names that the
training did not hear either, a quarter of all: the share of names that reach the limit
of confidence, that of other words that do not, and the area under the ROC curve. All
these are synthetic voices; no recordings of the names by people were at hand. Test it
on clips of your own with `mfccclf evaluate`.

## Limits

It learned that other words and names, noises and tones are none of the five, and names
nobody below a confidence of {limit}: most speech, music and noise gets no name, but
words that sound like one of the five often do. Its scores are not calibrated. It knows
names said alone, in English, in clips of about 1 to 5 s; not names within sentences,
nor children's voices. It tells no speakers apart and must not be used to identify
people.

## Licence

MIT, as the package. Made by `weights/recipes/names/train.py`.
"""


def write_card(
    pipeline: Pipeline,
    renderings: Sequence[Rendering],
    training: Mapping[str, Any],
    scores: Mapping[str, Mapping[str, float]],
) -> str:
    """Return the card in Markdown."""
    classifier = pipeline.named_steps["lstm"]
    parameters = classifier.net_.module_.parameters()
    return _CARD.format(
        classes=", ".join(pipeline.classes_),
        n_renderings=f"{len(renderings):,}",
        programs=_programs(renderings),
        n_clips=f"{training['clips']:,}",
        n_others=f"{training['other_clips']:,}",
        limit=training["min_confidence"],
        layers=_layers(classifier),
        features=_features(pipeline.named_steps["extract"]),
        parameters=sum(p.numel() for p in parameters if p.requires_grad),
        epochs=training["epochs"],
        seed=training["seed"],
        scores=_scores(scores),
    )


def _programs(renderings: Sequence[Rendering]) -> str:
    rows = []
    for engine in sorted({rendering.engine for rendering in renderings}):
        own = [rendering for rendering in renderings if rendering.engine == engine]
        n_voices = len({rendering.voice for rendering in own})
        rows.append(f"| {engine} | {n_voices} | {len(own):,} |")
    return "\n".join(rows)


def _layers(classifier: Any) -> str:
    sizes = ", ".join(str(size) for size in classifier.hidden_sizes)
    kind = "bidirectional LSTM" if classifier.bidirectional else "LSTM"
    n_blocks = len(classifier.conv_channels)
    return (
        f"{n_blocks} convolutional blocks, {kind} ({sizes} units a direction), "
        f"{classifier.pooling} pooling."
    )


def _features(extractor: Any) -> str:
    hop_ms = 1000 * extractor.hop_length / extractor.sample_rate
    return (
        f"{extractor.n_mels} mel bands in dB between {extractor.fmin:.0f} and "
        f"{extractor.fmax:.0f} Hz, every {hop_ms:.0f} ms"
    )


def _scores(scores: Mapping[str, Mapping[str, float]]) -> str:
    if not scores:
        return "Not measured: run evaluate.py first."
    columns = list(next(iter(scores.values())))
    head = "| held out | " + " | ".join(columns) + " |"
    rule = "| --- |" + " --- |" * len(columns)
    rows = [
        f"| {name} | " + " | ".join(f"{row[c]:.3f}" for c in columns) + " |"
        for name, row in scores.items()
    ]
    return "\n".join([head, rule, *rows])
