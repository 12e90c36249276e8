"""Write one small model file and its predictions, to be kept as a fixture.

Run it with the code of the release that first wrote a format version, and commit what
it writes to ``tests/formats/``: ``test_format_versions.py`` opens each for ever.
The file of version 1 was made by ``mfccclf train`` of that time, on the same clips.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

import numpy as np
import soundfile
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from test_onnx_embedding import dense_net

from mfccclf import OnnxEmbedding, Predictor, SequenceStatistics, save_model

RATE = 8000


def make_clip(frequency: float, seed: int) -> np.ndarray:
    """Return half a second of a sine in faint noise."""
    time = np.arange(RATE // 2) / RATE
    noise = np.random.default_rng(seed).standard_normal(time.size)
    return (0.4 * np.sin(2 * np.pi * frequency * time) + 0.02 * noise).astype("f4")


def write_clips(root: Path) -> tuple[list[Path], list[str]]:
    """Write six clips of each of two labels, in a folder each."""
    paths = []
    for label, frequency in (("low", 200.0), ("high", 1500.0)):
        (root / label).mkdir(parents=True)
        for number in range(6):
            paths.append(root / label / f"{number}.wav")
            clip = make_clip(frequency * (1 + 0.05 * number), number)
            soundfile.write(paths[-1], clip, RATE, subtype="PCM_16")
    return paths, [path.parent.name for path in paths]


def fit_foreign_net(root: Path) -> Pipeline:
    """Return a pipeline whose model file carries a net of somebody else's."""
    net = dense_net(root / "net.onnx")
    embedding = OnnxEmbedding(
        net, sample_rate=RATE, window=0.1, hop=0.05, output="vectors"
    )
    steps = [
        ("embed", embedding),
        ("rows", SequenceStatistics()),
        ("classifier", LogisticRegression(C=1000)),
    ]
    return Pipeline(steps).fit(*write_clips(root / "clips"))


def write_expected(model: Path, clips: Path) -> None:
    """Write beside a model file what it says of the first clip of each label."""
    predictor = Predictor(model)
    scores = {
        label: predictor.predict_file(clips / label / "0.wav").scores
        for label in ("low", "high")
    }
    model.with_suffix(".json").write_text(json.dumps(scores, indent=1) + "\n")


def main() -> None:
    """Write the model file that the command line names, and its predictions."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path, help="tests/formats/version-N.mfccclf")
    model = parser.parse_args().model
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        if not model.exists():
            save_model(fit_foreign_net(root), model)
        else:
            write_clips(root / "clips")
        write_expected(model, root / "clips")


if __name__ == "__main__":
    main()
