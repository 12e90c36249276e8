"""One training at a time, in a process of its own that outlives the server."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

from mfccclf.presets import list_presets
from mfccclf.studio.job_files import JobFiles, Order
from mfccclf.studio.models import Models
from mfccclf.studio.problems import StudioError
from mfccclf.studio.project import Project

__all__ = ["TrainingJob"]

_STOP_S = 5.0
_FEWEST = 2
# As many as are needed to calibrate by folds.
_CALIBRATION_CLIPS = 3


class TrainingJob:
    """The training of a project, if there is one.

    Parameters
    ----------
    project : Project
        Gives the clips.
    models : Models
        Gets the models.
    """

    def __init__(self, project: Project, models: Models) -> None:
        self._project = project
        self._models = models
        self._files = JobFiles(project.home / "training")
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, preset: str, seed: int = 0) -> None:
        """Begin to train on the clips as they are now.

        Raises
        ------
        StudioError
            If a training runs already, or the clips do not suffice.
        """
        with self._project.lock:
            if self._is_running():
                raise StudioError("A training runs already. Stop it, or wait for it.")
            if preset not in list_presets():
                raise StudioError(f"There is no preset {preset[:60]!r}.")
            paths = [Path(clip.id) for clip in self._project.clips()]
            counts = Counter(path.parts[0] for path in paths)
            _check_counts(counts)
            self._clear()
            self._take_snapshot(paths)
            self._files.write_order(
                Order(
                    number=self._models.next_number(),
                    preset=preset,
                    seed=seed,
                    calibrate=min(counts.values()) >= _CALIBRATION_CLIPS,
                    counts=dict(counts),
                    started=time.time(),
                )
            )
            self._spawn()

    def resume(self) -> None:
        """Go on with a training whose process has ended before its time.

        Raises
        ------
        StudioError
            If there is none.
        """
        with self._project.lock:
            if self.state()["state"] != "interrupted":
                raise StudioError("There is no training to resume.")
            self._files.tell("resumed")
            self._spawn()

    def stop(self) -> None:
        """End a training and forget it."""
        with self._project.lock:
            self.halt()
            self._clear()

    def halt(self) -> None:
        """End the process of a training; `resume` goes on with it."""
        if not self._is_running():
            return
        if self._process is not None:
            _end(self._process)
        else:
            _end_other(self._files)

    def state(self) -> dict[str, Any]:
        """Return how far the training is, in types of JSON.

        Returns
        -------
        state : dict
            "state": "none", "running", "interrupted", "failed" or "done"; with the
            order, the "share" that is done from 0 to 1, the "eta_s" in seconds, the
            "curve" of the present fit and the "reason" of a failure.
        """
        is_running = self._is_running()  # before the events: they may end meanwhile
        order = self._files.order()
        if order is None:
            return {"state": "none"}
        events = self._files.events()
        last = events[-1] if events else {"event": ""}
        state = last["event"]
        if state not in ("failed", "done"):
            state = "running" if is_running else "interrupted"
        return {
            "state": state,
            "number": order.number,
            "preset": order.preset,
            "started": order.started,
            "reason": last.get("reason", ""),
            **_progress(events),
        }

    def _is_running(self) -> bool:
        if self._process is not None and self._process.poll() is None:
            return True
        self._process = None
        return self._files.is_held()

    def _clear(self) -> None:
        """Remove a training that has ended; its clips were only linked."""
        if self._files.home.exists():
            grave = self._files.home.with_name("training-old")
            shutil.rmtree(grave, ignore_errors=True)
            self._files.home.rename(grave)
            shutil.rmtree(grave, ignore_errors=True)

    def _take_snapshot(self, paths: list[Path]) -> None:
        """Link the clips as they are: whatever is done to them later, these stay."""
        root = self._files.home / "clips" / (self._project.root.name or "clips")
        for path in paths:
            target = root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                os.link(self._project.root / path, target)
            except OSError:  # a disk without links
                shutil.copyfile(self._project.root / path, target)

    def _spawn(self) -> None:
        command = [sys.executable, "-m", "mfccclf.studio.training_worker"]
        with self._files.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*command, str(self._files.home), str(self._models.home)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )


def _check_counts(counts: Counter[str]) -> None:
    if len(counts) < _FEWEST:
        raise StudioError(
            f"There are clips of {len(counts)} label(s). Two or more are needed."
        )
    label, fewest = min(counts.items(), key=lambda item: item[1])
    if fewest < _FEWEST:
        raise StudioError(f"{label} has {fewest} clip. Record {_FEWEST} or more.")


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _end_other(files: JobFiles) -> None:
    """End the process of a server that has gone; its lock shows that it is ours."""
    # Windows has one way to end a process.
    for number in (signal.SIGTERM, getattr(signal, "SIGKILL", signal.SIGTERM)):
        with suppress(OSError, ValueError):
            os.kill(files.pid, number)
        until = time.monotonic() + _STOP_S
        while time.monotonic() < until:
            if not files.is_held():
                return
            time.sleep(0.05)


def _progress(events: list[dict[str, Any]]) -> dict[str, Any]:
    clips = next((one for one in reversed(events) if one["event"] == "clips"), None)
    begun = max(
        (index for index, one in enumerate(events) if one["event"] == "resumed"),
        default=0,
    )
    epochs = [one for one in events[begun:] if one["event"] == "epoch"]
    if not epochs:
        return {"share": 0.0, "eta_s": None, "curve": [], "clips": clips}
    last = epochs[-1]
    shares = [
        (one["fit"] + one["epoch"] / one["max_epochs"]) / one["n_fits"]
        for one in (epochs[0], last)
    ]
    passed, gained = last["time"] - epochs[0]["time"], shares[1] - shares[0]
    left = passed / gained * (1 - shares[1]) if gained > 0 else None
    return {
        "share": min(1.0, shares[1]),
        "eta_s": None if left is None else round(left, 1),
        "fit": last["fit"],
        "n_fits": last["n_fits"],
        "epoch": last["epoch"],
        "max_epochs": last["max_epochs"],
        "curve": [
            {name: one[name] for name in ("epoch", "loss", "accuracy")}
            for one in epochs
            if one["fit"] == last["fit"]
        ],
        "clips": clips,
    }
