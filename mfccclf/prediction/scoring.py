"""From waveforms to verdicts: features, net and thresholds of one model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from mfccclf.errors import ModelFileError
from mfccclf.prediction.decisions import Decision
from mfccclf.prediction.front_ends import FRONT_ENDS, FrontEnd
from mfccclf.prediction.model_file import ModelFile
from mfccclf.prediction.session import make_session
from mfccclf.waveform import Waveform

__all__ = ["Scorer"]


class Scorer:
    """Everything of a model that comes after the reading of files.

    Parameters
    ----------
    model_file : ModelFile
        The model.

    Attributes
    ----------
    front_end : FrontEnd
        What turns waveforms into sequences.

    Raises
    ------
    ModelFileError
        If its features cannot be computed, or its graph cannot be run.
    """

    def __init__(self, model_file: ModelFile) -> None:
        self.front_end = _make_front_end(model_file)
        self._decision = Decision.from_config(model_file.config)
        self._session = make_session(model_file)

    def judge(self, waveforms: Sequence[Waveform]) -> list[dict[str, Any]]:
        """Return "label", "labels" and "scores" of each of some waveforms.

        Parameters
        ----------
        waveforms : sequence of float32 ndarray of shape (n_samples,)
            Checked already, all of one length.
        """
        if not waveforms:
            return []
        sequences = [self.front_end.extract(waveform) for waveform in waveforms]
        (scores,) = self._session.run(["scores"], {"X": np.stack(sequences)})
        return [self._decision.decide(row) for row in scores.tolist()]


def _make_front_end(model_file: ModelFile) -> FrontEnd:
    config = model_file.config["front_end"]
    name = config.get("class")
    if not isinstance(name, str) or name not in FRONT_ENDS:
        raise ModelFileError(
            f"{model_file.name} has an unknown front end {name!r}. Known: "
            f"{', '.join(FRONT_ENDS)}. Update the package, or train the model again."
        )
    try:
        front_end = FRONT_ENDS[name](config)
        n_features = front_end.n_features
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ModelFileError(
            f"{model_file.name} has features that cannot be computed here: {error}"
        ) from error
    if n_features != model_file.config["n_features"]:
        raise ModelFileError(
            f"{model_file.name} gives {n_features} features per frame, but its net "
            f"wants {model_file.config['n_features']}. Copy or download it again."
        )
    return front_end
