"""Measure ``mfccclf predict --window 3 --hop 1`` on two hours: time and peak memory.

    python benchmarks/long_recording.py [--minutes N] [--preset NAME] [--rate HZ]
                                        [--channels N] [--model NAME] [--jobs N]
                                        [--whole-frames] [--level-step DB]
                                        [--output FILE]

Makes a model (three epochs on noise: its cost matters, not its predictions), unless
``--model`` names one, and two recordings, of two minutes and of N minutes, in a
temporary folder. Each is predicted by a process of its own, with ``--jobs`` threads;
the system reports its peak memory at the end. Writes ``results/long_recording.json``,
or ``results/long_recording_MODEL.json``, unless ``--output`` names another file.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import platform
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

sys.path.append(str(Path(__file__).resolve().parents[1]))

from benchmarks.processes import run_process

RESULTS = Path(__file__).parent / "results"
SHORT_MINUTES = 2
MEMORY_LIMIT, SPEED_LIMIT = 1.2, 50
WINDOW = ["--window", "3", "--hop", "1"]
ONE_CORE = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
}


def make_model(path: Path, preset: str) -> None:
    """Train on a few clips of noise."""
    from mfccclf import make_pipeline, save_model

    rng = np.random.default_rng(0)
    clips = [0.1 * rng.standard_normal(3 * 22050, np.float32) for _ in range(6)]
    pipeline = make_pipeline(preset, max_epochs=3, random_state=0)
    save_model(pipeline.fit(clips, list("abcabc")), path)


def make_recording(path: Path, minutes: int, *, rate: int, n_channels: int) -> None:
    """Write a recording block by block: noise under tones that change each second."""
    rng = np.random.default_rng(0)
    seconds = np.arange(60 * rate) / rate
    pitch = 110 * 2 ** (rng.integers(0, 36, 60) / 12)
    tones = np.sin(2 * np.pi * np.repeat(pitch, rate) * seconds)
    noise = rng.standard_normal((60 * rate, n_channels))
    block = (0.3 * tones[:, np.newaxis] + 0.02 * noise).astype(np.float32)
    with soundfile.SoundFile(path, "w", rate, n_channels, "PCM_16") as file:
        for _ in range(minutes):
            file.write(block)


def apart(make: Callable[..., None], *args: Any, **kwargs: Any) -> None:
    """Call in a separate process, to keep this one's memory small.

    The peak of a child process is at least the memory of its parent.
    """
    process = multiprocessing.get_context("spawn").Process(
        target=make, args=args, kwargs=kwargs
    )
    process.start()
    process.join()
    if process.exitcode != 0:
        raise SystemExit(f"{make.__name__} ended with status {process.exitcode}.")


def run_predict(
    recording: Path, model: Path | str, options: list[str]
) -> dict[str, Any]:
    """Run the command in a child process; return its times and its peak memory."""
    output = recording.with_suffix(".txt")
    command = [sys.executable, "-m", "mfccclf", "predict", str(recording)]
    usage = run_process(
        [*command, "--model", str(model), *WINDOW, *options],
        environment={**os.environ, **ONE_CORE},
        output=output,
    )
    return {
        "windows": len(output.read_text(encoding="utf-8").splitlines()),
        "seconds": round(usage.wall_s, 2),
        "cpu_seconds": round(usage.cpu_s, 2),
        "peak_mb": round(usage.peak_mb, 1),
    }


def choose_options(arguments: argparse.Namespace) -> list[str]:
    """Return the options of ``predict`` besides window and hop."""
    options = [] if arguments.jobs == 1 else ["--jobs", str(arguments.jobs)]
    if arguments.level_step is not None:
        options += ["--level-step", str(arguments.level_step)]
    return [*options, "--whole-frames"] if arguments.whole_frames else options


def measure(arguments: argparse.Namespace) -> dict[str, Any]:
    """Predict both recordings."""
    result: dict[str, Any] = {"python": platform.python_version(), **vars(arguments)}
    result.pop("output", None)
    with tempfile.TemporaryDirectory() as folder:
        model = arguments.model or Path(folder, "model.mfccclf")
        if not arguments.model:
            apart(make_model, model, arguments.preset)
        for name, minutes in (("short", SHORT_MINUTES), ("long", arguments.minutes)):
            recording = Path(folder, f"{name}.wav")
            apart(
                make_recording,
                recording,
                minutes,
                rate=arguments.rate,
                n_channels=arguments.channels,
            )
            result[name] = run_predict(recording, model, choose_options(arguments))
    result["memory_ratio"] = round(
        result["long"]["peak_mb"] / result["short"]["peak_mb"], 3
    )
    for kind in ("seconds", "cpu_seconds"):
        speed = 60 * arguments.minutes / result["long"][kind]
        result[f"times_real_time_{kind}"] = round(speed, 1)
    return result


def main() -> int:
    """Print and save the figures; return 1 if a limit is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=int, default=120)
    parser.add_argument("--preset", default="names-lstm")
    parser.add_argument("--rate", type=int, default=44100)
    parser.add_argument("--channels", type=int, default=2)
    parser.add_argument("--model", help="a shipped model, in place of the preset's")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--whole-frames", action="store_true")
    parser.add_argument("--level-step", type=float)
    parser.add_argument("--output", type=Path)
    arguments = parser.parse_args()
    result = measure(arguments)
    name = f"_{arguments.model}" if arguments.model else ""
    output = arguments.output or RESULTS / f"long_recording{name}.json"
    output.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    for name in ("short", "long"):
        facts = result[name]
        print(
            f"{name}: {facts['windows']:,} windows in {facts['seconds']} s "
            f"({facts['cpu_seconds']} s of CPU), peak {facts['peak_mb']} MB"
        )
    speed = result["times_real_time_seconds"]
    print(
        f"memory ratio {result['memory_ratio']} (at most {MEMORY_LIMIT}); {speed} "
        f"times as fast as the recording lasts (at least {SPEED_LIMIT})"
    )
    return int(result["memory_ratio"] > MEMORY_LIMIT or speed < SPEED_LIMIT)


if __name__ == "__main__":
    sys.exit(main())
