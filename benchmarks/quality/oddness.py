"""Choose the score by which strange clips are known, on clips set aside for that.

    python -m benchmarks.quality.oddness --data DIR

Nets of the preset default learn four tasks of DIR (``python -m benchmarks.quality``):
the digits 0 to 4, twice, without a speaker that is the test; the wake words; notes by
family, instruments kept apart. Intruders are other digits, every other clip of notes,
environment and solos, and made noises. Known clips of every other row of the test part
tell each score's spread; printed, per score, is the mean over the tasks of the area
under the ROC curve, and of the share of intruders rejected with one known clip in
twenty. ``benchmarks/quality/intruders.py`` measures what was chosen on other clips.
"""

from __future__ import annotations

import os

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"

import argparse
import json
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupShuffleSplit, StratifiedShuffleSplit

from benchmarks.quality.made_noises import NOISES, make_noises
from mfccclf import Dataset, load_dataset, make_pipeline
from mfccclf.estimators.familiarity.gaussian import learn_gaussians
from mfccclf.estimators.inference import Outputs, compute_outputs
from mfccclf.estimators.training.batches import make_dataset
from mfccclf.workflows import extract_clips, load_other_clips

RESULTS = Path(__file__).parents[1] / "results" / "oddness.json"
# Enough to compare scores by; the nets need not be good.
_EPOCHS = {"digits": 30, "wake_words": 60, "notes": 15}
_NEIGHBOUR = 5
_REJECTED = 0.05

Values = NDArray[np.float64]
Score = Callable[[Outputs], Values]


@dataclass(frozen=True)
class Trial:
    """A net's outputs: for what it learned, for its test clips, and for intruders."""

    train: Outputs
    classes: NDArray[np.int64]
    calibration: Outputs
    test: Outputs
    intruders: dict[str, Outputs]


def main() -> None:
    """Train the nets, compare the scores and print them, best first."""
    warnings.simplefilter("ignore")
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.quality.oddness",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--data", type=Path, required=True, help="the recordings")
    parser.add_argument("--json", type=Path, default=RESULTS)
    options = parser.parse_args()
    trials = dict(iter_trials(options.data))
    found = {name: compare(trial) for name, trial in trials.items()}
    scores = {
        score: {
            measure: {name: found[name][score][measure] for name in found}
            for measure in ("auroc", "rejected")
        }
        for score in next(iter(found.values()))
    }
    text = json.dumps(scores, indent=1, sort_keys=True)
    options.json.write_text(f"{text}\n", encoding="utf-8")
    print(format_scores(scores))


def iter_trials(data: Path) -> Iterator[tuple[str, Trial]]:
    """Yield a trial per task, by name."""
    extractor = make_pipeline("default")[0]

    def sequences(clips: Dataset) -> NDArray[np.float32]:
        return extract_clips(extractor, clips.paths)

    strangers = {
        folder: sequences(load_other_clips([data / folder]))[::2]
        for folder in ("environment", "solos", "notes")
    }
    strangers["notes"] = strangers["notes"][::4]
    noises = [wave for name in NOISES for wave in make_noises(name)]
    strangers["noises"] = extractor.transform(noises)

    digits = load_dataset(data / "digits", layout="digits")
    X, labels = sequences(digits), np.array(digits.labels)
    speakers, low = np.array(digits.groups), np.array(digits.labels) < "5"
    for speaker in np.unique(speakers)[:2]:
        train, test = low & (speakers != speaker), low & (speakers == speaker)
        others = {"other digits": X[~low & (speakers == speaker)][::2]}
        rows = np.flatnonzero(train), np.flatnonzero(test)
        name = f"digits without {speaker}"
        yield name, run_trial(X, labels, rows, strangers | others, _EPOCHS["digits"])

    spoken = {"digits": X[::16]}
    wake = load_dataset(data / "wake_words")
    X, labels = sequences(wake), np.array(wake.labels)
    splitter = StratifiedShuffleSplit(1, test_size=0.3, random_state=0)
    rows = next(splitter.split(labels, labels))
    others = strangers | spoken
    yield "wake words", run_trial(X, labels, rows, others, _EPOCHS["wake_words"])

    notes = load_dataset(data / "notes", layout="nsynth")
    X, labels = sequences(notes), np.array(notes.labels)
    grouped = GroupShuffleSplit(1, test_size=0.3, random_state=0)
    rows = next(grouped.split(labels, labels, notes.groups))
    del others["notes"]
    yield "notes", run_trial(X, labels, rows, others, _EPOCHS["notes"])


