"""Make the pictures of the README: a time line and a report.

    python docs/images/make_pictures.py    # needs Chromium for the report

The recording is the shipped samples, one after the other, with faint noise between.
The report is of a model that learned from `make_example_clips`.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import soundfile

from mfccclf import load_waveform, make_example_clips

HERE = Path(__file__).parent
SAMPLES = ("James.01", "Maria.01", "Linda.01", "Jennifer.01", "Patricia.01")
RATE = 16000
SIZE = "1000,1180"  # of the report's screenshot: its head, curves, confusions


def mfccclf(*arguments: object) -> None:
    """Run a command as a user does."""
    command = [sys.executable, "-m", "mfccclf", *map(str, arguments)]
    subprocess.run(command, check=True)


def write_roll_call(path: Path) -> None:
    """Write a recording of five names with pauses."""
    rng = np.random.default_rng(0)
    parts = [0.002 * rng.standard_normal(RATE)]
    for name in SAMPLES:
        parts.append(
            load_waveform(HERE.parents[1] / "audio" / f"{name}.au", sample_rate=RATE)
        )
        parts.append(0.002 * rng.standard_normal(round(RATE * rng.uniform(0.6, 1.2))))
    soundfile.write(path, np.concatenate(parts), RATE)


def make_timeline(work: Path) -> None:
    """Draw which name is called when."""
    recording = work / "roll-call.wav"
    write_roll_call(recording)
    windows = ["--window", 1, "--hop", 0.25]
    picture = HERE / "timeline.png"
    mfccclf("predict", recording, *windows, "--format", "png", "-o", picture)


def make_report(work: Path) -> None:
    """Photograph the head of a report."""
    make_example_clips(work / "learn", n_groups=4)
    make_example_clips(work / "test", n_groups=4, n_clips=4, random_state=1)
    model, report = work / "sounds.mfccclf", work / "report"
    mfccclf("train", work / "learn" / "labels.csv", "-o", model)
    mfccclf("evaluate", model, work / "test" / "labels.csv", "--report", report)
    subprocess.run(
        [
            *("chromium", "--headless", "--no-sandbox", "--hide-scrollbars"),
            *(f"--window-size={SIZE}", f"--screenshot={HERE / 'report.png'}"),
            (report / "report.html").as_uri(),
        ],
        check=True,
        capture_output=True,
    )


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        make_timeline(Path(folder))
        make_report(Path(folder))
