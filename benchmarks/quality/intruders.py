"""See what a model says about clips that are none of its labels.

    python -m benchmarks.quality.intruders MODEL --known DATA --data DIR
    python -m benchmarks.quality.intruders --data DIR [--other FOLDER ...]

The first tests a model file with clips of its own labels. The second trains the preset
default on DIR/words, speakers kept apart: of five parts, each is the test once (--folds
for fewer), the next is the validation part, on which the model is calibrated, and the
other three are learned from, beside the clips of the folders named by --other.
Intruders are the folders of DIR (see ``python -m benchmarks.quality``) that were not
learned from, and made noises.

Printed and kept as JSON, per kind of intruder: the area under the ROC curve of known
clips against intruders by confidence (the best label's score) and by familiarity, and
the share of them that gets no label at the limits.
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
from sklearn.metrics import roc_auc_score

from benchmarks.quality.made_noises import NOISES, RATE, make_noises
from benchmarks.quality.recordings import words
from benchmarks.quality.task import Material, Places, Rows
from mfccclf import Dataset, Predictor, load_dataset
from mfccclf.prediction import Prediction
from mfccclf.workflows import load_other_clips, train_recogniser

FOLDERS = ("digits", "words", "wake_words", "notes", "environment", "solos")
RESULTS = Path(__file__).parents[1] / "results" / "intruders.json"
SCORES = ("confidence", "familiarity")
# Enough of a folder for an area to two digits.
_MOST_CLIPS = 200

Answers = Sequence[Prediction]


def main() -> None:
    """Measure one model, or those that the folds of the words give."""
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
        result = measure(predictor, known, intruders)
    print(format_result(name, result), flush=True)
    keep(options.json, name, result)


def measure_folds(options: argparse.Namespace) -> dict[str, Any]:
    """Train on words, test on words and intruders; return the mean over the folds."""
    material = words(Places(options.data, options.data))
    own = ("words", *options.other)
    intruders = find_intruders(options.data, own, options.most)
    folds = material.folds
    found = []
    for index, fold in enumerate(folds[: options.folds]):
        valid = folds[(index + 1) % len(folds)].test
        train = np.setdiff1d(fold.train, valid)
        trained = train_recogniser(
            take(material, train),
            validation=take(material, valid),
            calibrate=True,
            random_state=index,
            others=find_others(options),
        )
        with tempfile.TemporaryDirectory() as folder:
            path = trained.save(Path(folder) / "words.mfccclf")
            predictor = make_predictor(path, options)
            found.append(measure(predictor, take(material, fold.test), intruders))
    return mean_of(found)


def find_others(options: argparse.Namespace) -> Dataset | None:
    """Return the clips of no label to learn from."""
    if not options.other:
        return None
    return load_other_clips([options.data / folder for folder in options.other])


def take(material: Material, rows: Rows) -> Dataset:
    """Return some clips of a task as a data set."""
    return Dataset(
        paths=[material.paths[row] for row in rows],
        labels=[material.label_sets[row][0] for row in rows],
        groups=[(material.groups or [])[row] for row in rows],
        splits=None,
        layout="rows",
        name="words",
    )


def find_intruders(data: Path, own: Iterable[str], most: int) -> dict[str, list[str]]:
    """Return the paths of some clips of each folder that is not the model's own."""
    return {
        name: thin_out(load_other_clips([data / name]).paths, most)
        for name in FOLDERS
        if name not in own and (data / name).is_dir()
    }


def thin_out(paths: list[str], most: int) -> list[str]:
    """Return evenly spaced clips, not more than are needed."""
    if len(paths) <= most:
        return paths
    chosen = np.linspace(0, len(paths) - 1, most).round().astype(int)
    return [paths[index] for index in chosen]


def make_predictor(model: str | Path, options: argparse.Namespace) -> Predictor:
    """Open a model, with other limits where they are given."""
    return Predictor(
        model,
        min_confidence=options.min_confidence,
        min_familiarity=options.min_familiarity,
    )


def measure(
    predictor: Predictor, known: Dataset, intruders: Mapping[str, list[str]]
) -> dict[str, Any]:
    """Return the scores of known clips, and those of each kind of intruder."""
    answers = predict(predictor, known.paths)
    best = [max(a.scores, key=lambda label: a.scores[label]) for a in answers]
    right = np.array([str(b) == t for b, t in zip(best, known.labels, strict=True)])
    sure = np.array([not answer.is_unsure for answer in answers])
    strangers = {name: predict(predictor, paths) for name, paths in intruders.items()}
    for name in NOISES:
        waves = make_noises(name)
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


def predict(predictor: Predictor, paths: Sequence[str]) -> list[Prediction]:
    """Return what a model says about clips; those it cannot hear are left out."""
    outcomes = predictor.predict_each(paths)
    return [item for item in outcomes if isinstance(item, Prediction)]


def compare(known: Answers, strangers: Answers) -> dict[str, Any]:
    """Return how well each score parts known clips from others."""
    areas = {}
    for score in SCORES:
        values = [[value_of(a, score) for a in part] for part in (known, strangers)]
        if None in values[0]:
            continue
        truth = np.repeat([1, 0], [len(known), len(strangers)])
        areas[score] = float(roc_auc_score(truth, np.concatenate(values)))
    unanswered = float(np.mean([answer.is_unsure for answer in strangers]))
    return {"n_clips": len(strangers), "auroc": areas, "unanswered": unanswered}


def value_of(answer: Prediction, score: str) -> float | None:
    """Return one of the two scores of a clip."""
    if score == "confidence":
        return max(answer.scores.values())
    return answer.familiarity


def mean_of(results: Sequence[Any]) -> Any:
    """Return the mean of equal results, number by number; numbers of clips added up."""
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
    """Write the result beside those that were kept before."""
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
    parser.add_argument("--split", help="split of them to take")
    parser.add_argument("--data", type=Path, required=True, help="the recordings")
    parser.add_argument(
        "--other", nargs="+", default=[], help="folders of DIR that are learned from"
    )
    parser.add_argument("--folds", type=int, default=5, help="of the words; 5 are all")
    parser.add_argument("--most", type=int, default=_MOST_CLIPS, help="per folder")
    parser.add_argument("--min-confidence", type=float)
    parser.add_argument("--min-familiarity", type=float)
    parser.add_argument("--json", type=Path, default=RESULTS)
    options = parser.parse_args()
    if options.model is not None and options.known is None:
        parser.error("MODEL needs --known DATA.")
    return options


if __name__ == "__main__":
    main()
