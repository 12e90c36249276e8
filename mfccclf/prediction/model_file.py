"""Read model files. Each is a zip of plain data; opening one never runs code."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from importlib.resources.abc import Traversable
from os import PathLike
from pathlib import Path
from typing import IO, Any

from mfccclf._hashing import hash_bytes
from mfccclf._validation import suggest
from mfccclf.errors import ModelFileError
from mfccclf.prediction.graph_limits import check_graphs
from mfccclf.prediction.model_archive import Entry, read_archive
from mfccclf.prediction.model_config import (
    ASK_AGAIN,
    CONFIG,
    FORMAT,
    FORMAT_VERSION,
    SUFFIX,
    TASKS,
    fail,
    parse_config,
)

__all__ = [
    "CARD",
    "CONFIG",
    "FORMAT",
    "FORMAT_VERSION",
    "GRAPH",
    "SUFFIX",
    "TASKS",
    "WEIGHTS",
    "ModelFile",
    "front_end_graph_member",
]

WEIGHTS = "weights.safetensors"
GRAPH = "model.onnx"
CARD = "README.md"

_MIB = 2**20
# The largest size a member may declare: far above any sensible model, far below what
# would fill memory.
_SIZE_LIMITS = {
    CONFIG: 4 * _MIB,
    WEIGHTS: 1024 * _MIB,
    GRAPH: 1024 * _MIB,
    CARD: 4 * _MIB,
}
# A front end that begins with a pre-trained net brings its graph along.
_FRONT_END_GRAPH = re.compile(r"front_end\.([a-z][a-z0-9_]{0,31})\.onnx")
_FRONT_END_GRAPH_LIMIT = 512 * _MIB
# First bytes of pickles, plain and compressed by joblib.
_PICKLES = (
    b"\x80",
    *(b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda"),  # zlib
    b"\x1f\x8b",  # gzip
    b"BZh",
    b"\xfd7zXZ",
    b"\x5d\x00\x00",  # lzma
    b"\x04\x22\x4d\x18",  # lz4
)
_CONVERT = "Convert it: 'mfccclf convert', or mfccclf.persistence.convert_keras."


def front_end_graph_member(net: str) -> str:
    """Return the name of the member that holds a pre-trained net's graph."""
    return f"front_end.{net}.onnx"


class ModelFile:
    """The content of a model file, read into memory and checked.

    Parameters
    ----------
    path : path-like or importlib.resources.abc.Traversable
        A file made by `mfccclf.save_model`.
    name : str, optional
        Its name in messages; by default its path.

    Attributes
    ----------
    name : str
        As above.
    config : dict
        The content of ``model.json``.
    members : dict of str to bytes
        Every other member, by name; its SHA-256 matches ``model.json``.
    n_bytes : int
        Size of the file.

    Raises
    ------
    ModelFileError
        If the file is missing, damaged, altered, of another kind or too new.

    Examples
    --------
    >>> from mfccclf.prediction import ModelFile
    >>> ModelFile("names.mfccclf").classes  # doctest: +SKIP
    ['James', 'Jennifer', 'Linda', 'Maria', 'Patricia']
    """

    config: dict[str, Any]
    members: dict[str, bytes]
    n_bytes: int

    def __init__(
        self, path: str | PathLike[str] | Traversable, *, name: str | None = None
    ) -> None:
        file = Path(path) if isinstance(path, str | PathLike) else path
        self.name = str(path) if name is None else name
        try:
            with file.open("rb") as stream:
                self.config, self.members = _read(stream, self.name)
                self.n_bytes = stream.seek(0, os.SEEK_END)
        except FileNotFoundError as error:
            raise ModelFileError(_missing_text(Path(str(path)))) from error
        except OSError as error:
            if file.is_dir():
                text = f"{self.name} is a folder, not a model file. "
                raise ModelFileError(text + f"Name a {SUFFIX} file.") from error
            reason = error.strerror or str(error)
            text = f"{self.name} cannot be read ({reason}). "
            raise ModelFileError(text + "Check the disk and permissions.") from error

    @property
    def classes(self) -> list[Any]:
        """Labels, in the order of the scores."""
        return list(self.config["classes"])

    @property
    def front_end_graphs(self) -> dict[str, bytes]:
        """The ONNX graphs of a front end with pre-trained nets, by the nets' names."""
        graphs = _graphs(self.members)
        return {net: graph for net, graph in graphs.items() if net}

    @property
    def card(self) -> str:
        """The model card, in Markdown."""
        return self.members[CARD].decode("utf-8", errors="replace")


