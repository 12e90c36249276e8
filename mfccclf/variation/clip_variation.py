"""What a pipeline knows of the varied copies that it learns from."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from sklearn.base import BaseEstimator

from mfccclf._parameters import document
from mfccclf.features.clip_inputs import list_clips
from mfccclf.variation.parameters import VariationParameters
from mfccclf.variation.varying import Variation

__all__ = ["ClipVariation"]


@document(VariationParameters)
class ClipVariation(BaseEstimator):  # type: ignore[misc]
    """Varied copies of clips, for a `ClipPipeline` to learn from.

    Each copy is another draw of pitch, formants, tempo, pause, room, colour, noise and
    level, in this order. A copy depends on its clip, its number and the seed alone, so
    it is the same in every fold, fit and process, and cached like its clip.

    Parameters
    ----------
    {parameters}

    Examples
    --------
    >>> import numpy as np
    >>> from mfccclf import ClipVariation
    >>> tone = np.sin(2 * np.pi * 440 * np.arange(16000) / 16000)
    >>> len(ClipVariation(n_variations=3).expand([tone, tone]))
    8
    """

    def __init__(
        self,
        *,
        n_variations: int = 0,
        pitch: float = 2.0,
        formant: float = 2.0,
        tempo: float = 0.15,
        colour_db: float = 6.0,
        room: float = 0.5,
        noise_snr_db: tuple[float, float] | None = (10.0, 40.0),
        level_db: float = 10.0,
        shift: float = 0.1,
        seed: int = 0,
    ) -> None:
        self.n_variations = n_variations
        self.pitch = pitch
        self.formant = formant
        self.tempo = tempo
        self.colour_db = colour_db
        self.room = room
        self.noise_snr_db = noise_snr_db
        self.level_db = level_db
        self.shift = shift
        self.seed = seed

    def parameters(self) -> VariationParameters:
        """Return the parameters, checked.

        Returns
        -------
        parameters : VariationParameters
            Immutable.

        Raises
        ------
        ValueError, TypeError
            If a value is out of range or of a wrong type.
        """
        names = [field.name for field in fields(VariationParameters)]
        values: dict[str, Any] = {name: getattr(self, name) for name in names}
        return VariationParameters(**values).validate(owner=self)

    @property
    def n_copies(self) -> int:
        """Rows that a clip takes: one for itself, and one for each varied copy."""
        return self.parameters().n_variations + 1

    def expand(self, X: Any) -> Any:
        """Return each clip, followed by its varied copies, for a front end.

        Parameters
        ----------
        X : sequence of path-likes or waveforms, or array of shape (n_clips, n_samples)
            As for the ``fit`` of a front end.

        Returns
        -------
        clips : list of ClipInput of shape (n_clips * n_copies,)
            Nothing is read or varied before a front end asks for it. X itself where
            there are no copies.
        """
        parameters = self.parameters()
        if parameters.n_variations == 0:
            return X
        numbers = range(1, parameters.n_variations + 1)
        variations = [Variation(parameters, number) for number in numbers]
        return [
            copy
            for clip in list_clips(X)
            for copy in (clip, *(clip.varied(variation) for variation in variations))
        ]
