"""From waveforms to labels: features, net and thresholds of one model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import copy
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfccclf._batching import group_by_length
from mfccclf._memory import lacks_memory
from mfccclf._validation import check_real
from mfccclf.errors import ModelFileError
from mfccclf.prediction.decisions import Decision, Limits
from mfccclf.prediction.front_end import restore_front_end
from mfccclf.prediction.graph_limits import FAMILIARITY
from mfccclf.prediction.model_file import ModelFile
from mfccclf.prediction.session import make_session, run_session
from mfccclf.sequences import pad_sequences
from mfccclf.waveform import SoundLimits, Waveform
from mfccclf.waveform.checks import NO_MEMORY

__all__ = ["Scorer"]

# Most sequences that go through the net together; more are not quicker.
_MAX_SEQUENCES = 16


class Scorer:
    """Everything of a model that follows the reading of files.

    Parameters
    ----------
    model_file : ModelFile
        The model.
    limits : Limits, optional
        Least values that a clip must reach to get a label, instead of the model's own.
    sound_limits : SoundLimits, optional
        Most that a sound file may be.

    Attributes
    ----------
    extraction : Extraction
        What turns waveforms into sequences.
    reading : Reading
        How the model reads sound files.
    limits : Limits
        The limits in force.

    Raises
    ------
    ModelFileError
        If its features cannot be computed, or its graph cannot be run.
    ValueError
        If there is a limit for familiarity, but the model does not compute it.
    """

    def __init__(
        self,
        model_file: ModelFile,
        limits: Limits | None = None,
        sound_limits: SoundLimits | None = None,
    ) -> None:
        self.extraction, self.reading = restore_front_end(model_file)
        if sound_limits is not None:
            self.reading = self.reading.within(sound_limits)
        self._decision = Decision.from_config(model_file.config, limits)
        self.limits = self._decision.limits
        self._session = make_session(model_file)
        self._name = model_file.name
        outputs = [item.name for item in self._session.get_outputs()]
        if self.limits.min_familiarity > 0 and FAMILIARITY not in outputs:
            raise ValueError(
                f"The model {model_file.name} does not tell how familiar a clip is, so "
                "min_familiarity must be 0. Train it again with this version, or use "
                "min_confidence."
            )

    def with_level_step(self, step_db: float | None) -> Scorer:
        """Return a scorer that brings windows to a level in steps.

        Parameters
        ----------
        step_db : float or None
            In dB, above 0; None means exactly, as clips are.

        Raises
        ------
        ValueError
            If it is out of range, or the model has no net that is given that level.
        """
        if step_db is None:
            return self
        owner = "predict_windows"
        step = check_real("level_step_db", step_db, above=0, owner=owner)
        make = getattr(self.extraction, "with_level_step", None)
        extraction = None if make is None else make(step)
        if extraction is None:
            raise ValueError(
                f"The model {self._name} does not start from the pre-trained net for "
                "speech, the only one whose windows are brought to a level in steps. "
                "Leave out level_step_db (--level-step)."
            )
        other = copy(self)
        other.extraction = extraction
        return other

    def judge(self, waveforms: Sequence[Waveform]) -> list[dict[str, Any]]:
        """Return "label", "labels", "scores" and "familiarity" of some waveforms.

        Parameters
        ----------
        waveforms : sequence of float32 ndarray of shape (n_samples,)
            Waveforms that ``extraction`` has found fit.
        """
        sequences = self.extraction.compute_each(waveforms)
        verdicts: list[dict[str, Any]] = [{} for _ in sequences]
        for group in group_by_length(
            [len(one) for one in sequences], max_items=_MAX_SEQUENCES
        ):
            X = pad_sequences([sequences[index] for index in group])
            columns = [output.tolist() for output in self._run(X)]
            for index, *row in zip(group, *columns, strict=True):
                verdicts[index] = self._decision.decide(*row)
        return verdicts

    def judge_each(
        self, waveforms: Sequence[Waveform]
    ) -> Iterator[dict[str, Any] | str]:
        """Judge waveforms together, or one by one if that cannot be done with all.

        Parameters
        ----------
        waveforms : sequence of float32 ndarray of shape (n_samples,)
            As for `judge`.

        Yields
        ------
        verdict : dict or str
            What `judge` returns for each, or why one cannot be judged: a text to follow
            its file's name.
        """
        try:
            yield from self.judge(waveforms)
        except Exception as error:
            problem = _problem_of(error)
            if problem is None:
                raise
            if len(waveforms) == 1:
                yield problem
                return
            for waveform in waveforms:
                yield from self.judge_each([waveform])

    def _run(self, X: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        return run_session(self._session, X, name=self._name)


def _problem_of(error: Exception) -> str | None:
    """Return why some clips cannot be judged; None if the error is about all."""
    if lacks_memory(error):
        return NO_MEMORY
    if isinstance(error, ModelFileError):  # a net may fail on some clips alone
        return f"cannot be predicted: {error}"
    return None
