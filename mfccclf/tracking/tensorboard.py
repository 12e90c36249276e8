"""Runs as files of events, which TensorBoard shows."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from mfccclf.errors import MfccclfError, MissingExtraError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["TensorBoardTracker"]

_ROOM = 65536  # bytes that the start of a log may take


class TensorBoardTracker:
    """A run as a folder of events.

    Parameters
    ----------
    folder : str
        Where TensorBoard looks (``tensorboard --logdir FOLDER``).
    run_name : str
        Folder of this run in it.

    Raises
    ------
    MissingExtraError
        If tensorboard is not installed.
    MfccclfError
        If the folder cannot be written.
    """

    def __init__(self, folder: str, run_name: str) -> None:
        try:
            from torch.utils.tensorboard import SummaryWriter
        except ImportError as error:
            raise MissingExtraError(
                "Logs for TensorBoard need tensorboard, which is not installed. "
                "Install it: pip install 'mfccclf[track]'."
            ) from error
        try:
            _write_something(Path(folder) / run_name)
        except OSError as error:
            raise MfccclfError(
                f"The log {folder} cannot be written ({error.strerror}). Make room, "
                "change its permissions, or name another folder."
            ) from error
        self._writer = SummaryWriter(str(Path(folder) / run_name))

    def log_parameters(self, parameters: Mapping[str, str]) -> None:
        """Write a table under the tab of texts."""
        lines = ["| parameter | value |", "| --- | --- |"]
        lines += [
            f"| {name} | {value.replace('|', '/')} |"
            for name, value in parameters.items()
        ]
        self._writer.add_text("parameters", "\n".join(lines))

    def log_metrics(self, metrics: Mapping[str, float], epoch: int) -> None:
        """Write a point of each curve."""
        for name, value in metrics.items():
            self._writer.add_scalar(name, value, epoch)
        self._writer.flush()  # so that a training can be watched

    def log_figure(self, name: str, figure: Figure) -> None:
        """Write a picture."""
        self._writer.add_figure(name, figure, close=False)

    def log_model(self, path: Path) -> None:
        """Write where the model file lies; TensorBoard keeps no files."""
        self._writer.add_text("model", str(path))

    def log_candidate(
        self, name: str, parameters: Mapping[str, str], scores: Mapping[str, float]
    ) -> None:
        """Write a row of the table of hyperparameters."""
        self._writer.add_hparams(dict(parameters), dict(scores), run_name=name)

    def close(self, *, failed: bool) -> None:
        """Write what is left."""
        self._writer.close()


def _write_something(folder: Path) -> None:
    """Try the folder: TensorBoard's own thread would print a traceback."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=folder) as file:
        file.write(bytes(_ROOM))
