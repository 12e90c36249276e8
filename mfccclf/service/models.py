"""The models of a service: opened once, found by name, never by path."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from os import PathLike, fspath
from pathlib import Path
from typing import Any, Protocol

from mfccclf._inert import printable
from mfccclf.prediction import Predictor
from mfccclf.waveform import SoundLimits
from mfccclf.web_server import RefusedError

__all__ = ["ModelSource", "ServedModels"]


class ModelSource(Protocol):
    """What finds the model that a request names."""

    def find(self, name: str | None) -> Predictor:
        """Return a model by name, the default for None, or raise `RefusedError`."""


class ServedModels:
    """Models that are open, each with one session for all threads.

    Parameters
    ----------
    models : iterable of str or path-like
        Names of shipped models and paths of model files. A request finds a model by its
        name, or by the name of its file without folder and suffix.
    min_confidence, min_familiarity : float or None, default=None
        As for `Predictor`, for all models.
    sound_limits : SoundLimits or None, default=None
        As for `Predictor`, for all models.

    Raises
    ------
    ModelFileError
        If a model cannot be used.
    ValueError
        If there are none, or two of the same name.

    Examples
    --------
    >>> from mfccclf.service import ServedModels
    >>> models = ServedModels(["names", "digits"])  # doctest: +SKIP
    """

    def __init__(
        self,
        models: Iterable[str | PathLike[str]],
        *,
        min_confidence: float | None = None,
        min_familiarity: float | None = None,
        sound_limits: SoundLimits | None = None,
    ) -> None:
        found: dict[str, Predictor] = {}
        for model in models:
            name = printable(Path(fspath(model)).stem)
            if name in found:
                raise ValueError(
                    f"Two models are called {name!r}. Rename the file of one."
                )
            predictor = Predictor(
                model,
                min_confidence=min_confidence,
                min_familiarity=min_familiarity,
                sound_limits=sound_limits,
            )
            predictor.name = name  # no answer tells where the file lies
            found[name] = predictor
        if not found:
            raise ValueError("A service needs a model. Name one.")
        self._models: Mapping[str, Predictor] = found

    @property
    def names(self) -> list[str]:
        """Names of the models; the first is the default."""
        return list(self._models)

    def find(self, name: str | None) -> Predictor:
        """Return a model by name; the first for None.

        Raises
        ------
        RefusedError
            If there is none of that name (404).
        """
        if name is None:
            return next(iter(self._models.values()))
        if name not in self._models:
            raise RefusedError(
                404,
                "unknown_model",
                f"There is no model {name[:100]!r} here. Models: "
                f"{', '.join(self.names)}.",
            )
        return self._models[name]

    def describe(self) -> list[dict[str, Any]]:
        """Return what can be known of each model, in types of JSON."""
        return [_describe(name, model) for name, model in self._models.items()]


def _describe(name: str, model: Predictor) -> dict[str, Any]:
    thresholds = model.thresholds
    return {
        "name": name,
        "classes": [str(label) for label in model.classes],
        "task": "one label" if thresholds is None else "several labels",
        "thresholds": None if thresholds is None else list(thresholds.values()),
        "sample_rate": model.sample_rate,
        "limits": vars(model.limits),
    }
