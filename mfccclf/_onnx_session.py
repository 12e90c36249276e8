"""Open sessions of ONNX Runtime, all of them alike."""

from __future__ import annotations

from typing import Any

__all__ = ["open_session"]

_ERRORS_ONLY = 3


def open_session(graph: bytes) -> Any:
    """Open a session that is quiet and keeps to one thread.

    Parameters
    ----------
    graph : bytes
        An ONNX model, checked.

    Returns
    -------
    session : onnxruntime.InferenceSession
        Ready to run.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = _ERRORS_ONLY
    return onnxruntime.InferenceSession(
        graph, options, providers=["CPUExecutionProvider"]
    )
