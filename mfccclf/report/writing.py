"""Write a report into a folder."""

from __future__ import annotations

import json
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

from mfccclf._files import atomic_folder
from mfccclf._typing import Progress
from mfccclf.datasets import Dataset
from mfccclf.report._templates import check_report_packages
from mfccclf.report.folder import FORMAT, MANIFEST, check_report_folder
from mfccclf.report.inputs import ReportInputs, collect_inputs
from mfccclf.report.page import write_page
from mfccclf.report.pictures import Pictures, draw_pictures
from mfccclf.workflows import EvaluationResult, evaluate_model

__all__ = ["ReportFiles", "write_report"]

_PAGE = "report.html"
_FORMAT_VERSION = 1


@dataclass(frozen=True, kw_only=True)
class ReportFiles:
    """The files of a report.

    Attributes
    ----------
    folder : pathlib.Path
        The folder with all files.
    page : pathlib.Path
        The page, ``report.html``, with pictures and sound inside.
    pictures : tuple of pathlib.Path
        The pictures as PNG files, in the order of the page.
    manifest : pathlib.Path
        ``report.json``: scores, shown clips and names of the files.
    """

    folder: Path
    page: Path
    pictures: tuple[Path, ...]
    manifest: Path


def write_report(
    model: str | PathLike[str],
    clips: Dataset,
    folder: str | PathLike[str],
    *,
    result: EvaluationResult | None = None,
    on_progress: Progress | None = None,
) -> ReportFiles:
    """Write a report of how well a model does, with pictures and sound.

    The same model and clips give the same files. They are written all or not at all.

    Parameters
    ----------
    model : str or path-like
        Name of a shipped model, or a model file.
    clips : Dataset
        Labelled clips, as `mfccclf.load_dataset` returns them.
    folder : path-like
        Folder to make. Only an earlier report in it is replaced.
    result : EvaluationResult, optional
        What `mfccclf.workflows.evaluate_model` returned for this model and these
        clips; computed if left out.
    on_progress : callable, optional
        Called as ``on_progress(done, total)`` while clips are drawn.

    Returns
    -------
    files : ReportFiles
        Paths of what was written.

    Raises
    ------
    ValueError
        If the folder holds anything but an earlier report.
    MissingExtraError
        If Matplotlib or Jinja2 is not installed.
    DatasetError
        If a clip has a label that the model does not know.
    AudioFileError
        If a clip cannot be read.
    OSError
        If the folder cannot be written.

    Examples
    --------
    >>> from mfccclf import load_dataset
    >>> from mfccclf.report import write_report
    >>> clips = load_dataset("recordings/")  # doctest: +SKIP
    >>> write_report("mine.mfccclf", clips, "report").page  # doctest: +SKIP
    PosixPath('report/report.html')
    """
    path = check_report_folder(folder)
    check_report_packages()
    if result is None:
        result = evaluate_model(model, clips)
    inputs = collect_inputs(model, clips, result)
    pictures = draw_pictures(inputs, on_progress)
    with atomic_folder(path) as temporary:
        _write_files(temporary, inputs, pictures)
    return ReportFiles(
        folder=Path(folder),
        page=Path(folder) / _PAGE,
        pictures=tuple(Path(folder) / picture.file for picture in pictures),
        manifest=Path(folder) / MANIFEST,
    )


def _write_files(folder: Path, inputs: ReportInputs, pictures: Pictures) -> None:
    for picture in pictures:
        path = folder / picture.file
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(picture.content)
    page = write_page(inputs, pictures)
    (folder / _PAGE).write_text(page, encoding="utf-8", newline="\n")
    text = json.dumps(_manifest(inputs, pictures), indent=1)
    (folder / MANIFEST).write_text(f"{text}\n", encoding="utf-8", newline="\n")


def _manifest(inputs: ReportInputs, pictures: Pictures) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "format_version": _FORMAT_VERSION,
        "model": inputs.model,
        "data": inputs.clips.name,
        "seen_in_training": inputs.result.seen_in_training,
        "n_parameters": inputs.n_parameters,
        "n_bytes": inputs.n_bytes,
        "scores": inputs.scores,
        "calibration_error": inputs.calibration.error,
        "clips": [
            {
                "file": inputs.file_name(card.example.clip),
                "label": inputs.labels[column],
                "roles": list(card.example.roles),
                "picture": card.picture.file,
            }
            for column, cards in enumerate(pictures.cards)
            for card in cards
        ],
        "files": [_PAGE, *(picture.file for picture in pictures)],
    }
