"""The pre-trained nets as ONNX graphs, from mel bands to vectors.

References
----------
.. [1] J. Lin, K. Kilgour, D. Roblek and M. Sharifi, "Training keyword spotters with
   limited and synthesized speech data", ICASSP, 2020.
.. [2] J. Pons and X. Serra, "musicnn: pre-trained convolutional neural networks for
   music audio tagging", ISMIR late-breaking session, 2019.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mfccclf._graph_builder import GraphBuilder
from mfccclf.features.embeddings.weights import Weights

__all__ = ["INPUT", "OUTPUT", "build_music_graph", "build_speech_graph"]

INPUT, OUTPUT = "bands", "vectors"

# After these convolutions, neighbours in (time, bands) are reduced to their maximum.
_SPEECH_POOLS = {2: (2, 2), 6: (1, 2), 10: (2, 2), 14: (1, 2), 18: (2, 2)}
_SPEECH_SLOPE = 0.2
_SPEECH_FLOOR = -0.4
_MUSIC_FRONT = ("timbre_0", "timbre_1", "tempo_0", "tempo_1", "tempo_2")
_MUSIC_MIDDLE = ("middle_0", "middle_1", "middle_2")


def build_speech_graph(weights: Weights) -> bytes:
    """Build the net for speech: 20 convolutions [1]_.

    Parameters
    ----------
    weights : mapping of str to ndarray
        Of the file "speech".

    Returns
    -------
    graph : bytes
        From bands (n_clips, n_frames, 32) to vectors (n_clips, n_vectors, 96): one
        vector for 76 frames, the next 8 frames on.
    """
    builder = GraphBuilder()
    value = builder.add("Unsqueeze", INPUT, builder.constant([1], "int64"))
    n_layers = sum(name.endswith(".weight") for name in weights)
    for layer in range(n_layers):
        value = _convolve_speech(builder, weights, layer, value)
        if layer < n_layers - 1:
            value = builder.add("LeakyRelu", value, alpha=_SPEECH_SLOPE)
            value = builder.add("Max", value, _scalar(builder, _SPEECH_FLOOR))
        if layer in _SPEECH_POOLS:
            size = _SPEECH_POOLS[layer]
            value = builder.add("MaxPool", value, kernel_shape=size, strides=size)
    value = builder.add("Squeeze", value, builder.constant([3], "int64"))
    value = builder.add("Transpose", value, perm=[0, 2, 1])
    return _finish(builder, value, n_bands=32, n_values=96)


def build_music_graph(weights: Weights, *, block: int) -> bytes:
    """Build the net for music up to its pooling over time [2]_.

    Parameters
    ----------
    weights : mapping of str to ndarray
        Of the file "music".
    block : int
        Frames that are pooled to one vector.

    Returns
    -------
    graph : bytes
        From bands (n_clips, n_frames, 96) to vectors (n_clips, n_frames // block,
        1506): the mean of 753 values over a block, then the maximum.
    """
    builder = GraphBuilder()
    value = _scale(builder, weights, "input", INPUT, n_axes=0)
    value = builder.add("Unsqueeze", value, builder.constant([1], "int64"))
    parts = [_add_filters(builder, weights, name, value) for name in _MUSIC_FRONT]
    layers = [builder.add("Concat", *parts, axis=1)]
    for name in _MUSIC_MIDDLE:
        layers.append(_add_middle(builder, weights, name, layers))
    frames = builder.add("Concat", *layers, axis=1)
    pooling = {"kernel_shape": [block], "strides": [block]}
    mean = builder.add("AveragePool", frames, **pooling)
    highest = builder.add("MaxPool", frames, **pooling)
    pooled = builder.add("Concat", mean, highest, axis=1)
    value = builder.add("Transpose", pooled, perm=[0, 2, 1])
    return _finish(builder, value, n_bands=96, n_values=1506)


def _convolve_speech(
    builder: GraphBuilder, weights: Weights, layer: int, value: str
) -> str:
    kernel = weights[f"conv_{layer}.weight"]
    inputs = [value, builder.constant(kernel, "float32")]
    offset = weights.get(f"conv_{layer}.bias")
    if offset is not None:
        inputs.append(builder.constant(offset, "float32"))
    # Bands are padded, frames are not: a vector depends on its 76 frames alone.
    side = kernel.shape[3] // 2
    return builder.add("Conv", *inputs, pads=[0, side, 0, side])


def _add_filters(builder: GraphBuilder, weights: Weights, name: str, value: str) -> str:
    """Convolve over time and bands, normalise, and keep the highest of all bands."""
    kernel = weights[f"{name}.weight"]
    before = (kernel.shape[2] - 1) // 2
    pads = [before, 0, kernel.shape[2] - 1 - before, 0]
    convolved = _convolve(builder, weights, name, value, pads=pads)
    # The normalisation is monotonic, so it can follow the maximum; where its factor is
    # negative, the maximum is that of the negated values.
    scale = weights[f"{name}.norm.scale"]
    signs = np.sign(scale).reshape(1, -1, 1, 1)
    signed = builder.add("Mul", convolved, builder.constant(signs, "float32"))
    highest = builder.add("ReduceMax", signed, axes=[3], keepdims=0)
    return _multiply_add(
        builder, highest, np.abs(scale), weights[f"{name}.norm.offset"], n_axes=1
    )


def _add_middle(
    builder: GraphBuilder, weights: Weights, name: str, layers: list[str]
) -> str:
    """Convolve over time; add what came in, but for the first layer."""
    before = weights[f"{name}.weight"].shape[2] // 2
    convolved = _convolve(builder, weights, name, layers[-1], pads=[before, before])
    value = _scale(builder, weights, name, convolved, n_axes=1)
    return value if len(layers) == 1 else builder.add("Add", value, layers[-1])


def _convolve(
    builder: GraphBuilder, weights: Weights, name: str, value: str, *, pads: list[int]
) -> str:
    kernel = builder.constant(weights[f"{name}.weight"], "float32")
    offset = builder.constant(weights[f"{name}.bias"], "float32")
    return builder.add("Relu", builder.add("Conv", value, kernel, offset, pads=pads))


def _scale(
    builder: GraphBuilder, weights: Weights, name: str, value: str, *, n_axes: int
) -> str:
    scale, offset = weights[f"{name}.norm.scale"], weights[f"{name}.norm.offset"]
    return _multiply_add(builder, value, scale, offset, n_axes=n_axes)


def _multiply_add(
    builder: GraphBuilder,
    value: str,
    scale: NDArray[np.float32],
    offset: NDArray[np.float32],
    *,
    n_axes: int,
) -> str:
    """Scale and shift each channel; ``n_axes`` axes follow that of the channels."""
    shape = (-1, *(1,) * n_axes)
    scaled = builder.add(
        "Mul", value, builder.constant(scale.reshape(shape), "float32")
    )
    return builder.add(
        "Add", scaled, builder.constant(offset.reshape(shape), "float32")
    )


def _scalar(builder: GraphBuilder, value: float) -> str:
    return builder.constant(value, "float32")


def _finish(builder: GraphBuilder, value: str, *, n_bands: int, n_values: int) -> bytes:
    model = builder.build(
        inputs={INPUT: ["n_clips", "n_frames", n_bands]},
        outputs={builder.rename(value, OUTPUT): ["n_clips", "n_vectors", n_values]},
    )
    content: bytes = model.SerializeToString(deterministic=True)
    return content
