"""Our nets against the published ones on many clips; needs the environment of those.

    MFCCCLF_ORIGINALS="embeddings-env/bin/python build/wheels" pytest -m slow

names the interpreter and the folder of wheels that weights/recipes/embeddings/README.md
makes.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile

from mfccclf import SpeechEmbedding
from mfccclf.features.embeddings.graphs import build_music_graph
from mfccclf.features.embeddings.nets import INT16_SCALE, NETS
from mfccclf.features.embeddings.session import Reach, run_graph
from mfccclf.features.embeddings.weights import read_weights
from mfccclf.synthesis import render_noise
from mfccclf.variation import VariationParameters, vary_waveform

ROOT = Path(__file__).parents[1]
RATE = 16000
N_CLIPS = 200
# Two seconds need no silence around them; 187 frames are what the net for music heard.
N_SAMPLES, N_FRAMES = 2 * RATE, 187

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        "MFCCCLF_ORIGINALS" not in os.environ,
        reason="the published nets are not there: see the top of this file",
    ),
]


@pytest.fixture(scope="module")
def clips(tmp_path_factory):
    """Noise, bursts, voices and notes: 200 clips at the peak of our front ends."""
    folder = render_noise(tmp_path_factory.mktemp("noise") / "clips", n_clips=100)
    files = sorted(folder.rglob("*.wav"))
    noises = [soundfile.read(file, dtype="float32")[0] for file in files]
    voices = [voice(seed) for seed in range(N_CLIPS - len(noises))]
    return np.stack([at_peak(np.resize(w, N_SAMPLES)) for w in noises + voices])


def voice(seed):
    """Return a buzz of changing pitch in some room."""
    rng = np.random.default_rng(seed)
    time = np.arange(N_SAMPLES) / RATE
    pitch = rng.uniform(80, 900) * np.exp(0.3 * np.sin(2 * np.pi * time * rng.random()))
    turns = 2 * np.pi * np.cumsum(pitch) / RATE
    gains = rng.uniform(0, 1, 12) / np.arange(1, 13)
    wave = np.sum([g * np.sin(k * turns) for k, g in enumerate(gains, 1)], axis=0)
    wave *= np.abs(np.sin(np.pi * time * rng.uniform(0.5, 4)))
    return vary_waveform(0.3 * wave, RATE, VariationParameters(), rng)


def at_peak(wave):
    return (0.5 * wave / np.abs(wave).max()).astype(np.float32)


@pytest.fixture(scope="module")
def bands(clips):
    """What our net for music is given, as much as the published one hears."""
    found = NETS["music"].to_bands(list(clips))
    return np.stack([np.resize(one, (N_FRAMES, one.shape[1])) for one in found])


@pytest.fixture(scope="module")
def published(clips, bands, tmp_path_factory):
    folder = tmp_path_factory.mktemp("published")
    np.savez(folder / "inputs.npz", samples=clips * INT16_SCALE, bands=bands)
    python, wheels = os.environ["MFCCCLF_ORIGINALS"].split()
    module = "weights.recipes.embeddings.reference"
    command = [python, "-m", module, wheels, str(folder / "outputs.npz")]
    inputs = ["--inputs", str(folder / "inputs.npz")]
    # Else TensorFlow rounds as it finds quickest on a machine, up to 3e-4 elsewhere.
    plain = {**os.environ, "TF_ENABLE_ONEDNN_OPTS": "0"}
    subprocess.run([*command, *inputs], check=True, cwd=ROOT, env=plain)
    with np.load(folder / "outputs.npz") as outputs:
        return dict(outputs)


def test_speech_equals_the_published_net_on_200_clips(clips, published):
    ours = SpeechEmbedding().transform(list(clips))
    assert ours.shape == published["speech"].shape == (N_CLIPS, 16, 96)
    # Values reach 65: single precision tells a ten-millionth of that.
    np.testing.assert_allclose(ours, published["speech"], rtol=1e-5, atol=1e-4)


def test_music_equals_the_published_net_on_200_clips(bands, published):
    graph = build_music_graph(read_weights("music"), block=N_FRAMES)
    ours = run_graph(graph, list(bands), Reach(step=N_FRAMES, span=N_FRAMES))
    np.testing.assert_allclose(
        np.concatenate(ours), published["music"], rtol=1e-5, atol=1e-4
    )


def test_blocks_of_five_frames_are_made_of_the_same_values(bands, published):
    weights = read_weights("music")
    values = {}
    for block in (1, 5):
        graph = build_music_graph(weights, block=block)
        reach = Reach(step=block, span=block)
        some = [one[:185] for one in bands[:20]]
        values[block] = np.stack(run_graph(graph, some, reach))
    half = published["music"].shape[1] // 2
    frames = values[1].reshape(20, 37, 5, -1)
    expected = np.concatenate(
        [frames[..., :half].mean(axis=2), frames[..., half:].max(axis=2)], axis=2
    )
    np.testing.assert_allclose(values[5], expected, rtol=1e-5, atol=1e-4)
