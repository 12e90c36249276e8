"""What a repository of one model holds: the file, a card and a checksum."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import Any

from mfccclf._files import filled_folder
from mfccclf._hashing import hash_file
from mfccclf.errors import MfccclfError, MissingExtraError
from mfccclf.prediction.model_file import SUFFIX, ModelFile

__all__ = ["CHECKSUMS", "check_repository", "require_hub", "write_repository"]

CARD = "README.md"
CHECKSUMS = "SHA256SUMS"
_SCORES = {"accuracy": "accuracy", "macro_f1": "f1"}


def write_repository(
    model: str | PathLike[str],
    folder: str | PathLike[str],
    *,
    licence: str | None = None,
) -> Path:
    """Write what a repository of a model holds.

    Parameters
    ----------
    model : str or path-like
        Model file.
    folder : str or path-like
        Folder to write to; it is made where it is missing.
    licence : str, optional
        Licence of the model, such as ``"cc-by-4.0"``, for the card's metadata.

    Returns
    -------
    folder : pathlib.Path
        With ``NAME.mfccclf``, a ``README.md`` whose metadata the hub reads, and
        ``SHA256SUMS``, which ``sha256sum --check`` reads, too.

    Raises
    ------
    ModelFileError
        If the model file cannot be used.
    MissingExtraError
        If huggingface_hub is not installed.

    Examples
    --------
    >>> from mfccclf.hub import write_repository
    >>> write_repository("mine.mfccclf", "to-upload")  # doctest: +SKIP
    PosixPath('to-upload')
    """
    source, target = Path(model), Path(folder)
    model_file = ModelFile(source)
    card = f"---\n{_metadata(model_file, source.stem, licence)}\n---\n{model_file.card}"
    target.mkdir(parents=True, exist_ok=True)
    checksum = f"{hash_file(source).sha256}  {source.name}\n"
    with filled_folder(target) as unfinished:
        _copy(source, unfinished / source.name)
        (unfinished / CARD).write_text(card, encoding="utf-8")
        (unfinished / CHECKSUMS).write_text(checksum, encoding="utf-8")
    return target


def _copy(source: Path, target: Path) -> None:
    """Copy a file; an error does not blame the source for a full disk."""
    try:
        shutil.copyfile(source, target)
    except OSError as error:
        raise OSError(error.errno, error.strerror) from error


def check_repository(folder: Path, *, name: str) -> Path:
    """Return the model file of a repository on disk, after checking all of it.

    Parameters
    ----------
    folder : pathlib.Path
        With the files of the repository.
    name : str
        Of the repository, for messages.

    Returns
    -------
    model : pathlib.Path
        The one model file.

    Raises
    ------
    MfccclfError
        If there is not one model file, or it is not what its checksum says.
    ModelFileError
        If the model file cannot be used.
    """
    models = sorted(folder.glob(f"*{SUFFIX}"))
    if len(models) != 1:
        found = ", ".join(path.name for path in models) or "none"
        raise MfccclfError(
            f"{name}: a repository must hold one model file (*{SUFFIX}); found {found}."
        )
    [model] = models
    expected = _read_checksums(folder / CHECKSUMS, name).get(model.name)
    if expected is None:
        raise MfccclfError(
            f"{name}: {CHECKSUMS} does not list {model.name}. Ask its owner to upload "
            "it with 'mfccclf push'."
        )
    if hash_file(model).sha256 != expected:
        raise MfccclfError(
            f"{name}: {model.name} is not what {CHECKSUMS} says. Download it again; if "
            "that does not help, do not use it."
        )
    ModelFile(model)
    return model


def require_hub() -> Any:
    """Return the module huggingface_hub.

    Raises
    ------
    MissingExtraError
        If it is not installed.
    """
    try:
        import huggingface_hub
    except ImportError as error:
        raise MissingExtraError(
            "The hub needs huggingface_hub, which is not installed. Install it: "
            "pip install 'mfccclf[hub]'."
        ) from error
    return huggingface_hub


def _metadata(model_file: ModelFile, name: str, licence: str | None) -> str:
    """Return the block of metadata that the hub reads from a card."""
    hub = require_hub()
    config = model_file.config
    preset = config.get("preset")
    data = hub.ModelCardData(
        library_name="mfccclf",
        pipeline_tag="audio-classification",
        license=licence,
        tags=["audio", "mfccclf", *([str(preset)] if preset else [])],
        metrics=sorted(_SCORES.values()),
        model_name=name,
        eval_results=_results(config) or None,
    )
    return str(data.to_yaml())


def _results(config: Mapping[str, Any]) -> list[Any]:
    """Return the scores of the model file, but those of the clips it learned from."""
    hub = require_hub()
    data_name = str((config.get("training") or {}).get("data", "unknown"))
    return [
        hub.EvalResult(
            task_type="audio-classification",
            dataset_type="audio",
            dataset_name=data_name,
            dataset_split=split,
            metric_type=metric,
            metric_value=round(float(scores[score]), 4),
        )
        for split, scores in (config.get("scores") or {}).items()
        for score, metric in _SCORES.items()
        if split != "training" and scores.get(score) is not None
    ]


def _read_checksums(path: Path, name: str) -> dict[str, str]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise MfccclfError(
            f"{name}: {CHECKSUMS} is missing or no text, so its model file cannot be "
            "checked. Ask its owner to upload it with 'mfccclf push'."
        ) from error
    pairs = re.findall(r"^([0-9a-f]{64}) [ *](.+)$", text, flags=re.MULTILINE)
    return {file: checksum for checksum, file in pairs}
