"""The process that trains: ``python -m mfccclf.studio.training_worker JOB MODELS``."""

from __future__ import annotations

import json
import signal
import sys
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mfccclf._files import atomic_folder
from mfccclf.errors import MfccclfError
from mfccclf.studio.job_files import JobFiles, Order

if TYPE_CHECKING:
    from mfccclf.workflows import RecogniserOptions, TrainingData, TrainingResult

__all__ = ["main", "train_job"]

# Fits of `train_recogniser` when it calibrates without validation clips.
_CALIBRATION_FITS = 3
# What the facts of a model keep of its order.
_ORDERED = ("number", "preset", "seed", "calibrate", "started", "counts")


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
    from mfccclf.workflows import DataChoice, RecogniserOptions, load_training_data

    options = RecogniserOptions(
        preset=order.preset, random_state=order.seed, calibrate=order.calibrate
    )
    choice = DataChoice(layout="folders")
    data = load_training_data(job.snapshot, choice=choice, preset=order.preset)
    result, verdict = _train(job, data, options)
    facts = {
        **{name: getattr(order, name) for name in _ORDERED},
        "classes": list(result.classes),
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


def _train(
    job: JobFiles, data: TrainingData, options: RecogniserOptions
) -> tuple[TrainingResult, dict[str, Any] | None]:
    """Return what is trained on all clips, and what is known of held-out ones."""
    from mfccclf.estimators.training.watching import watch_epochs
    from mfccclf.studio.held_out import choose_folds, hold_out, judge
    from mfccclf.workflows import train_recogniser

    clips = data.clips
    folds, is_grouped = choose_folds(clips, random_state=options.random_state)
    n_fits = len(folds) + 1 + (_CALIBRATION_FITS if options.calibrate else 0)
    progress = _Progress(job, n_fits)
    held_out = None
    with watch_epochs(progress.note):
        if folds:
            held_out = hold_out(
                data,
                options,
                folds,
                keep=job.home,
                on_fold=progress.begin_fit,
                on_clips=progress.note_clips,
            )
        progress.begin_fit(len(folds))
        result = train_recogniser(
            data, options, checkpoint=job.checkpoint, on_progress=progress.note_clips
        )
    if held_out is None:
        return result, None
    names = [Path(path).relative_to(job.snapshot).as_posix() for path in clips.paths]
    verdict = judge(held_out, clips, result.pipeline[-1], names)
    return result, {**verdict, "n_folds": len(folds), "is_grouped": is_grouped}


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
