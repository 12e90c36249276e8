"""Run the command line inside a test, and make clips for it."""

from __future__ import annotations

import io
import sys
from dataclasses import dataclass
from unittest import mock

import numpy as np
import soundfile

from mfccclf.cli.main import app

FAST = ["--epochs", "12", "--set", "hidden_sizes=[8]", "--set", "features=14"]


@dataclass(frozen=True)
class Result:
    """What a command has left behind."""

    exit_code: int
    stdout: str
    stderr: str
    exception: Exception | None = None

    @property
    def output(self):
        return self.stdout + self.stderr


def run(*arguments, input=b""):
    streams = {name: io.TextIOWrapper(io.BytesIO()) for name in ("stdout", "stderr")}
    stdin = io.TextIOWrapper(io.BytesIO(input))
    exit_code, exception = 1, None
    with mock.patch.multiple(sys, stdin=stdin, **streams):
        try:
            exit_code = app([str(argument) for argument in arguments])
        except Exception as error:
            exception = error
    printed = {name: text_of(stream) for name, stream in streams.items()}
    return Result(exit_code, **printed, exception=exception)


def text_of(stream):
    stream.flush()
    return stream.buffer.getvalue().decode(stream.encoding)


def succeed(*arguments):
    result = run(*arguments)
    assert result.exit_code == 0, result.output
    return result.stdout


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
