"""Test the recipe on voices, and on other words, that its training did not hear."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline

from mfccclf.synthesis.speech import Rendering
from weights.recipes.made_sounds import HELD_OUT
from weights.recipes.names.augment import (
    CONDITIONS,
    Waveform,
    disturb,
    place_quietly,
)
from weights.recipes.names.clips import VariedClips, load_material
from weights.recipes.names.fitting import LIMITS, fit_names
from weights.recipes.names.options import SCORES, make_names_parser
from weights.recipes.scoring import area_between, make_intruders

# One of each program's voices, and every fourth timbre of espeak-ng.
_SPEAKERS = {"awb", "slt", "lp_diphone", "czech_machac", "upc_ca_ona_hts"}
_TEST_CLIPS = 200
# Of the other words, in the order of the alphabet.
_EVERY_TESTED = 4


def main() -> None:
    """Train once for each held-out part, print a table and write it as JSON.

    The scores of each part are written at once, and those of other parts are kept.
    """
    parser = make_names_parser(__doc__, output=SCORES)
    parser.add_argument(
        "--held-out", nargs="+", metavar="PART", help="parts of the table; default: all"
    )
    options = parser.parse_args()
    renderings, others, clips = load_material(options)
    splits = split_voices(renderings)
    scores = json.loads(options.output.read_text()) if options.output.exists() else {}
    for name in options.held_out or splits:
        scores[name] = score_part(splits[name], others, clips, options)
        row = "  ".join(f"{key} {value:.3f}" for key, value in scores[name].items())
        print(f"{name}: {row}", flush=True)
        ordered = {part: scores[part] for part in splits if part in scores}
        options.output.write_text(json.dumps(ordered, indent=2) + "\n")


def score_part(
    held_out: Sequence[Rendering],
    others: Sequence[Rendering],
    clips: VariedClips,
    options: argparse.Namespace,
) -> dict[str, float]:
    """Train without the held-out speakers and some other words; test on these."""
    speakers = {rendering.speaker for rendering in held_out}
    words = set(sorted({rendering.label for rendering in others})[::_EVERY_TESTED])
    learned = VariedClips(
        clips.names.without(speakers),
        clips.others.without(speakers, {*words, *HELD_OUT}),
    )
    pipeline = fit_names(learned, max_epochs=options.epochs, seed=options.seed)
    unheard = [r for r in others if r.speaker in speakers and r.label in words]
    return {
        **score_conditions(pipeline, held_out, seed=options.seed),
        **score_limits(pipeline, held_out, unheard, seed=options.seed),
    }


def score_conditions(
    pipeline: Pipeline, renderings: Sequence[Rendering], *, seed: int
) -> dict[str, float]:
    """Return the accuracy in each condition, on clips without variation."""
    rng = np.random.default_rng(seed)
    clips, labels = _draw_clips(renderings, rng)
    accuracies = {}
    for condition in CONDITIONS:
        predicted = pipeline.predict([disturb(clip, condition, rng) for clip in clips])
        accuracies[condition] = round(float(np.mean(predicted == labels)), 4)
    return accuracies


def score_limits(
    pipeline: Pipeline,
    names: Sequence[Rendering],
    others: Sequence[Rendering],
    *,
    seed: int,
) -> dict[str, float]:
    """Return the shares of names that are named and of intruders that are not.

    Names are tested in all conditions; sounds are the mean over the kinds.
    """
    rng = np.random.default_rng(seed)
    clips, unknown = (_draw_clips(part, rng)[0] for part in (names, others))
    known = [disturb(clip, CONDITIONS[k % 4], rng) for k, clip in enumerate(clips)]
    kinds = make_intruders([rendering.waveform for rendering in names])
    sounds = [np.mean(_is_named(pipeline, waves)) for waves in kinds.values()]
    known_scores, unknown_scores = map(pipeline.predict_proba, (known, unknown))
    return {
        "named": round(float(np.mean(_is_named(pipeline, known))), 4),
        "other words not named": round(
            1 - float(np.mean(_is_named(pipeline, unknown))), 4
        ),
        "sounds not named": round(1 - float(np.mean(sounds)), 4),
        "worst kind": round(1 - float(np.max(sounds)), 4),
        "area": round(area_between(known_scores, unknown_scores), 4),
    }


def _is_named(pipeline: Pipeline, clips: Sequence[Waveform]) -> NDArray[np.bool_]:
    X = pipeline[:-1].transform(clips)
    is_confident = pipeline[-1].predict_proba(X).max(axis=1) >= LIMITS["min_confidence"]
    is_familiar = pipeline[-1].score_samples(X) >= LIMITS["min_familiarity"]
    return np.asarray(is_confident & is_familiar)


def _draw_clips(
    renderings: Sequence[Rendering], rng: np.random.Generator
) -> tuple[list[Waveform], NDArray[np.str_]]:
    """Put some of the renderings into clips without variation."""
    chosen = rng.choice(len(renderings), min(_TEST_CLIPS, len(renderings)), False)
    clips = [place_quietly(renderings[index].waveform, rng) for index in chosen]
    return clips, np.array([renderings[index].label for index in chosen])


def split_voices(renderings: Sequence[Rendering]) -> dict[str, list[Rendering]]:
    """Return what is held out, by name: each program, and some voices of each."""
    engines = sorted({rendering.engine for rendering in renderings})
    splits = {e: [r for r in renderings if r.engine == e] for e in engines}
    timbres = sorted({r.speaker for r in splits["espeak-ng"]})
    unheard = _SPEAKERS | set(timbres[::4])
    splits["voices of each"] = [r for r in renderings if r.speaker in unheard]
    return splits


if __name__ == "__main__":
    main()