def run_trial(
    X: NDArray[np.float32],
    labels: NDArray[Any],
    rows: tuple[NDArray[np.intp], NDArray[np.intp]],
    intruders: dict[str, NDArray[np.float32]],
    epochs: int,
) -> Trial:
    """Train a net on some rows, and run it on others and on intruders."""
    train, test = rows
    scaler, net = make_pipeline("default", max_epochs=epochs).steps[1:]
    scaler, net = scaler[1].fit(X[train]), net[1].set_params(random_state=0)
    net.fit(scaler.transform(X[train]), labels[train])

    def outputs(part: NDArray[np.float32]) -> Outputs:
        return compute_outputs(
            net.net_.module_,
            make_dataset(scaler.transform(part)),
            batch_size=128,
            device=torch.device("cpu"),
        )

    return Trial(
        train=outputs(X[train]),
        classes=np.searchsorted(net.classes_, labels[train]),
        calibration=outputs(X[test[::2]]),
        test=outputs(X[test[1::2]]),
        intruders={name: outputs(part) for name, part in intruders.items()},
    )


def compare(trial: Trial) -> dict[str, dict[str, float]]:
    """Return area and share rejected of every score, means over the intruders."""
    alone = make_scores(trial)
    found = {name: judge(trial, score) for name, score in alone.items()}
    for name in ("Mahalanobis", "nearest neighbour"):
        pair = (alone["energy"], alone[name])
        found[f"odder of energy and {name}"] = judge(trial, odder(trial, pair))
        found[f"sum of energy and {name}"] = judge(trial, added(trial, pair))
    return found


def make_scores(trial: Trial) -> dict[str, Score]:
    """Return the scores, each the higher the odder."""
    gaussians = learn_gaussians(trial.train.embeddings, trial.classes)
    whole = learn_gaussians(trial.train.embeddings, np.zeros_like(trial.classes))
    known = unit(trial.train.embeddings)

    def nearest(outputs: Outputs) -> Values:
        distances = 2 - 2 * unit(outputs.embeddings) @ known.T
        return np.sort(distances, axis=1)[:, _NEIGHBOUR - 1]

    def relative(outputs: Outputs) -> Values:
        inner = gaussians.distances(outputs.embeddings) ** 2
        return inner - whole.distances(outputs.embeddings) ** 2

    return {
        "softmax": lambda o: np.logaddexp.reduce(wide(o), axis=1) - wide(o).max(axis=1),
        "energy": lambda o: -np.logaddexp.reduce(wide(o), axis=1),
        "Mahalanobis": lambda o: gaussians.distances(o.embeddings),
        "relative Mahalanobis": relative,
        "nearest neighbour": nearest,
    }


def wide(outputs: Outputs) -> Values:
    """Return logits in double precision."""
    return outputs.logits.astype(np.float64)


def unit(embeddings: NDArray[np.float32]) -> Values:
    """Return embeddings of length 1."""
    values = embeddings.astype(np.float64)
    scaled: Values = values / np.linalg.norm(values, axis=1, keepdims=True)
    return scaled


def standard(trial: Trial, score: Score) -> Score:
    """Return a score in units of its spread over known clips."""
    centre, high = np.quantile(score(trial.calibration), (0.5, 0.9))
    return lambda outputs: (score(outputs) - centre) / (high - centre + 1e-9)


def odder(trial: Trial, pair: tuple[Score, Score]) -> Score:
    """Return the larger of two scores."""
    first, second = (standard(trial, score) for score in pair)
    return lambda outputs: np.maximum(first(outputs), second(outputs))


def added(trial: Trial, pair: tuple[Score, Score]) -> Score:
    """Return the sum of two scores."""
    first, second = (standard(trial, score) for score in pair)
    return lambda outputs: first(outputs) + second(outputs)


def judge(trial: Trial, score: Score) -> dict[str, float]:
    """Return the mean area and the mean share rejected over the intruders."""
    known = score(trial.test)
    limit = np.quantile(known, 1 - _REJECTED)
    areas, rejected = [], []
    for outputs in trial.intruders.values():
        strange = score(outputs)
        truth = np.repeat([0, 1], [len(known), len(strange)])
        areas.append(roc_auc_score(truth, np.append(known, strange)))
        rejected.append(np.mean(strange > limit))
    return {"auroc": float(np.mean(areas)), "rejected": float(np.mean(rejected))}


def format_scores(scores: dict[str, dict[str, dict[str, float]]]) -> str:
    """Return the scores as a table in Markdown, the largest mean area first."""

    def mean(score: str, measure: str) -> float:
        return float(np.mean(list(scores[score][measure].values())))

    tasks = next(iter(scores.values()))["auroc"]
    lines = [
        f"| score | AUROC | rejected with 5 % of known | {' | '.join(tasks)} |",
        f"|{' --- |' * (3 + len(tasks))}",
    ]
    for score in sorted(scores, key=lambda name: -mean(name, "auroc")):
        areas = " | ".join(f"{scores[score]['auroc'][task]:.3f}" for task in tasks)
        means = f"{mean(score, 'auroc'):.3f} | {mean(score, 'rejected'):.3f}"
        lines.append(f"| {score} | {means} | {areas} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
