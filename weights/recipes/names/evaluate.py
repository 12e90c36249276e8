"""Test the recipe on voices, and on other words, that its training did not hear."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline

from mfccclf.synthesis.speech import Rendering
from weights.recipes.names.augment import (
    CONDITIONS,
    Waveform,
    disturb,
    place_quietly,
)
from weights.recipes.names.fitting import LIMITS, fit_names
from weights.recipes.names.options import SCORES, make_names_parser
from weights.recipes.names.others import load_or_render_others
from weights.recipes.names.render import load_or_render
from weights.recipes.scoring import area_between

# One of each program's voices, and every fourth timbre of espeak-ng.
_SPEAKERS = {"awb", "slt", "lp_diphone", "czech_machac", "upc_ca_ona_hts"}
TEST_CLIPS = 300
# Of the other words, in the order of the alphabet.
_EVERY_TESTED = 4


def main() -> None:
    """Train once for each held-out part, print a table and write it as JSON.

    The scores of each part are written at once, and those of other parts are kept.
    """
    parser = make_names_parser(__doc__, output=SCORES, n_clips=500, n_epochs=20)
    parser.add_argument(
        "--held-out", nargs="+", metavar="PART", help="parts of the table; default: all"
    )
    options = parser.parse_args()

    renderings = load_or_render(options.renderings, options.seed)
    others = load_or_render_others(options.others, options.seed)
    splits = split_voices(renderings)
    scores = json.loads(options.output.read_text()) if options.output.exists() else {}
    for name in options.held_out or splits:
        scores[name] = score_part(
            splits[name],
            renderings,
            others,
            per_label=options.clips,
            max_epochs=options.epochs,
            seed=options.seed,
        )
        row = "  ".join(f"{key} {value:.3f}" for key, value in scores[name].items())
        print(f"{name}: {row}", flush=True)
        ordered = {part: scores[part] for part in splits if part in scores}
        options.output.write_text(json.dumps(ordered, indent=2) + "\n")


def score_part(
    held_out: Sequence[Rendering],
    renderings: Sequence[Rendering],
    others: Sequence[Rendering],
    *,
    per_label: int,
    max_epochs: int,
    seed: int,
) -> dict[str, float]:
    """Train without the held-out speakers and some other words; test on these."""
    speakers = {rendering.speaker for rendering in held_out}
    words = set(sorted({rendering.label for rendering in others})[::_EVERY_TESTED])
    pipeline = fit_names(
        [r for r in renderings if r.speaker not in speakers],
        [r for r in others if r.speaker not in speakers and r.label not in words],
        per_label=per_label,
        max_epochs=max_epochs,
        seed=seed,
    )
    unheard = [r for r in others if r.speaker in speakers and r.label in words]
    return {
        **score_conditions(pipeline, held_out, seed=seed),
        **score_limit(pipeline, held_out, unheard, seed=seed),
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


def score_limit(
    pipeline: Pipeline,
    names: Sequence[Rendering],
    others: Sequence[Rendering],
    *,
    seed: int,
) -> dict[str, float]:
    """Return the shares of names that are named and of other words that are not."""
    rng = np.random.default_rng(seed)
    known, unknown = (
        pipeline.predict_proba(_draw_clips(part, rng)[0]) for part in (names, others)
    )
    limit = LIMITS["min_confidence"]
    return {
        "named": round(float(np.mean(known.max(axis=1) >= limit)), 4),
        "other words not named": round(float(np.mean(unknown.max(axis=1) < limit)), 4),
        "area": round(area_between(known, unknown), 4),
    }


def _draw_clips(
    renderings: Sequence[Rendering], rng: np.random.Generator
) -> tuple[list[Waveform], NDArray[np.str_]]:
    """Put some of the renderings into clips without variation."""
    chosen = rng.choice(len(renderings), min(TEST_CLIPS, len(renderings)), False)
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
