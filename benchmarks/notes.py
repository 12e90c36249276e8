"""Train the presets for single notes on the same notes, and compare them.

All are trained on the notes of one family of SoundFonts (the training split), validated
on a second (the validation split), and tested on a third (the test split) and on real
notes, so that no test font or instrument is heard in training. Results are saved after
each preset, so that an interrupted run can be resumed. The tables in docs/notes.md have
all presets finished so far. ``python benchmarks/notes.py --help`` lists the options;
this command renders the notes:

    mfccclf dataset render-notes --soundfont FluidR3_GM.sf2
        --soundfont OPL-3_FM_128M.sf2 --soundfont TimGM6mb.sf2
        --pitch-step 3 --velocities 40,80,120 --notes 11000 -o NOTES
"""

from __future__ import annotations

import argparse
import itertools
import json
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

sys.path.append(str(Path(__file__).resolve().parents[1]))

from benchmarks.pages import markdown_table, replace_part
from mfccclf.datasets import Dataset
from mfccclf.evaluation import evaluate
from mfccclf.workflows import (
    DataChoice,
    RecogniserOptions,
    describe,
    extract_sequences,
    load_test_data,
    load_training_data,
    train_recogniser,
)
from mfccclf.workflows.epochs import EPOCHS, pipeline_at

PRESETS = (
    "notes-lstm",
    "notes-blstm",
    "notes-pooled-lstm",
    "notes-pooled-blstm",
    "notes-source-blstm",
    "notes",
)
MEASURES = ("n_clips", "accuracy", "balanced_accuracy")
EXCLUDED = ["synth_lead"]

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "notes.md"
START = "<!-- table of benchmarks/notes.py -->"
SHORT_START = "<!-- short table of benchmarks/notes.py -->"
TESTS = ("rendered", "real")
_COLUMNS = ["preset", "classes", "parameters", "best epoch", "training"]
COLUMNS = [*_COLUMNS, *(f"{test}, {epoch}" for test in TESTS for epoch in EPOCHS)]
SHORT_COLUMNS = ["preset", *(f"{test} notes" for test in TESTS), "parameters"]
SHORT_COLUMNS.append("training")


def main() -> None:
    """Run the presets that have no results yet."""
    options = parse_options()
    torch.set_num_threads(options.threads)
    results = read_results(options.output)
    write_tables(results)
    for preset in options.presets:
        if preset in results:
            continue
        started = time.perf_counter()
        results[preset] = run_preset(preset, options.rendered, options.real)
        options.output.write_text(json.dumps(results, indent=1) + "\n")
        write_tables(results)
        print(preset, f"{time.perf_counter() - started:.0f} s", results[preset])


def parse_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rendered", required=True, help="folder of rendered notes")
    parser.add_argument("--real", required=True, help="folder of real notes")
    parser.add_argument("--presets", nargs="+", default=PRESETS)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument(
        "--output",
        type=Path,
        default=Path(__file__).parent / "results" / "notes.json",
    )
    return parser.parse_args()


def read_results(path: Path) -> dict[str, Any]:
    """Return the results of earlier runs."""
    results: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    return results


def run_preset(preset: str, rendered: str, real: str) -> dict[str, Any]:
    """Train one preset, and test both its best and its last epoch."""
    target = "instrument_source" if "source" in preset else "instrument_family"
    choice = DataChoice(target=target, exclude=EXCLUDED)
    data = load_training_data(rendered, choice=choice)
    wall, cpu = time.perf_counter(), time.process_time()
    result = train_recogniser(data, RecogniserOptions(preset=preset), verbose=2)
    # On a machine with other work, only this process's share of the time counts.
    share = (time.process_time() - cpu) / (time.perf_counter() - wall)
    tests = {
        "rendered": load_test_data(rendered, split="test", choice=choice),
        "real": load_test_data(real, split="all", choice=choice),
    }
    history = result.pipeline[-1].history_
    description = describe(preset, n_classes=len(result.classes))
    return {
        "n_training_clips": len(data.clips),
        "n_validation_clips": len(data.validation) if data.validation else 0,
        "n_epochs": result.n_epochs,
        "best_epoch": result.pipeline[-1].best_epoch_,
        "kept": result.pipeline[-1].keep,
        "n_parameters": description.net.n_parameters,
        "n_parameters_torch": description.net.n_parameters_torch,
        "n_classes": len(result.classes),
        "training_s": round(sum(row["duration_s"] for row in history)),
        "training_cpu_s": round(share * sum(row["duration_s"] for row in history)),
        "threads": torch.get_num_threads(),
        "tests": {name: test(result.pipeline, data) for name, data in tests.items()},
    }


def test(pipeline: Any, data: Dataset) -> dict[str, Any]:
    """Score both epochs on clips; classes without clips do not count."""
    X = extract_sequences(pipeline[0], data.paths)
    scores = {}
    for epoch in EPOCHS:
        then = pipeline_at(pipeline, epoch) or pipeline
        proba = then[1:].predict_proba(X)
        classes = [str(label) for label in pipeline[-1].classes_]
        found = evaluate(data.labels, np.asarray(proba), classes)
        scores[epoch] = {key: found[key] for key in MEASURES}
    return scores


def write_tables(results: dict[str, Any]) -> None:
    """Put the rows of the finished presets into docs/notes.md."""
    write_table(START, COLUMNS, long_cells, results)
    write_table(SHORT_START, SHORT_COLUMNS, short_cells, results)


def write_table(
    start: str,
    columns: list[str],
    cells: Callable[[dict[str, Any]], list[str]],
    results: dict[str, Any],
) -> None:
    """Replace the table that follows a mark."""
    unknown = ["not measured yet", *[""] * (len(columns) - 2)]
    rows = []
    for preset in PRESETS:
        known = cells(results[preset]) if preset in results else unknown
        rows.append([f"`{preset}`", *known])
    replace_part(PAGE, markdown_table(columns, rows), start=start)


def long_cells(result: dict[str, Any]) -> list[str]:
    """Return a preset's row, with the scores of its best and its last epoch."""
    cells = [f"{result['n_classes']}", f"{result['n_parameters']:,}"]
    cells.append(f"{result['best_epoch']} of {result['n_epochs']}")
    cells.append(training_time(result))
    for name, epoch in itertools.product(TESTS, EPOCHS):
        cells.append(scores_text(result["tests"][name][epoch]))
    return cells


def short_cells(result: dict[str, Any]) -> list[str]:
    """Return a preset's row, with the scores of the epoch that it keeps."""
    cells = [scores_text(result["tests"][name][result["kept"]]) for name in TESTS]
    return [*cells, f"{result['n_parameters']:,}", training_time(result)]


def scores_text(found: dict[str, Any]) -> str:
    """Return accuracy and balanced accuracy."""
    return f"{found['accuracy']:.3f} / {found['balanced_accuracy']:.3f}"


def training_time(result: dict[str, Any]) -> str:
    """Return the processor time of training, or its duration if that is unknown."""
    return f"{result.get('training_cpu_s', result['training_s']):,} s"


if __name__ == "__main__":
    warnings.filterwarnings("ignore", message=".*groups lie in more than one split")
    main()
