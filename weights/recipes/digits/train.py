"""Make weights/digits.mfccclf: learn spoken digits, test on other takes, save.

The model also learns from what speech programs say, see speech.py.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mfccclf import Dataset, load_dataset
from mfccclf.workflows import (
    RecogniserOptions,
    TrainingData,
    evaluate_model,
    load_ood_clips,
    train_recogniser,
)
from weights.recipes.cards import render_card
from weights.recipes.digits.speech import speak_digits, speak_other_words
from weights.recipes.options import add_other_clips, make_parser

HERE = Path(__file__).parent
SPEAKERS = HERE.parents[2] / "benchmarks/results/quality/digits-rendered.json"
PRESET = "default"
# With so many clips, fewer epochs are enough.
OVERRIDES = {"max_epochs": 30}
# Chosen on two speakers, with a net that had learned from the other two: it answers
# most of their digits, and nearly all of these rightly.
LIMITS = {"min_confidence": 0.7}


def main() -> None:
    """Read the options, train, calibrate, test and save."""
    options = parse_options()
    clips = load_dataset(options.digits, layout="digits")
    options.work.mkdir(parents=True, exist_ok=True)
    spoken = speak_digits(options.work)
    ood = load_ood_clips([*options.other, *speak_other_words(options.work)])
    recorded, tested = clips.select("train"), clips.select("test")
    data = TrainingData(recorded, validation=tested, more=spoken, ood=ood)
    training = RecogniserOptions(
        preset=PRESET,
        overrides=OVERRIDES,
        calibrate=True,
        limits=LIMITS,
        random_state=options.seed,
    )
    trained = train_recogniser(data, training, verbose=2)
    trained.save(options.output)
    scores = score(options.output, tested)
    (HERE / "scores.json").write_text(json.dumps(scores, indent=1) + "\n")
    card = write_card(
        scores, n_recorded=len(recorded), n_spoken=len(spoken), n_others=len(ood)
    )
    print(f"Saved {trained.save(options.output, card=card)}.")


def parse_options() -> argparse.Namespace:
    """Read the command line."""
    parser = make_parser(__doc__, output=Path("weights/digits.mfccclf"))
    parser.add_argument("digits", help="recordings of the Free Spoken Digit Dataset")
    add_other_clips(parser, "digit")
    parser.add_argument(
        "--work", type=Path, default=Path("build/digits"), help="for rendered speech"
    )
    return parser.parse_args()


def score(model: Path, tested: Dataset) -> dict[str, Any]:
    """Test the model on known speakers; the benchmark has tested unknown ones."""
    found = evaluate_model(model, tested).scores
    known = {key: found[key] for key in ("accuracy", "coverage", "answered_accuracy")}
    return {
        "other takes of known speakers": known,
        "unknown speakers": {"accuracy": read_accuracies(SPEAKERS)},
    }


def write_card(
    scores: Mapping[str, Any], *, n_recorded: int, n_spoken: int, n_others: int
) -> str:
    """Return the model card, given what main measured and counted."""
    unknown = scores["unknown speakers"]["accuracy"]
    return render_card(
        "digits",
        n_recorded=n_recorded,
        n_spoken=n_spoken,
        n_others=n_others,
        known=scores["other takes of known speakers"],
        unknown=unknown,
        mean_unknown=sum(unknown.values()) / len(unknown),
    )


def read_accuracies(path: Path) -> dict[str, float]:
    """Return the preset's accuracy by held-out speaker: the mean of complete seeds."""
    rows = json.loads(path.read_text(encoding="utf-8"))["rows"]
    rows = [row for row in rows if row["system"] == PRESET]
    n_folds = len({row["fold"] for row in rows})
    runs = Counter(row["seed"] for row in rows)
    found: dict[str, list[float]] = {}
    for row in rows:
        if runs[row["seed"]] == n_folds:
            found.setdefault(row["fold"], []).append(accuracy_of(row))
    return {name: round(sum(some) / len(some), 4) for name, some in found.items()}


def accuracy_of(row: dict[str, Any]) -> float:
    """Return the share of right decisions in a confusion matrix."""
    confusion: list[list[int]] = row["confusion"]
    right = sum(confusion[k][k] for k in range(len(confusion)))
    return right / sum(map(sum, confusion))


if __name__ == "__main__":
    main()
