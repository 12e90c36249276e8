"""Run the published nets as they were published, to compare ours with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["OriginalMusic", "OriginalSpeech"]

Floats = NDArray[np.float32]

_SPEECH_WINDOW, _SPEECH_STEP = 76, 8


class OriginalSpeech:
    """Both graphs of the wheel, one for mel bands and one for windows of these.

    Parameters
    ----------
    embedding, bands : pathlib.Path
        The two ONNX files.
    """

    def __init__(self, embedding: Path, bands: Path) -> None:
        import onnxruntime

        self._embedding = onnxruntime.InferenceSession(embedding)
        self._bands = onnxruntime.InferenceSession(bands)

    def embed(self, samples: Floats) -> Floats:
        """Return vectors (n_vectors, 96) of samples in the range of 16-bit integers."""
        (decibels,) = self._bands.run(None, {"input": samples[np.newaxis]})
        frames = decibels.reshape(-1, 32) / 10 + 2
        starts = range(0, len(frames) - _SPEECH_WINDOW + 1, _SPEECH_STEP)
        windows = np.stack([frames[first:][:_SPEECH_WINDOW] for first in starts])
        (vectors,) = self._embedding.run(None, {"input_1": windows[..., np.newaxis]})
        flat: Floats = vectors.reshape(-1, 96)
        return flat


class OriginalMusic:
    """The graph of the checkpoint, without what trained it.

    Parameters
    ----------
    checkpoint : pathlib.Path
        Path of its three files without their endings.
    """

    # The mean and the maximum over time.
    _OUTPUTS = ("model/moments/Squeeze:0", "model/Max:0")
    _BANDS, _IS_TRAINING = "model/Placeholder:0", "model/Placeholder_2:0"

    def __init__(self, checkpoint: Path) -> None:
        import tensorflow as tf

        self._tf = tf
        self._graph = self._load(checkpoint.with_suffix(".meta").read_bytes())
        reader = tf.train.load_checkpoint(str(checkpoint))
        self._weights: dict[str, Any] = {
            f"{operation.name}:0": reader.get_tensor(operation.name[: -len("/read")])
            for operation in self._graph.get_operations()
            if operation.name.endswith("/read")
        }

    def pool(self, bands: Floats) -> Floats:
        """Return mean and maximum over time, (n_clips, 1506), of (n_clips, 187, 96)."""
        feed = {self._BANDS: bands, self._IS_TRAINING: False, **self._weights}
        with self._tf.compat.v1.Session(graph=self._graph) as session:
            pooled = session.run(list(self._OUTPUTS), feed)
        return np.concatenate([part.reshape(len(bands), -1) for part in pooled], axis=1)

    def _load(self, meta: bytes) -> Any:
        """Import what the outputs depend on; newer versions refuse its annotations."""
        from tensorflow.compat.v1 import graph_util
        from tensorflow.core.protobuf import meta_graph_pb2

        definition = meta_graph_pb2.MetaGraphDef.FromString(meta).graph_def
        for node in definition.node:
            for annotation in ("_output_shapes", "_class"):
                node.attr.pop(annotation, None)
        names = [output.removesuffix(":0") for output in self._OUTPUTS]
        graph = self._tf.Graph()
        with graph.as_default():
            part = graph_util.extract_sub_graph(definition, names)
            self._tf.import_graph_def(part, name="")
        return graph
