"""Measure how well a model rejects out-of-distribution clips, called intruders here.

    python -m benchmarks.quality.intruders MODEL --known DATA --data DIR
    python -m benchmarks.quality.intruders --data DIR [--other FOLDER ...]

The first form tests a model file, with clips of its own labels from --known. The second
trains the preset default on DIR/words, speakers kept apart: each of five parts is the
test part once (--folds for fewer), the next one is the validation part, on which the
model is calibrated, and the other three are the training part, with the folders named
by --other for outlier exposure. Intruders are the folders of DIR (see ``python
benchmarks/quality --help``) that are not part of the training, and synthetic sounds: of
noise and tones and, with --voices, of the known clips, backwards and many at once.

Prints and saves as JSON, per kind of intruder: the area under the ROC curve of known
clips against intruders by confidence (the best label's score) and by familiarity, and
the share of intruders that get no label at the model's limits.
"""

from __future__ import annotations

import os

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"

import argparse
import json
import tempfile
import warnings
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from benchmarks.quality.noise import NOISES, RATE, VOICES, make_noises, make_voices
from benchmarks.quality.recordings import words
from benchmarks.quality.task import Places, Rows, TaskClips
from mfccclf import Dataset, Predictor, load_dataset, load_waveform
from mfccclf.features.trimming import trim_silence
from mfccclf.prediction import Prediction
from mfccclf.workflows import (
    RecogniserOptions,
    TrainingData,
    load_ood_clips,
    train_recogniser,
)

FOLDERS = ("digits", "words", "wake_words", "notes", "environment", "solos")
RESULTS = Path(__file__).parents[1] / "results" / "intruders.json"
SCORES = ("confidence", "familiarity")
# Enough clips of a folder for an AUROC with two digits.
_MOST_CLIPS = 200
# How the silence around speech is found.
_SPOKEN: Any = {
    "top_db": 25.0,
    "frame_length": 512,
    "hop_length": 256,
    "shortest": 512,
}

Answers = Sequence[Prediction]
Wave = NDArray[np.float32]


def main() -> None:
    """Measure one model, or one trained on each fold of the words."""
    warnings.simplefilter("ignore")
    options = parse_options()
    if options.model is None:
        name = " ".join(["words", *(f"+{folder}" for folder in options.other)])
        result = measure_folds(options)
    else:
        name = Path(options.model).stem
        known = load_dataset(options.known)
        if options.split:
            known = known.select(options.split)
        own = (Path(options.known).name, *options.other)
        predictor = make_predictor(options.model, options)
        intruders = find_intruders(options.data, own, options.most)
        voices = known.paths if options.voices else []
        result = measure(predictor, known, intruders, voices)
    print(format_result(name, result), flush=True)
    keep(options.json, name, result)


def measure_folds(options: argparse.Namespace) -> dict[str, Any]:
    """Train on words, test on words and intruders; return means over the folds."""
    clips = words(Places(options.data, options.data))
    own = ("words", *options.other)
    intruders = find_intruders(options.data, own, options.most)
    folds = clips.folds
    found = []
    for index, fold in enumerate(folds[: options.folds]):
        valid = folds[(index + 1) % len(folds)].test
        train = np.setdiff1d(fold.train, valid)
        data = TrainingData(
            take(clips, train),
            validation=take(clips, valid),
            ood=find_ood_clips(options),
        )
        trained = train_recogniser(
            data, RecogniserOptions(calibrate=True, random_state=index)
        )
        with tempfile.TemporaryDirectory() as folder:
            path = trained.save(Path(folder) / "words.mfccclf")
            predictor = make_predictor(path, options)
            found.append(measure(predictor, take(clips, fold.test), intruders))
    mean: dict[str, Any] = mean_of(found)
    return mean


def find_ood_clips(options: argparse.Namespace) -> Dataset | None:
    """Return the out-of-distribution clips to learn from."""
    if not options.other:
        return None
    return load_ood_clips([options.data / folder for folder in options.other])


def take(clips: TaskClips, rows: Rows) -> Dataset:
    """Return some clips of a task as a data set."""
    return Dataset(
        paths=[clips.paths[row] for row in rows],
        labels=[clips.label_sets[row][0] for row in rows],
        groups=[(clips.groups or [])[row] for row in rows],
        splits=None,
        layout="rows",
        name="words",
    )


def find_intruders(data: Path, own: Iterable[str], most: int) -> dict[str, list[str]]:
    """Return the paths of some clips of each folder that the model has not learned."""
    return {
        name: thin_out(load_ood_clips([data / name]).paths, most)
        for name in FOLDERS
        if name not in own and (data / name).is_dir()
    }


def thin_out(paths: list[str], most: int) -> list[str]:
    """Return evenly spaced clips, ``most`` of them at most."""
    if len(paths) <= most:
        return paths
    chosen = np.linspace(0, len(paths) - 1, most).round().astype(int)
    return [paths[index] for index in chosen]


def make_predictor(model: str | Path, options: argparse.Namespace) -> Predictor:
    """Open a model, with the limits that are given."""
    return Predictor(
        model,
        min_confidence=options.min_confidence,
        min_familiarity=options.min_familiarity,
    )


