"""Run the ONNX graph of a model file."""

from __future__ import annotations

from typing import Any

from mfccclf.errors import ModelFileError
from mfccclf.prediction.model_file import GRAPH, ModelFile

__all__ = ["FAMILIARITY", "SCORES", "make_session"]

# Outputs of graphs; only the first is in every model file.
SCORES, FAMILIARITY = "scores", "familiarity"

_ERRORS_ONLY = 3


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
        If the graph cannot be run, or does not fit the rest of the file.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = _ERRORS_ONLY
    try:
        session = onnxruntime.InferenceSession(
            model_file.members[GRAPH], options, providers=["CPUExecutionProvider"]
        )
    except Exception as error:  # onnxruntime's errors have no common class of their own
        raise ModelFileError(
            f"{model_file.name} has a graph that onnxruntime {onnxruntime.__version__} "
            "cannot run. Update onnxruntime, or train the model again."
        ) from error
    _check_signature(session, model_file)
    return session


def _check_signature(session: Any, model_file: ModelFile) -> None:
    inputs = [(item.name, item.shape[-1:]) for item in session.get_inputs()]
    outputs = [(item.name, item.shape[1:]) for item in session.get_outputs()]
    n_features = model_file.config["n_features"]
    n_classes = len(model_file.classes)
    scores_alone = [(SCORES, [n_classes])]
    known = (scores_alone, [*scores_alone, (FAMILIARITY, [])])
    if inputs != [("X", [n_features])] or outputs not in known:
        raise ModelFileError(
            f"{model_file.name} has a graph that does not fit its {n_features} "
            f"features and {n_classes} classes. Copy or download it again."
        )
