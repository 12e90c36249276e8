"""Read model files: one zip of plain data, so that opening one never runs code."""

from __future__ import annotations

import hashlib
import json
import zipfile
import zlib
from collections.abc import Mapping
from importlib.resources.abc import Traversable
from os import PathLike
from pathlib import Path
from typing import IO, Any, NoReturn

from mfccclf._validation import suggest
from mfccclf.errors import ModelFileError

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
]

SUFFIX = ".mfccclf"
FORMAT = "mfccclf"
FORMAT_VERSION = 1
TASKS = ("single-label",)

CONFIG = "model.json"
WEIGHTS = "weights.safetensors"
GRAPH = "model.onnx"
CARD = "README.md"

_MIB = 2**20
# The largest size a member may claim: far above any sensible model, far below what
# would fill the memory.
_SIZE_LIMITS = {
    CONFIG: 16 * _MIB,
    WEIGHTS: 1024 * _MIB,
    GRAPH: 1024 * _MIB,
    CARD: 4 * _MIB,
}
# Far above any sensible number of bands, frames or samples per frame.
_LARGEST_SIZE = 2**20
_CONFIG_TYPES: Mapping[str, type | tuple[type, ...]] = {
    "classes": list,
    "front_end": dict,
    "members": dict,
    "n_features": int,
    "steps": list,
    "task": str,
}
# How pickles begin, plain and compressed by joblib.
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
_ASK_AGAIN = "Copy or download it again, or train the model again."


class ModelFile:
    """What one model file holds, read into memory and checked.

    Parameters
    ----------
    path : path-like or importlib.resources.abc.Traversable
        A file made by `mfccclf.save_model`.
    name : str, optional
        What to call it in messages; by default its path.

    Attributes
    ----------
    name : str
        As above.
    config : dict
        The content of ``model.json``.
    members : dict of str to bytes
        Every other member, by name; its SHA-256 agrees with ``model.json``.

    Raises
    ------
    ModelFileError
        If the file is missing, damaged, altered, of another kind or too new. Nothing
        in it is ever run.

    Examples
    --------
    >>> from mfccclf.prediction import ModelFile
    >>> ModelFile("names.mfccclf").classes  # doctest: +SKIP
    ['James', 'Jennifer', 'Linda', 'Maria', 'Patricia']
    """

    config: dict[str, Any]
    members: dict[str, bytes]

    def __init__(
        self, path: str | PathLike[str] | Traversable, *, name: str | None = None
    ) -> None:
        file = Path(path) if isinstance(path, str | PathLike) else path
        self.name = str(path) if name is None else name
        try:
            with file.open("rb") as stream:
                self.config, self.members = _read(stream, self.name)
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
    def card(self) -> str:
        """The model card, in Markdown."""
        return self.members[CARD].decode("utf-8", errors="replace")


def _read(file: IO[bytes], name: str) -> tuple[dict[str, Any], dict[str, bytes]]:
    _check_kind(file, name)
    try:
        with zipfile.ZipFile(file) as archive:
            contents = _read_members(archive, name)
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        _fail(name, f"is damaged or cut short ({error})", _ASK_AGAIN, error)
    except (NotImplementedError, RuntimeError) as error:
        _fail(name, f"is packed in an unknown way ({error})", _ASK_AGAIN, error)
    config = _parse_config(contents.pop(CONFIG), name)
    _check_hashes(config, contents, name)
    return config, contents


def _missing_text(path: Path) -> str:
    text = f"There is no model file {path}. "
    folder = path.parent
    found = [entry.name for entry in folder.glob(f"*{SUFFIX}")]
    near = suggest(path.name, found)
    if near:
        return text + near
    return text + "Name a file that 'mfccclf train' or save_model has written."


def _check_kind(file: IO[bytes], name: str) -> None:
    """Refuse what is no zip, by name where we can tell what it is."""
    head = file.read(8)
    file.seek(0)
    if not head:
        _fail(name, "is empty", _ASK_AGAIN)
    if head[:2] == b"PK":
        return
    if head.startswith(_PICKLES):
        text = "If you made it yourself, load it with joblib.load; a file from others "
        text += "that way could run any code."
        _fail(name, "is a joblib or pickle file, not a model file", text)
    if head[:4] == b"\x89HDF":
        _fail(name, "is an HDF5 file, as Keras writes", _CONVERT)
    _fail(name, "is not a model file", f"Name a {SUFFIX} file made by save_model.")