def measure(
    predictor: Predictor,
    known: Dataset,
    intruders: Mapping[str, list[str]],
    voices: Sequence[str] = (),
) -> dict[str, Any]:
    """Return the scores of known clips and of each kind of intruder.

    Some kinds are made of the speech in the clips ``voices``.
    """
    answers = predict(predictor, known.paths)
    best = [max(a.scores, key=lambda label: a.scores[label]) for a in answers]
    right = np.array([str(b) == t for b, t in zip(best, known.labels, strict=True)])
    sure = np.array([not answer.is_unsure for answer in answers])
    strangers = {name: predict(predictor, paths) for name, paths in intruders.items()}
    for name, waves in make_sounds(voices).items():
        strangers[name] = [predictor.predict_waveform(wave, RATE) for wave in waves]
    return {
        "limits": vars(predictor.limits),
        "known": {
            "n_clips": len(answers),
            "accuracy": float(right.mean()),
            "unanswered": float(1 - sure.mean()),
            "accuracy_answered": float(right[sure].mean()) if sure.any() else None,
        },
        "intruders": {name: compare(answers, them) for name, them in strangers.items()},
    }


def make_sounds(voices: Sequence[str]) -> dict[str, list[Wave]]:
    """Return synthetic intruders by kind, those of voices only where there are any."""
    sounds = {name: make_noises(name) for name in NOISES}
    if voices:
        waves = (load_waveform(path, sample_rate=RATE) for path in voices)
        spoken = [trim_silence(wave, **_SPOKEN) for wave in waves]
        sounds |= {name: make_voices(name, spoken) for name in VOICES}
    return sounds


def predict(predictor: Predictor, paths: Sequence[str]) -> list[Prediction]:
    """Return the predictions of clips, without those that cannot be read."""
    outcomes = predictor.predict_each(paths)
    return [item for item in outcomes if isinstance(item, Prediction)]


def compare(known: Answers, strangers: Answers) -> dict[str, Any]:
    """Return how well each score separates known clips from intruders."""
    areas = {}
    truth = np.repeat([1, 0], [len(known), len(strangers)])
    for score in SCORES:
        values = [value_of(answer, score) for answer in (*known, *strangers)]
        if values[0] is not None:
            areas[score] = float(roc_auc_score(truth, values))
    unanswered = float(np.mean([answer.is_unsure for answer in strangers]))
    return {"n_clips": len(strangers), "auroc": areas, "unanswered": unanswered}


def value_of(answer: Prediction, score: str) -> float | None:
    """Return one of the two scores of a clip."""
    if score == "confidence":
        return max(answer.scores.values())
    return answer.familiarity


def mean_of(results: Sequence[Any]) -> Any:
    """Return the mean of each number of like results; numbers of clips are summed."""
    first = results[0]
    if isinstance(first, Mapping):
        return {
            key: sum(r[key] for r in results)
            if key == "n_clips"
            else mean_of([r[key] for r in results])
            for key in first
        }
    return float(np.mean(results))


def format_result(name: str, result: Mapping[str, Any]) -> str:
    """Return the result as a table in Markdown."""
    known, limits = result["known"], result["limits"]
    lines = [
        f"{name}: accuracy {known['accuracy']:.3f} on {known['n_clips']} known clips; "
        f"at confidence {limits['min_confidence']:g} and familiarity "
        f"{limits['min_familiarity']:g} {known['unanswered']:.1%} of them unanswered, "
        f"accuracy of the others {known['accuracy_answered'] or 0:.3f}",
        "",
        f"| intruders | clips | {' | '.join(f'AUROC, {s}' for s in SCORES)} | "
        "unanswered |",
        f"|{' --- |' * (3 + len(SCORES))}",
    ]
    for kind, row in result["intruders"].items():
        areas = " | ".join(
            f"{row['auroc'][s]:.3f}" if s in row["auroc"] else "-" for s in SCORES
        )
        lines.append(
            f"| {kind} | {row['n_clips']} | {areas} | {row['unanswered']:.1%} |"
        )
    return "\n".join(lines)


def keep(path: Path, name: str, result: Mapping[str, Any]) -> None:
    """Add the result to the file of results."""
    kept = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    kept[name] = result
    text = json.dumps(kept, indent=1, sort_keys=True)
    path.write_text(f"{text}\n", encoding="utf-8")


def parse_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.quality.intruders",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("model", nargs="?", help="shipped model or model file")
    parser.add_argument("--known", help="clips of the model's own labels")
    parser.add_argument("--split", help="split of these clips to use")
    parser.add_argument(
        "--data", type=Path, required=True, help="folder of the recordings"
    )
    parser.add_argument(
        "--other", nargs="+", default=[], help="folders of DIR for outlier exposure"
    )
    parser.add_argument(
        "--folds", type=int, default=5, help="folds of the words to run, at most 5"
    )
    parser.add_argument(
        "--most", type=int, default=_MOST_CLIPS, help="clips per folder, at most"
    )
    parser.add_argument(
        "--voices", action="store_true", help="make intruders of the known clips, too"
    )
    parser.add_argument("--min-confidence", type=float)
    parser.add_argument("--min-familiarity", type=float)
    parser.add_argument("--json", type=Path, default=RESULTS)
    options = parser.parse_args()
    if options.model is not None and options.known is None:
        parser.error("MODEL needs --known DATA.")
    return options


if __name__ == "__main__":
    main()
