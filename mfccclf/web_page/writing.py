"""Write the page of a model into a folder."""

from __future__ import annotations

from os import PathLike, fspath
from pathlib import Path

from sklearn.pipeline import Pipeline

from mfccclf._files import atomic_folder, check_replaceable_folder
from mfccclf.persistence import ModelParts, encode_waveform_model
from mfccclf.web_page.page import GRAPH, describe_page, read_page_file, render_page
from mfccclf.web_page.runtime import (
    RUNTIME_FILES,
    copied_runtime,
    pinned_runtime,
)

__all__ = ["check_web_folder", "export_web"]

_PAGE = "index.html"
_ASSETS = ("page.css", "page.js")
_MARK = b'<meta name="generator" content="mfccclf '


def export_web(
    model: Pipeline | str | PathLike[str],
    folder: str | PathLike[str],
    *,
    runtime: str | PathLike[str] | None = None,
) -> Path:
    """Write a page that runs a model in a browser, from the microphone and from files.

    The folder can be served as it is by any web server; nothing runs there, and no
    sound leaves the browser. Files are written all or not at all.

    Parameters
    ----------
    model : Pipeline, str or path-like
        As for `export_onnx`.
    folder : path-like
        A new or empty folder, or one with an earlier page, which is replaced.
    runtime : path-like or None, default=None
        Folder with an unpacked npm package onnxruntime-web, from which the page gets a
        copy of ONNX Runtime Web. None has the browser fetch it from a public address,
        pinned by version and hash.

    Returns
    -------
    page : pathlib.Path
        The page, ``index.html``.

    Raises
    ------
    ExportError
        If a part of the model cannot run in a browser, or ``runtime`` is incomplete.
    ModelFileError
        If the model cannot be read.
    ValueError, TypeError
        If the folder holds anything else, and as for `save_model`.
    FileNotFoundError, PermissionError
        If the folder's parent is missing or not writable.

    Examples
    --------
    >>> from mfccclf import export_web
    >>> export_web("names", "names-page")  # doctest: +SKIP
    PosixPath('names-page')
    """
    path = check_web_folder(folder)
    used = pinned_runtime() if runtime is None else copied_runtime(runtime)
    parts = ModelParts.of(model)
    facts = describe_page(parts, used)
    name = Path(fspath(model)).stem if isinstance(model, str | PathLike) else path.name
    contents = {
        _PAGE: render_page(name, facts, used).encode("utf-8"),
        **{asset: read_page_file(asset) for asset in _ASSETS},
        GRAPH: encode_waveform_model(parts),
        **used.files,
    }
    with atomic_folder(path) as temporary:
        for place, content in contents.items():
            (temporary / place).parent.mkdir(exist_ok=True)
            (temporary / place).write_bytes(content)
    return path / _PAGE


def check_web_folder(folder: str | PathLike[str]) -> Path:
    """Return a folder that a page can be written to, or raise an error.

    Raises
    ------
    ValueError
        If it holds anything but an earlier page.
    FileNotFoundError, PermissionError
        If its parent folder is missing or not writable.

    Examples
    --------
    >>> from mfccclf.web_page import check_web_folder
    >>> check_web_folder("new-page").name
    'new-page'
    """
    return check_replaceable_folder(
        folder, kind="page", files_of=_files_of_page, owner="export_web"
    )


def _files_of_page(path: Path) -> set[str]:
    try:
        is_ours = _MARK in (path / _PAGE).read_bytes()
    except OSError:
        return set()
    return {_PAGE, GRAPH, *_ASSETS, *RUNTIME_FILES} if is_ours else set()
