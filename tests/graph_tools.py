"""Run parts of ONNX graphs that begin with a waveform, for tests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from mfccclf._graph_builder import GraphBuilder

Waveform = NDArray[np.float32]


def make_sound(n_samples: int, *, sample_rate: int = 16000, seed: int = 0) -> Waveform:
    """Make a gliding tone with noise that swells, between near silences."""
    rng = np.random.default_rng(seed)
    time = np.arange(n_samples) / sample_rate
    tone = np.sin(2 * np.pi * (300 + 500 * time) * time)
    noise = 0.3 * rng.standard_normal(n_samples)
    level = np.hanning(n_samples) ** 3
    quiet = 1e-4 * rng.standard_normal(n_samples)
    return ((tone + noise) * level * 0.5 + quiet).astype(np.float32)


def run_on_waveform(
    add: Callable[[GraphBuilder, str], str], waveform: Waveform, *, n_axes: int = 2
) -> NDArray[Any]:
    """Return the float32 value of ``n_axes`` axes that a function adds to a graph."""
    builder = GraphBuilder()
    output = builder.rename(add(builder, "waveform"), "output")
    model = builder.build(
        inputs={"waveform": ["n_samples"]},
        outputs={output: [f"size_{axis}" for axis in range(n_axes)]},
    )
    session = onnxruntime.InferenceSession(model.SerializeToString())
    (found,) = session.run(None, {"waveform": waveform})
    return found
