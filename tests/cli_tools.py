"""Run the command line inside a test, and make clips for it."""

from __future__ import annotations

import signal
from pathlib import Path

import numpy as np
import soundfile
from typer.testing import CliRunner

from mfccclf.cli.main import app

FAST = ["--epochs", "30", "--set", "hidden_sizes=[8]", "--set", "projection_size=8"]


def run(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def succeed(*arguments):
    result = run(*arguments)
    assert result.exit_code == 0, result.output
    return result.stdout


def read_folder(folder):
    """Return the content of each file below a folder, by its relative path."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(Path(folder).rglob("*"))
        if path.is_file()
    }


def fail(*arguments, code, message):
    result = run(*arguments)
    assert result.exit_code == code, result.output
    assert message in result.stderr
    assert "Traceback" not in result.output
    return result


def write_clip(path, *, frequency, seed, seconds=0.7, sample_rate=16000):
    rng = np.random.default_rng(seed)
    time = np.arange(round(seconds * sample_rate)) / sample_rate
    wave = 0.4 * np.sin(2 * np.pi * frequency * time)
    wave += 0.02 * rng.standard_normal(len(time))
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, wave, sample_rate)
    return path


def heed_interrupts():
    """For ``preexec_fn``: a shell's background processes are born deaf to Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
