"""Open sessions of ONNX Runtime, all of them alike."""

from __future__ import annotations

import os
from typing import Any

__all__ = ["import_onnxruntime", "open_session"]

_ERRORS_ONLY = 3


def import_onnxruntime() -> Any:
    """Import ONNX Runtime with its telemetry off.

    Otherwise it keeps a number of this machine in the home folder, complains where it
    cannot, and reports to its makers. The variable ``ORT_DISABLE_TELEMETRY`` decides
    where the user has set it.

    Returns
    -------
    onnxruntime : module
        ONNX Runtime.
    """
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    import onnxruntime

    return onnxruntime


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
    onnxruntime = import_onnxruntime()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = _ERRORS_ONLY
    return onnxruntime.InferenceSession(
        graph, options, providers=["CPUExecutionProvider"]
    )
