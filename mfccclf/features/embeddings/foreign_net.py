"""A net of the user's own choice: an ONNX file, from windows of sound to vectors."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfccclf._hashing import hash_bytes
from mfccclf._model_graph.foreign import check_foreign_graph
from mfccclf._onnx_session import open_session
from mfccclf.errors import ModelFileError

__all__ = [
    "NetFacts",
    "OnnxGraph",
    "UnfitNetError",
    "inspect_net",
    "read_onnx_net",
    "run_windows",
]

# Samples that a net is given at a time; inside it are some hundred values for each.
_MAX_SAMPLES = 2**19
_FLOAT = "tensor(float)"

Windows = NDArray[np.float32]

_open_session = lru_cache(maxsize=2)(open_session)


@dataclass(frozen=True)
class OnnxGraph:
    """The bytes of an ONNX file, without the file.

    Attributes
    ----------
    content : bytes
        The encoded model.
    """

    content: bytes

    def __repr__(self) -> str:
        """Name the net by its hash."""
        return f"OnnxGraph({self.hash[:12]})"

    @cached_property
    def hash(self) -> str:
        """SHA-256 of the bytes."""
        return hash_bytes(self.content)


class UnfitNetError(ValueError):
    """A net does not fit what it is used for; the text says what would.

    Attributes
    ----------
    parameter : str
        Name of the parameter that is to blame.
    """

    def __init__(self, parameter: str, expected: str) -> None:
        super().__init__(expected)
        self.parameter = parameter


@dataclass(frozen=True, kw_only=True)
class NetFacts:
    """What a net makes of a window.

    Attributes
    ----------
    output : str
        Name of the output whose values are the vectors.
    n_vectors : int
        Vectors of one window.
    n_values : int
        Values of a vector.
    """

    output: str
    n_vectors: int
    n_values: int


def read_onnx_net(source: str | PathLike[str] | OnnxGraph) -> OnnxGraph:
    """Read the graph of a net, once per version of its file, and check it.

    Parameters
    ----------
    source : path-like or OnnxGraph
        An ONNX file, or its content.

    Returns
    -------
    graph : OnnxGraph
        One that does nothing but compute.

    Raises
    ------
    ModelFileError
        If the file cannot be read, or does more.
    """
    if isinstance(source, OnnxGraph):
        return source
    try:
        facts = os.stat(source)
        return _read_file(os.fspath(source), facts.st_mtime_ns, facts.st_size)
    except OSError as error:
        raise ModelFileError(
            f"{source} cannot be read ({error.strerror or error}). Check the path."
        ) from error


@lru_cache(maxsize=2)
def _read_file(path: str, mtime_ns: int, size: int) -> OnnxGraph:
    content = Path(path).read_bytes()
    try:
        check_foreign_graph(content)
    except ValueError as error:
        raise ModelFileError(
            f"{path} is not an ONNX file that mfccclf runs: {error}. Export the net "
            "without it."
        ) from error
    return OnnxGraph(content)


@lru_cache(maxsize=8)
def inspect_net(graph: OnnxGraph, n_samples: int, output: str | None) -> NetFacts:
    """Run a net on a window of zeros, to see what it makes of it.

    Parameters
    ----------
    graph : OnnxGraph
        Checked.
    n_samples : int
        Samples of a window.
    output : str or None
        Name of an output; None for the only one.

    Returns
    -------
    facts : NetFacts
        What the output holds.

    Raises
    ------
    UnfitNetError
        If the net takes or gives something else.
    """
    session = _open(graph)
    chosen = _choose_output([item.name for item in session.get_outputs()], output)
    vectors = _run(session, np.zeros((1, n_samples), np.float32), chosen)
    return NetFacts(
        output=chosen, n_vectors=vectors.shape[1], n_values=vectors.shape[2]
    )


def run_windows(graph: OnnxGraph, windows: Windows, facts: NetFacts) -> Windows:
    """Turn windows into vectors.

    Parameters
    ----------
    graph : OnnxGraph
        Checked.
    windows : float32 ndarray of shape (n_windows, n_samples)
        As the net expects them.
    facts : NetFacts
        What it makes of each.

    Returns
    -------
    vectors : float32 ndarray of shape (n_windows * n_vectors, n_values)
        In order.

    Raises
    ------
    ModelFileError
        If the net gives something else, or numbers that are not finite.
    """
    session = _open(graph)
    batches = _batches(session, windows)
    try:
        vectors = np.concatenate([_run(session, one, facts.output) for one in batches])
    except UnfitNetError as error:
        raise ModelFileError(
            f"The net cannot be run on {len(windows)} windows: its "
            f"{error.parameter!r} must be {error}. Use the file of the training."
        ) from error
    found, promised = vectors.shape[1:], (facts.n_vectors, facts.n_values)
    if found != promised:
        raise ModelFileError(
            f"The net gives vectors of shape {found}, not {promised} as in training. "
            "Use the file of the training."
        )
    if not np.isfinite(vectors).all():
        raise ModelFileError(
            f"The net's output {facts.output!r} holds numbers that are not finite. "
            "Check the net, or choose another output."
        )
    return vectors.reshape(-1, facts.n_values)


def _open(graph: OnnxGraph) -> Any:
    try:
        return _open_session(graph.content)
    except Exception as error:  # onnxruntime's errors have no common class of their own
        expected = f"a net that ONNX Runtime opens, which says: {_short(error)}"
        raise UnfitNetError("path", expected) from error


def _choose_output(names: list[str], wanted: str | None) -> str:
    if wanted is None and len(names) == 1:
        return names[0]
    if wanted is not None and wanted in names:
        return wanted
    listed = ", ".join(map(repr, names))
    raise UnfitNetError("output", f"one of the net's outputs: {listed}")


def _batches(session: Any, windows: Windows) -> Iterator[Windows]:
    size = max(1, _MAX_SAMPLES // windows.shape[1]) if _takes_batches(session) else 1
    for first in range(0, len(windows), size):
        yield windows[first : first + size]


def _takes_batches(session: Any) -> bool:
    """Return whether the first axis of the input may have any size."""
    shape = session.get_inputs()[0].shape
    return len(shape) > 1 and not isinstance(shape[0], int)


def _run(session: Any, windows: Windows, output: str) -> NDArray[np.float32]:
    """Return what a net makes of windows, (n_windows, n_vectors, n_values)."""
    inputs = session.get_inputs()
    name, shape = inputs[0].name, inputs[0].shape
    if len(inputs) > 1 or inputs[0].type != _FLOAT or len(shape) not in (1, 2, 3):
        given = ", ".join(f"{one.name} {one.type} {one.shape}" for one in inputs)
        raise UnfitNetError(
            "path",
            "a net with a single float32 input of shape (n_samples,), (n_windows, "
            f"n_samples) or (n_windows, 1, n_samples). This one takes {given}",
        )
    fitted = windows.reshape(_fit(len(shape), windows.shape))
    try:
        (result,) = session.run([output], {name: fitted})
    except Exception as error:
        expected = (
            f"of a length that the net takes, which {windows.shape[1]} samples are "
            f"not: {_short(error)}"
        )
        raise UnfitNetError("window", expected) from error
    return _as_vectors(np.asarray(result), output, len(windows), len(shape))


def _fit(n_axes: int, shape: tuple[int, ...]) -> tuple[int, ...]:
    n_windows, n_samples = shape
    return {
        1: (n_samples,),
        2: (n_windows, n_samples),
        3: (n_windows, 1, n_samples),
    }[n_axes]


def _as_vectors(
    result: NDArray[Any], output: str, n_windows: int, n_axes: int
) -> NDArray[np.float32]:
    values = result[np.newaxis] if n_axes == 1 else result
    if values.ndim == 2:
        values = values[:, np.newaxis]
    fits = values.ndim == 3 and values.shape[0] == n_windows and 0 not in values.shape
    if not fits or not np.issubdtype(values.dtype, np.floating):
        raise UnfitNetError(
            "output",
            f"an output with a vector or some for each window. {output!r} is of shape "
            f"{result.shape} for {n_windows}",
        )
    return values.astype(np.float32)


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
