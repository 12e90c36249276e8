"""Make weights/digits.mfccclf: learn spoken digits, test on other takes, save.

Beside the recordings it learns from what speech programs say, see speak.py.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from pathlib import Path
from typing import Any

from card import write_card
from speak import speak_digits, speak_other_words

from mfccclf import load_dataset
from mfccclf.workflows import (
    RecogniserOptions,
    TrainingData,
    evaluate_model,
    load_ood_clips,
    train_recogniser,
)

HERE = Path(__file__).parent
SPEAKERS = HERE.parents[2] / "benchmarks/results/quality/digits-rendered.json"
PRESET = "default"
# With so many clips, fewer epochs do.
OVERRIDES = {"max_epochs": 30}
# Chosen on two speakers, by a net that had learned from the other two: most of their
# digits are answered, and nearly all of these rightly.
LIMITS = {"min_confidence": 0.7}


def main() -> None:
    """Read the options, train, calibrate, test and save."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("digits", help="recordings of the Free Spoken Digit Dataset")
    parser.add_argument(
        "--other", nargs="+", required=True, help="folders of clips without a digit"
    )
    parser.add_argument(
        "--work", type=Path, default=Path("build/digits"), help="for rendered speech"
    )
    parser.add_argument("--output", default="weights/digits.mfccclf")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()

    clips = load_dataset(options.digits, layout="digits")
    options.work.mkdir(parents=True, exist_ok=True)
    spoken = speak_digits(options.work)
    ood = load_ood_clips([*options.other, *speak_other_words(options.work)])
    data = TrainingData(
        clips.select("train"), validation=clips.select("test"), more=spoken, ood=ood
    )
    training = RecogniserOptions(
        preset=PRESET,
        overrides=OVERRIDES,
        calibrate=True,
        limits=LIMITS,
        random_state=options.seed,
    )
    trained = train_recogniser(data, training, verbose=2)
    trained.save(options.output)
    found = evaluate_model(options.output, clips.select("test")).scores
    known = {key: found[key] for key in ("accuracy", "coverage", "answered_accuracy")}
    scores = {
        "other takes of known speakers": known,
        "unknown speakers": {"accuracy": read_accuracies(SPEAKERS)},
    }
    (HERE / "scores.json").write_text(json.dumps(scores, indent=1) + "\n")
    card = write_card(
        scores,
        n_clips=len(clips.select("train")),
        n_spoken=len(spoken),
        n_others=len(ood),
    )
    print(f"Saved {trained.save(options.output, card=card)}.")


def read_accuracies(path: Path) -> dict[str, float]:
    """Return the preset's accuracy by speaker left out, mean over the whole seeds."""
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
