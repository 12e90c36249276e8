"""Run the ONNX graph of a model file."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfccclf._memory import lacks_memory
from mfccclf._onnx_session import import_onnxruntime, open_session
from mfccclf.errors import ModelFileError
from mfccclf.prediction.model_file import GRAPH, ModelFile

__all__ = ["make_session", "run_session"]

# What rounding may add to a probability.
_SLACK = 1e-6
_ADVICE = "Copy or download it again, or train the model again."

Output = NDArray[np.float32]


def make_session(model_file: ModelFile) -> Any:
    """Make a quiet, single-threaded onnxruntime session.

    Parameters
    ----------
    model_file : ModelFile
        The model, whose graph turns "X" (n_clips, n_frames, n_features) into "scores"
        (n_clips, n_classes) and, in most files, "familiarity" (n_clips,).

    Returns
    -------
    session : onnxruntime.InferenceSession
        Ready to run.

    Raises
    ------
    ModelFileError
        If the graph cannot be run.
    """
    onnxruntime = import_onnxruntime()
    try:
        return open_session(model_file.members[GRAPH])
    except Exception as error:  # onnxruntime's errors have no common class of their own
        if lacks_memory(error):
            raise ModelFileError(
                f"{model_file.name} needs more memory than there is. Close other "
                "programs, or use a larger machine."
            ) from error
        raise ModelFileError(
            f"{model_file.name} has a graph that onnxruntime {onnxruntime.__version__} "
            "cannot run. Update onnxruntime, or train the model again."
        ) from error


def run_session(session: Any, X: NDArray[np.float32], *, name: str) -> list[Output]:
    """Run a model's graph, and check what comes out.

    Parameters
    ----------
    session : onnxruntime.InferenceSession
        As `make_session` makes it.
    X : float32 ndarray of shape (n_clips, n_frames, n_features)
        Sequences, NaN past a clip's end.
    name : str
        What to call the model in messages.

    Returns
    -------
    outputs : list of float32 ndarray
        The scores (n_clips, n_classes) and, in most models, the familiarity (n_clips,),
        from 0 to 1.

    Raises
    ------
    ModelFileError
        If the graph cannot be run on them, or gives anything but such values.
    MemoryError
        If there is too little memory for so long a clip, or so many.
    """
    shapes = [[len(X), *item.shape[1:]] for item in session.get_outputs()]
    try:
        outputs: list[Output] = session.run(None, {"X": X})
    except Exception as error:  # onnxruntime's errors have no common class of their own
        if lacks_memory(error):
            raise MemoryError(f"too little memory for {X.shape[1]} frames") from error
        raise ModelFileError(
            f"{name} has a graph that cannot be run on {X.shape[1]} frames. {_ADVICE}"
        ) from error
    for output, shape in zip(outputs, shapes, strict=True):
        if list(output.shape) != shape or not _are_shares(output):
            raise ModelFileError(
                f"{name} gives scores that are not numbers from 0 to 1. {_ADVICE}"
            )
    return outputs


def _are_shares(output: Output) -> bool:
    """Return whether all values are from 0 to 1; NaN is not."""
    return bool(((output >= -_SLACK) & (output <= 1 + _SLACK)).all())
