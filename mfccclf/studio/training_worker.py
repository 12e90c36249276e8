"""The process that trains: ``python -m mfccclf.studio.training_worker JOB MODELS``."""

from __future__ import annotations

import json
import signal
import sys
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mfccclf._files import atomic_folder
from mfccclf.errors import MfccclfError
from mfccclf.studio.job_files import JobFiles, Order

__all__ = ["main", "train_job"]

# Fits of `train_recogniser` when it calibrates without validation clips.
_CALIBRATION_FITS = 3


def main() -> None:
    """Train what an order says, and tell how it goes."""
    job = JobFiles(Path(sys.argv[1]))
    signal.signal(signal.SIGTERM, _interrupt)
    with job.held():
        order = job.order()
        if order is None:
            return
        try:
            train_job(job, order, Path(sys.argv[2]))
        except KeyboardInterrupt:
            sys.exit(130)
        except (MfccclfError, ValueError, OSError) as error:
            traceback.print_exc()
            text = str(error).replace(f"{job.snapshot}/", "")
            job.tell("failed", reason=text.replace(str(job.snapshot), "The folder"))
        except Exception as error:
            traceback.print_exc()
            job.tell("failed", reason=f"The training failed: {error!r}. See {job.log}.")


def train_job(job: JobFiles, order: Order, models: Path) -> None:
    """Train, score held-out clips, and leave a model with all that is known of it.

    The model is that of ``mfccclf train`` with the same folder, preset and seed.

    Parameters
    ----------
    job : JobFiles
        Takes what happens.
    order : Order
        What to train.
    models : Path
        Folder that gets a folder with the number of the model.
    """
    from mfccclf.estimators.training.watching import watch_epochs
    from mfccclf.studio.held_out import choose_folds, hold_out, judge
    from mfccclf.workflows import (
        DataChoice,
        RecogniserOptions,
        load_training_data,
        train_recogniser,
    )
    from mfccclf.workflows.step_fitting import prepare_pipeline
    from mfccclf.workflows.training_sequences import find_sequences

    options = RecogniserOptions(
        preset=order.preset, random_state=order.seed, calibrate=order.calibrate
    )
    choice = DataChoice(layout="folders")
    data = load_training_data(job.snapshot, choice=choice, preset=order.preset)
    folds, is_grouped = choose_folds(data.clips, random_state=order.seed)
    n_fits = len(folds) + 1 + (_CALIBRATION_FITS if order.calibrate else 0)
    progress = _Progress(job, n_fits)
    names = [
        Path(path).relative_to(job.snapshot).as_posix() for path in data.clips.paths
    ]
    with watch_epochs(progress.note):
        held_out = None
        if folds:
            pipeline = prepare_pipeline(options, n_jobs=None, verbose=0)
            sequences = find_sequences(
                pipeline, data, options, on_progress=progress.note_clips
            )
            held_out = hold_out(
                pipeline, sequences, options, folds, keep=job.home,
                on_fold=progress.begin_fit,
            )  # fmt: skip
        progress.begin_fit(len(folds))
        result = train_recogniser(
            data, options, checkpoint=job.checkpoint, on_progress=progress.note_clips
        )
    verdict: dict[str, Any] | None = None
    if held_out is not None:
        verdict = judge(held_out, data.clips, result.pipeline[-1], names)
        verdict |= {"n_folds": len(folds), "is_grouped": is_grouped}
    facts = {
        "number": order.number,
        "preset": order.preset,
        "seed": order.seed,
        "calibrate": order.calibrate,
        "started": order.started,
        "classes": list(result.classes),
        "counts": order.counts,
        "n_clips": result.n_clips,
        "n_parameters": result.n_parameters,
        "training": result.scores["training"],
        "history": result.pipeline[-1].history_,
        "held_out": verdict,
    }
    with atomic_folder(models / f"{order.number:04d}") as folder:
        result.save(folder / "model.mfccclf")
        (folder / "facts.json").write_text(json.dumps(facts), "utf-8")
    job.tell("done", number=order.number)


class _Progress:
    """Tells of clips and epochs, and which of all fits they belong to."""

    def __init__(self, job: JobFiles, n_fits: int) -> None:
        self._job = job
        self._n_fits = n_fits
        self._fit = 0
        self._epoch = 0

    def note_clips(self, done: int, total: int) -> None:
        self._job.tell("clips", done=done, total=total)

    def begin_fit(self, fit: int) -> None:
        self._fit, self._epoch = fit, 0

    def note(self, row: Mapping[str, Any], max_epochs: int) -> None:
        if row["epoch"] <= self._epoch:  # a fit of the calibration follows
            self._fit += 1
        self._epoch = row["epoch"]
        self._job.tell(
            "epoch",
            fit=self._fit,
            n_fits=self._n_fits,
            epoch=row["epoch"],
            max_epochs=max_epochs,
            loss=round(row["train_loss"], 5),
            accuracy=row["train_accuracy"],
        )


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
