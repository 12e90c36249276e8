"""Runs in a store of MLflow."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mfccclf.errors import MfccclfError, MissingExtraError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["MlflowTracker"]

EXPERIMENT = "mfccclf"


class MlflowTracker:
    """A run in the experiment "mfccclf".

    Parameters
    ----------
    uri : str
        Of the store, such as ``sqlite:///runs.db`` or ``http://localhost:5000``.
    run_name : str
        Name of this run.

    Raises
    ------
    MissingExtraError
        If MLflow is not installed.
    MfccclfError
        If the store cannot be used.
    """

    def __init__(self, uri: str, run_name: str) -> None:
        try:
            from mlflow.exceptions import MlflowException
            from mlflow.tracking import MlflowClient
        except ImportError as error:
            raise MissingExtraError(
                "Logs for MLflow need mlflow, which is not installed. Install it: "
                "pip install 'mfccclf[track]'."
            ) from error
        logging.getLogger("mlflow.store").setLevel(logging.WARNING)
        try:
            self._client = MlflowClient(tracking_uri=uri)
            self._experiment = self._find_experiment()
        except MlflowException as error:
            reason = str(error).splitlines()[0]
            raise MfccclfError(
                f"{uri}: MLflow cannot use this store ({reason}). Check --log mlflow="
            ) from error
        self._run = self._start(run_name)

    def log_parameters(self, parameters: Mapping[str, str]) -> None:
        """Keep parameters and facts as the run's parameters."""
        for name, value in parameters.items():
            self._client.log_param(self._run, name, value)

    def log_metrics(self, metrics: Mapping[str, float], epoch: int) -> None:
        """Keep a point of each curve."""
        for name, value in metrics.items():
            self._client.log_metric(self._run, name, value, step=epoch)

    def log_figure(self, name: str, figure: Figure) -> None:
        """Keep a picture as a file of the run."""
        self._client.log_figure(self._run, figure, f"{name}.png")

    def log_model(self, path: Path) -> None:
        """Keep the model file as a file of the run."""
        self._client.log_artifact(self._run, str(path))

    def log_candidate(
        self, name: str, parameters: Mapping[str, str], scores: Mapping[str, float]
    ) -> None:
        """Keep a combination as a run below this one."""
        run = self._start(name, parent=self._run)
        for key, value in parameters.items():
            self._client.log_param(run, key, value)
        for key, score in scores.items():
            self._client.log_metric(run, key, score)
        self._client.set_terminated(run, "FINISHED")

    def close(self, *, failed: bool) -> None:
        """Say how the run ended."""
        self._client.set_terminated(self._run, "FAILED" if failed else "FINISHED")

    def _find_experiment(self) -> str:
        found = self._client.get_experiment_by_name(EXPERIMENT)
        if found is not None:
            return str(found.experiment_id)
        return str(self._client.create_experiment(EXPERIMENT))

    def _start(self, name: str, *, parent: str | None = None) -> str:
        tags: dict[str, Any] = {} if parent is None else {"mlflow.parentRunId": parent}
        run = self._client.create_run(self._experiment, tags=tags, run_name=name)
        return str(run.info.run_id)
