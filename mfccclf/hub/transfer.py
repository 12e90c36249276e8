"""Put model files on Hugging Face's hub, and fetch them from there."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from os import PathLike
from pathlib import Path

from mfccclf._files import atomic_path
from mfccclf.errors import MfccclfError
from mfccclf.hub.repository import (
    CHECKSUMS,
    check_repository,
    require_hub,
    write_repository,
)
from mfccclf.prediction.model_file import SUFFIX

__all__ = ["pull_model", "push_model"]


def push_model(
    model: str | PathLike[str],
    repository: str,
    *,
    licence: str | None = None,
    private: bool = False,
) -> str:
    """Upload a model file with its card and checksum.

    Parameters
    ----------
    model : str or path-like
        Model file.
    repository : str
        ``OWNER/NAME``; it is made where it is missing. ``hf auth login`` or the
        environment variable HF_TOKEN gives the right to write.
    licence : str, optional
        Licence of the model, such as ``"cc-by-4.0"``.
    private : bool, default=False
        Whether only its owner sees a repository that is made.

    Returns
    -------
    address : str
        Of the repository.

    Raises
    ------
    ModelFileError
        If the model file cannot be used.
    MissingExtraError
        If huggingface_hub is not installed.
    MfccclfError
        If the hub cannot be reached or refuses.

    Examples
    --------
    >>> from mfccclf.hub import push_model
    >>> push_model("mine.mfccclf", "me/mine", licence="cc-by-4.0")  # doctest: +SKIP
    'https://huggingface.co/me/mine'
    """
    hub = require_hub()
    with tempfile.TemporaryDirectory() as folder:
        write_repository(model, folder, licence=licence)
        with _one_line(repository):
            api = hub.HfApi()
            address = api.create_repo(repository, private=private, exist_ok=True)
            message = f"Upload {Path(model).name}"
            api.upload_folder(
                repo_id=repository, folder_path=folder, commit_message=message
            )
    return str(address)


def pull_model(
    repository: str, output: str | PathLike[str], *, revision: str | None = None
) -> Path:
    """Download the model file of a repository, and check it. No code of it runs.

    Parameters
    ----------
    repository : str
        ``OWNER/NAME``.
    output : str or path-like
        Model file to write. It is written whole or not at all.
    revision : str, optional
        Branch, tag or commit; by default the newest of the main branch.

    Returns
    -------
    output : pathlib.Path
        The file.

    Raises
    ------
    MissingExtraError
        If huggingface_hub is not installed.
    MfccclfError
        If the hub cannot be reached, or the repository holds no model file or another
        than its checksum says.
    ModelFileError
        If the model file cannot be used.

    Examples
    --------
    >>> from mfccclf.hub import pull_model
    >>> pull_model("me/mine", "mine.mfccclf")  # doctest: +SKIP
    PosixPath('mine.mfccclf')
    """
    hub = require_hub()
    with _one_line(repository):
        folder = hub.snapshot_download(
            repository, revision=revision, allow_patterns=[f"*{SUFFIX}", CHECKSUMS]
        )
    model = check_repository(Path(folder), name=repository)
    target = Path(output)
    with atomic_path(target) as path:
        shutil.copyfile(model, path)
    return target


@contextmanager
def _one_line(repository: str) -> Iterator[None]:
    """Turn what the hub's client raises into one line that names the repository."""
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError

    try:
        yield
    except (HfHubHTTPError, HFValidationError, OSError) as error:
        # Of the client's own texts, the first line says what is wrong.
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise MfccclfError(
            f"{repository}: the hub says: {reason.rstrip('.')}. Check the name, your "
            "network, and for private repositories 'hf auth login'."
        ) from error
