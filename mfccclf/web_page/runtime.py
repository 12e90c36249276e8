"""Where a page gets ONNX Runtime Web from: a pinned address, or a copy beside it."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path

from mfccclf.errors import ExportError

__all__ = [
    "RUNTIME_FILES",
    "RUNTIME_VERSION",
    "WebRuntime",
    "copied_runtime",
    "hash_for_browsers",
    "pinned_runtime",
]

RUNTIME_VERSION = "1.30.0"

_FOLDER = "runtime"
_SCRIPT = "ort.wasm.bundle.min.mjs"
_WASM = "ort-wasm-simd-threaded.wasm"
# Where copies lie beside the page.
RUNTIME_FILES = (f"{_FOLDER}/{_SCRIPT}", f"{_FOLDER}/{_WASM}")
_ADDRESS = f"https://cdn.jsdelivr.net/npm/onnxruntime-web@{RUNTIME_VERSION}/dist"
# SHA-384 of these files of the npm package, as browsers check them.
_HASHES = {
    _SCRIPT: "sha384-PLWz+nHEVHpjwBsO0YVdvQj6n5814Iv8E3b8FG0Rp/uIAtjFMCKOpP66iPzedrIG",
    _WASM: "sha384-vjBJ1z7qrhkTyYsNqKeF6c7N+nOJSU94czEo+tvZcu8G75JparGq9kB+kTnEUNVM",
}
# Where an unpacked or installed npm package has them.
_PLACES = ("", "dist", "package/dist", "node_modules/onnxruntime-web/dist")


@dataclass(frozen=True, kw_only=True)
class WebRuntime:
    """The two files of ONNX Runtime Web that a page needs.

    Attributes
    ----------
    script, wasm : str
        Addresses of the module and of its WebAssembly, as the page states them.
    script_integrity, wasm_integrity : str
        Hashes that browsers check.
    files : mapping of str to bytes
        What lies beside the page, by its path; empty for a pinned address.
    """

    script: str
    wasm: str
    script_integrity: str
    wasm_integrity: str
    files: Mapping[str, bytes] = field(default_factory=dict)


def pinned_runtime() -> WebRuntime:
    """Return the runtime at its public address, pinned by version and hash."""
    return _make_runtime(_ADDRESS, _HASHES, {})


def copied_runtime(folder: str | PathLike[str]) -> WebRuntime:
    """Return the runtime of a folder, to be copied beside the page.

    Parameters
    ----------
    folder : path-like
        Where the npm package onnxruntime-web was unpacked or installed.

    Raises
    ------
    ExportError
        If the folder does not hold it.
    """
    dist = _find(Path(folder))
    contents = {name: (dist / name).read_bytes() for name in (_SCRIPT, _WASM)}
    hashes = {name: hash_for_browsers(content) for name, content in contents.items()}
    files = dict(zip(RUNTIME_FILES, contents.values(), strict=True))
    return _make_runtime(_FOLDER, hashes, files)


def hash_for_browsers(content: bytes) -> str:
    """Return the hash of a file as the attribute ``integrity`` states it."""
    digest = hashlib.sha384(content).digest()
    return f"sha384-{base64.b64encode(digest).decode('ascii')}"


def _find(folder: Path) -> Path:
    for place in _PLACES:
        if all((folder / place / name).is_file() for name in (_SCRIPT, _WASM)):
            return folder / place
    raise ExportError(
        f"The folder {folder} does not hold {_SCRIPT} and {_WASM} of ONNX Runtime Web. "
        f"Unpack there what 'npm pack onnxruntime-web@{RUNTIME_VERSION}' fetches."
    )


def _make_runtime(
    place: str, hashes: Mapping[str, str], files: Mapping[str, bytes]
) -> WebRuntime:
    return WebRuntime(
        script=f"{place}/{_SCRIPT}",
        wasm=f"{place}/{_WASM}",
        script_integrity=hashes[_SCRIPT],
        wasm_integrity=hashes[_WASM],
        files=files,
    )