def _read(file: IO[bytes], name: str) -> tuple[dict[str, Any], dict[str, bytes]]:
    _check_kind(file, name)
    contents = read_archive(file, name, _check_entries)
    config = parse_config(contents.pop(CONFIG), name)
    _check_hashes(config, contents, name)
    check_graphs(config, _graphs(contents), name)
    return config, contents


def _missing_text(path: Path) -> str:
    text = f"There is no model file {path}. "
    folder = path.parent
    found = [entry.name for entry in folder.glob(f"*{SUFFIX}")]
    near = suggest(path.name, found)
    if near:
        return text + near
    return text + "Name a file written by 'mfccclf train' or save_model."


def _check_kind(file: IO[bytes], name: str) -> None:
    """Refuse what is not a zip; name what it is if we know."""
    head = file.read(8)
    file.seek(0)
    if not head:
        fail(name, "is empty", ASK_AGAIN)
    if head[:2] == b"PK":
        return
    if head.startswith(_PICKLES):
        text = "If you made it yourself, load it with joblib.load; loaded that way, a "
        text += "file from others could run any code."
        fail(name, "is a joblib or pickle file, not a model file", text)
    if head[:4] == b"\x89HDF":
        fail(name, "is an HDF5 file, as written by Keras", _CONVERT)
    fail(name, "is not a model file", f"Name a {SUFFIX} file made by 'mfccclf train'.")


def _check_entries(name: str, entries: Sequence[Entry]) -> None:
    _check_names([entry.name for entry in entries], name)
    for entry in entries:
        limit = _size_limit(entry.name) or 0
        if entry.size > limit:
            problem = f"has a {entry.name} of {entry.size:,} bytes"
            fail(name, problem, f"At most {limit:,} are read. {ASK_AGAIN}")


def _check_names(names: list[str], name: str) -> None:
    if CONFIG not in names:
        fail(name, *_foreign_zip(names))
    missing = [member for member in _SIZE_LIMITS if member not in names]
    if missing:
        fail(name, f"lacks its member {missing[0]}", ASK_AGAIN)
    extra = [member for member in names if _size_limit(member) is None]
    if extra:
        fail(name, f"holds a foreign member {extra[0]!r}", ASK_AGAIN)
    if len(names) != len(set(names)):
        fail(name, "holds a member twice", ASK_AGAIN)


def _size_limit(member: str) -> int | None:
    """Return the most bytes that a member may have; None if it is not ours."""
    if _FRONT_END_GRAPH.fullmatch(member):
        return _FRONT_END_GRAPH_LIMIT
    return _SIZE_LIMITS.get(member)


def _foreign_zip(names: list[str]) -> tuple[str, str]:
    if "config.json" in names and "model.weights.h5" in names:
        return "is a Keras file, not a model file", _CONVERT
    if any(member.endswith("data.pkl") for member in names):
        return "is a PyTorch file, not a model file", f"Name a {SUFFIX} file."
    problem = f"is a zip without {CONFIG}, so not a model file"
    return problem, f"Name a {SUFFIX} file made by 'mfccclf train'."


def _check_hashes(
    config: dict[str, Any], contents: dict[str, bytes], name: str
) -> None:
    for member, content in contents.items():
        entry = config["members"].get(member)
        expected = entry.get("sha256") if isinstance(entry, dict) else None
        if hash_bytes(content) != expected:
            problem = f"has been altered or damaged: the checksum of {member} differs"
            fail(name, problem, ASK_AGAIN)


def _graphs(contents: dict[str, bytes]) -> dict[str, bytes]:
    """Return all graphs by the nets' names; that of the model has no name."""
    pretrained = {
        found[1]: content
        for member, content in contents.items()
        if (found := _FRONT_END_GRAPH.fullmatch(member))
    }
    return {"": contents[GRAPH], **pretrained}
