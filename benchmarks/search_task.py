"""The search that ``benchmarks/search.py`` and ``search_plain.py`` time.

12 configurations of a small recurrent net on 600 clips, as many of each label.
"""

from __future__ import annotations

import resource
from collections import defaultdict
from typing import Any

from sklearn.pipeline import Pipeline

from mfccclf import Dataset, load_dataset, make_pipeline
from mfccclf.search import Fold, SearchResults, make_plan, search_pipeline
from mfccclf.search.scheduling import Scheduler

N_CLIPS = 600
SPACE: dict[str, Any] = {
    "lstm__hidden_sizes": [[8], [16], [8, 8]],
    "lstm__bidirectional": [False, True],
    "lstm__lr": [0.003, 0.01],
}


def choose_clips(data: str) -> Dataset:
    """Return the same number of clips of each label, from the training split."""
    clips = load_dataset(data)
    if clips.splits is not None:
        clips = clips.select("train")
    rows = defaultdict(list)
    for row, label in enumerate(clips.labels):
        rows[label].append(row)
    per_label = N_CLIPS // len(rows)
    few = [label for label, some in rows.items() if len(some) < per_label]
    if few:
        raise SystemExit(f"{data} has fewer than {per_label} clips of {few[0]}.")
    step = {label: len(some) // per_label for label, some in rows.items()}
    kept = [i for k, some in rows.items() for i in some[:: step[k]][:per_label]]
    return Dataset(
        paths=[clips.paths[i] for i in kept],
        labels=[clips.labels[i] for i in kept],
        groups=None,
        splits=None,
        layout=clips.layout,
        name=clips.name,
    )


def make(epochs: int) -> Pipeline:
    """Return the pipeline that both searches vary."""
    return make_pipeline(
        "names-lstm",
        max_epochs=epochs,
        n_frames=None,
        batch_size=32,
        recurrent_dropout=0.0,
        input_dropout=0.0,
        random_state=0,
        device="cpu",
    )


def cpu_seconds() -> float:
    """Return the CPU time of this process and of its ended child processes."""
    own, children = (
        resource.getrusage(who)
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def run_search(
    clips: Dataset,
    folds: list[Fold],
    epochs: int,
    scheduler: Scheduler,
    method: str = "grid",
) -> SearchResults:
    """Search with features extracted once."""
    return search_pipeline(
        make(epochs),
        clips.paths,
        clips.labels,
        plan=make_plan(SPACE, method=method, max_epochs=epochs),
        folds=folds,
        scheduler=scheduler,
    )