def _read_members(archive: zipfile.ZipFile, name: str) -> dict[str, bytes]:
    _check_names([info.filename for info in archive.infolist()], name)
    return {
        info.filename: _read_member(archive, info, name) for info in archive.infolist()
    }


def _check_names(names: list[str], name: str) -> None:
    if CONFIG not in names:
        _fail(name, *_foreign_zip(names))
    missing = [member for member in _SIZE_LIMITS if member not in names]
    if missing:
        _fail(name, f"lacks its member {missing[0]}", _ASK_AGAIN)
    extra = [member for member in names if member not in _SIZE_LIMITS]
    if extra:
        _fail(name, f"holds a member {extra[0]!r} that is not ours", _ASK_AGAIN)
    if len(names) != len(_SIZE_LIMITS):
        _fail(name, "holds a member twice", _ASK_AGAIN)


def _foreign_zip(names: list[str]) -> tuple[str, str]:
    if "config.json" in names and "model.weights.h5" in names:
        return "is a Keras file, not a model file", _CONVERT
    if any(member.endswith("data.pkl") for member in names):
        return "is a PyTorch file, not a model file", f"Name a {SUFFIX} file."
    problem = f"is a zip without {CONFIG}, so no model file"
    return problem, f"Name a {SUFFIX} file made by save_model."


def _read_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str) -> bytes:
    limit = _SIZE_LIMITS[info.filename]
    if info.file_size > limit:
        problem = f"has a {info.filename} of {info.file_size:,} bytes"
        _fail(name, problem, f"At most {limit:,} are read. {_ASK_AGAIN}")
    with archive.open(info) as member:
        return member.read(limit)


def _parse_config(content: bytes, name: str) -> dict[str, Any]:
    try:
        config = json.loads(content.decode("utf-8"), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        _fail(name, f"has a {CONFIG} that is not valid JSON", _ASK_AGAIN, error)
    if not isinstance(config, dict) or config.get("format") != FORMAT:
        _fail(name, f"has a {CONFIG} of another program", f"Name a {SUFFIX} file.")
    _check_version(config.get("format_version"), name)
    for key, kind in _CONFIG_TYPES.items():
        if not isinstance(config.get(key), kind):
            _fail(name, f"has a {CONFIG} without a valid {key!r}", _ASK_AGAIN)
    if config["task"] not in TASKS:
        text = "Update the package: pip install --upgrade mfccclf."
        _fail(name, f"is for an unknown task {config['task']!r}", text)
    if not _are_labels(config["classes"]):
        _fail(name, f"has a {CONFIG} without valid classes", _ASK_AGAIN)
    for part in (config["front_end"], *config["steps"][:1]):
        _check_sizes(part, name)
    return config


def _check_sizes(part: Any, name: str) -> None:
    """Refuse a front end of absurd size, which would fill the memory when built."""
    parameters = part.get("parameters") if isinstance(part, dict) else None
    for key, value in parameters.items() if isinstance(parameters, dict) else ():
        is_size = key.startswith("n_") or key.endswith(("_length", "_width"))
        if is_size and isinstance(value, int | float) and value > _LARGEST_SIZE:
            _fail(name, f"has an absurd {key!r} parameter, {value!r}", _ASK_AGAIN)


def _are_labels(classes: list[Any]) -> bool:
    plain = all(isinstance(label, str | int | float) for label in classes)
    return bool(classes) and plain and len(set(classes)) == len(classes)


def _refuse_constant(text: str) -> NoReturn:
    raise ValueError(f"{text} is not a JSON number")


def _check_version(version: Any, name: str) -> None:
    if version == FORMAT_VERSION and not isinstance(version, bool):
        return
    problem = f"is of format version {version!r}; this mfccclf reads {FORMAT_VERSION}"
    if isinstance(version, int) and version > FORMAT_VERSION:
        _fail(name, problem, "Update the package: pip install --upgrade mfccclf.")
    _fail(name, problem, _ASK_AGAIN)


def _check_hashes(
    config: dict[str, Any], contents: dict[str, bytes], name: str
) -> None:
    for member, content in contents.items():
        entry = config["members"].get(member)
        expected = entry.get("sha256") if isinstance(entry, dict) else None
        if hashlib.sha256(content).hexdigest() != expected:
            problem = f"has been altered or damaged: the checksum of {member} differs"
            _fail(name, problem, _ASK_AGAIN)


def _fail(
    name: str, problem: str, advice: str, cause: Exception | None = None
) -> NoReturn:
    raise ModelFileError(f"{name} {problem}. {advice}") from cause
