"""Test the recipe on each speaker in turn, whom the training did not hear.

Some kinds of made sounds are held out of the training, too.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from benchmarks.quality.noise import RATE, Wave
from mfccclf import Dataset, Predictor, load_dataset, load_waveform
from mfccclf.prediction import Prediction
from weights.recipes.digits.fitting import fit_digits
from weights.recipes.digits.options import SCORES, make_digits_parser
from weights.recipes.made_sounds import HELD_OUT
from weights.recipes.scoring import make_intruders


def main() -> None:
    """Train once without each speaker, print scores and write them as JSON.

    The scores of a speaker are written at once, and those of others are kept.
    """
    parser = make_digits_parser(__doc__, output=SCORES)
    parser.add_argument("--speakers", nargs="+", help="default: all")
    options = parser.parse_args()
    clips = load_dataset(options.digits, layout="digits")
    scores = json.loads(options.output.read_text()) if options.output.exists() else {}
    found = scores.setdefault("unknown speakers", {})
    for speaker in options.speakers or sorted(set(clips.groups or [])):
        found[speaker] = score_speaker(clips, speaker, options)
        print(speaker, found[speaker], flush=True)
        options.output.write_text(json.dumps(scores, indent=1) + "\n")


def score_speaker(clips: Dataset, speaker: str, options: Any) -> dict[str, Any]:
    """Train without a speaker; test on all the speaker's clips and on intruders."""
    learned, tested = divide(clips, speaker)
    fitted = fit_digits(
        learned,
        options.other,
        options.work,
        part=f"without-{speaker}",
        seed=options.seed,
        without=HELD_OUT,
    )
    with TemporaryDirectory() as folder:
        model = fitted.result.save(Path(folder) / "digits.mfccclf")
        return score_model(Predictor(model), tested)


def score_model(predictor: Predictor, tested: Dataset) -> dict[str, Any]:
    """Test on a speaker's clips, and on intruders that are partly made of them."""
    answers = predictor.predict_each(tested.paths)
    return {
        **score_digits([a for a in answers if isinstance(a, Prediction)], tested),
        "not answered": score_intruders(predictor, tested.paths),
    }


def divide(clips: Dataset, speaker: str) -> tuple[Dataset, Dataset]:
    """Return the training clips of the others, and all clips of the speaker."""
    groups = np.array(clips.groups)
    is_tested = groups == speaker
    is_learned = ~is_tested & (np.array(clips.splits) == "train")
    learned, tested = (
        np.flatnonzero(rows).tolist() for rows in (is_learned, is_tested)
    )
    return clips.take(learned), clips.take(tested)


def score_digits(answers: Sequence[Prediction], tested: Dataset) -> dict[str, float]:
    """Return the share of right labels, of answers, and of right ones among these."""
    best = [max(a.scores, key=lambda label: a.scores[label]) for a in answers]
    right = np.array(best) == np.array(tested.labels)
    sure = np.array([not answer.is_unsure for answer in answers])
    return {
        "accuracy": round(float(right.mean()), 4),
        "coverage": round(float(sure.mean()), 4),
        "answered_accuracy": round(float(right[sure].mean()), 4),
    }


def score_intruders(predictor: Predictor, paths: Sequence[str]) -> dict[str, float]:
    """Return the share of each kind of intruder that gets no label."""
    spoken = [load_waveform(path, sample_rate=RATE) for path in paths]
    return {
        kind: round(float(np.mean([_is_unsure(predictor, wave) for wave in waves])), 4)
        for kind, waves in make_intruders(spoken).items()
    }


def _is_unsure(predictor: Predictor, wave: Wave) -> bool:
    return predictor.predict_waveform(wave, RATE).is_unsure


if __name__ == "__main__":
    main()
