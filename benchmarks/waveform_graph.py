"""Compare graphs from samples to scores with prediction, preset by preset.

    python benchmarks/waveform_graph.py FOLDER --clips 500

Each preset is trained for a few epochs to tell the sub-folders of FOLDER apart, so that
scores are far from even. Then its graph and its model file score the same clips.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import onnxruntime

from mfccclf import (
    AudioFileError,
    Predictor,
    export_onnx,
    load_waveform,
    make_pipeline,
    save_model,
)
from mfccclf.presets import list_presets

SUFFIXES = {".au", ".flac", ".mp3", ".ogg", ".wav"}


class Parity(NamedTuple):
    """How far a graph's numbers are from those of prediction."""

    n_clips: int
    largest: float
    n_labels_changed: int
    n_bytes: int


def find_clips(folder: Path, n_clips: int, seed: int) -> list[Path]:
    """Return clips of all sub-folders in like numbers, as far as there are any."""
    rng = np.random.default_rng(seed)
    groups = []
    for sub in sorted(path for path in folder.iterdir() if path.is_dir()):
        clips = sorted(path for path in sub.rglob("*") if path.suffix in SUFFIXES)
        groups.append([clips[place] for place in rng.permutation(len(clips))])
    dealt = [
        group[turn]
        for turn in range(max(map(len, groups)))
        for group in groups
        if turn < len(group)
    ]
    return dealt[:n_clips]


def train(preset: str, clips: Sequence[Path], folder: Path, model: Path) -> Path:
    """Train a preset to tell the sub-folders apart, and save it."""
    labels = [clip.relative_to(folder).parts[0] for clip in clips]
    pipeline = make_pipeline(preset, max_epochs=4, allow_silence=True)
    return save_model(pipeline.fit(clips, labels), model)


def compare(model: Path, clips: Sequence[Path]) -> Parity:
    """Score clips by a model file and by its graph from samples."""
    graph = export_onnx(model, model.with_suffix(".onnx"), inputs="samples")
    predictor = Predictor(model)
    session = onnxruntime.InferenceSession(graph)
    differences = list(_differences(predictor, session, clips))
    return Parity(
        len(differences),
        max(largest for largest, _ in differences),
        sum(changed for _, changed in differences),
        graph.stat().st_size,
    )


def _differences(
    predictor: Predictor, session: Any, clips: Sequence[Path]
) -> Iterator[tuple[float, bool]]:
    """Yield the largest difference of each clip, and whether the best label changes."""
    for clip in clips:
        try:
            waveform = load_waveform(
                clip, sample_rate=predictor.sample_rate, allow_silence=True
            )
            expected = predictor.predict_waveform(waveform, predictor.sample_rate)
        except (AudioFileError, ValueError) as error:
            print(f"left out: {clip}: {error}")
            continue
        scores = np.array(list(expected.scores.values()))
        found, *familiarity = session.run(None, {"waveform": waveform})
        largest = float(np.abs(found[0] - scores).max())
        if familiarity:
            largest = max(largest, abs(familiarity[0][0] - expected.familiarity))
        yield largest, bool(np.argmax(found[0]) != np.argmax(scores))


def main() -> None:
    """Print a line per preset."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--clips", type=int, default=500)
    parser.add_argument("--training-clips", type=int, default=120)
    parser.add_argument("--presets", nargs="*", default=list_presets())
    arguments = parser.parse_args()
    clips = find_clips(arguments.folder, arguments.clips, seed=0)
    learned = find_clips(arguments.folder, arguments.training_clips, seed=1)
    with tempfile.TemporaryDirectory() as folder:
        for preset in arguments.presets:
            model = Path(folder) / f"{preset}.mfccclf"
            parity = compare(train(preset, learned, arguments.folder, model), clips)
            print(
                f"{preset:22} {parity.n_clips} clips, largest difference "
                f"{parity.largest:.1e}, labels changed {parity.n_labels_changed}, "
                f"{parity.n_bytes / 1024:,.0f} KB",
                flush=True,
            )


if __name__ == "__main__":
    main()
