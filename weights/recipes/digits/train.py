"""Make weights/digits.mfccclf: learn spoken digits, test on other takes, save."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from mfccclf import Dataset, load_dataset
from mfccclf.features.embeddings.weights import read_attribution
from mfccclf.workflows import evaluate_model
from weights.recipes.cards import render_card
from weights.recipes.digits.fitting import LIMITS, fit_digits
from weights.recipes.digits.options import SCORES, make_digits_parser

_KNOWN, _UNKNOWN = "other takes of known speakers", "unknown speakers"


def main() -> None:
    """Read the options, train, calibrate, test and save."""
    output = Path("weights/digits.mfccclf")
    options = make_digits_parser(__doc__, output=output).parse_args()
    clips = load_dataset(options.digits, layout="digits")
    recorded = clips.select("train")
    fitted = fit_digits(
        recorded, options.other, options.work, part="all", seed=options.seed, verbose=2
    )
    fitted.result.save(options.output)
    scores = {_KNOWN: score(options.output, clips.select("test"))}
    scores |= {_UNKNOWN: json.loads(SCORES.read_text(encoding="utf-8"))[_UNKNOWN]}
    SCORES.write_text(json.dumps(scores, indent=1) + "\n", encoding="utf-8")
    card = write_card(
        scores,
        n_recorded=len(recorded),
        n_spoken=fitted.n_spoken,
        n_others=fitted.n_others,
    )
    print(f"Saved {fitted.result.save(options.output, card=card)}.")


def score(model: Path, tested: Dataset) -> dict[str, float]:
    """Test the model on known speakers; evaluate.py tests on unknown ones."""
    found = evaluate_model(model, tested).scores
    return {key: found[key] for key in ("accuracy", "coverage", "answered_accuracy")}


def write_card(
    scores: Mapping[str, Any], *, n_recorded: int, n_spoken: int, n_others: int
) -> str:
    """Return the model card, given what was measured and counted."""
    unknown = scores[_UNKNOWN]
    kinds = [*next(iter(unknown.values()))["not answered"]]
    return render_card(
        "digits",
        n_recorded=n_recorded,
        n_spoken=n_spoken,
        n_others=n_others,
        known=scores[_KNOWN],
        unknown=unknown,
        mean_unknown={
            key: mean(row[key] for row in unknown.values()) for key in scores[_KNOWN]
        },
        not_answered={
            kind: mean(row["not answered"][kind] for row in unknown.values())
            for kind in kinds
        },
        net=read_attribution("speech"),
        limits=LIMITS,
    )


def mean(values: Iterable[float]) -> float:
    """Return the mean."""
    numbers = list(values)
    return sum(numbers) / len(numbers)


if __name__ == "__main__":
    main()
