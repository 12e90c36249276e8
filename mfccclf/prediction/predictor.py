"""Labels for sound files, from a model file and without torch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from os import PathLike, fspath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfccclf._validation import argument_error, check_int
from mfccclf.errors import AudioFileError, ModelFileError
from mfccclf.prediction.front_ends import FRONT_ENDS, FrontEnd
from mfccclf.prediction.model_file import ModelFile
from mfccclf.prediction.outcome import Prediction
from mfccclf.prediction.session import make_session
from mfccclf.prediction.shipped import open_model
from mfccclf.waveform._resampling import resample

__all__ = ["Predictor"]


class Predictor:
    """Predict the labels of sound files with a saved model.

    Needs none of torch, scikit-learn or librosa, and gives the same scores as the
    pipeline that was saved.

    Parameters
    ----------
    model : str or path-like, default="names"
        Name of a shipped model (see `shipped_models`), or path of a model file.

    Attributes
    ----------
    name : str
        The model as it was asked for.
    config : dict
        What the model file says about itself.
    classes : list
        Labels, in the order of the scores.

    Raises
    ------
    ModelFileError
        If there is no such model, or its file cannot be used.

    Examples
    --------
    >>> from mfccclf import Predictor
    >>> predictor = Predictor("names")  # doctest: +SKIP
    >>> predictor.predict(["James.01.au", "Linda.02.au"])  # doctest: +SKIP
    ['James', 'Linda']
    """

    def __init__(self, model: str | PathLike[str] = "names") -> None:
        model_file = open_model(model)
        self.name = fspath(model)
        self.config = model_file.config
        self.classes = model_file.classes
        self._front_end = _make_front_end(model_file)
        self._session = make_session(model_file)

    def predict(self, paths: Iterable[str | PathLike[str]]) -> list[Any]:
        """Return the label of each file.

        Parameters
        ----------
        paths : iterable of path-like
            Sound files.

        Returns
        -------
        labels : list
            One per file.

        Raises
        ------
        AudioFileError
            At the first file that cannot be used; see `predict_each` to go on.
        """
        return [prediction.label for prediction in self._predict_all(paths)]

    def predict_proba(
        self, paths: Iterable[str | PathLike[str]]
    ) -> NDArray[np.float32]:
        """Return the probability of each label for each file.

        Parameters
        ----------
        paths : iterable of path-like
            Sound files.

        Returns
        -------
        scores : float32 ndarray of shape (n_clips, n_classes)
            Columns in the order of ``classes``.

        Raises
        ------
        AudioFileError
            At the first file that cannot be used.
        """
        rows = [list(item.scores.values()) for item in self._predict_all(paths)]
        return np.array(rows, dtype=np.float32).reshape(-1, len(self.classes))

    def predict_each(
        self, paths: Iterable[str | PathLike[str]]
    ) -> Iterator[Prediction | AudioFileError]:
        """Predict file after file, and go on after one that cannot be used.

        Parameters
        ----------
        paths : iterable of path-like
            Sound files.

        Yields
        ------
        outcome : Prediction or AudioFileError
            One per file, in order; an error is handed out, not raised.
        """
        if isinstance(paths, str | bytes | PathLike):
            hint = "Put the path in a list, or call predict_file."
            raise argument_error(
                "paths",
                paths,
                "a list of paths",
                owner=self,
                error=TypeError,
                hint=hint,
            )
        for path in paths:
            try:
                yield self.predict_file(path)
            except AudioFileError as error:
                yield error

    def predict_file(self, path: str | PathLike[str]) -> Prediction:
        """Predict one file.

        Parameters
        ----------
        path : path-like
            A sound file.

        Returns
        -------
        prediction : Prediction
            Label, scores and length.

        Raises
        ------
        AudioFileError
            If the file is missing, cannot be read, or is too short or silent.
        """
        waveform = self._front_end.load(path)
        return self._predict_checked(waveform, fspath(path))

    def predict_waveform(
        self, waveform: NDArray[np.floating[Any]], sample_rate: int
    ) -> Prediction:
        """Predict one waveform.

        Parameters
        ----------
        waveform : floating ndarray of shape (n_samples,)
            One channel, amplitude between -1 and 1.
        sample_rate : int
            Its rate in Hz; it is resampled to the model's.

        Returns
        -------
        prediction : Prediction
            As for `predict_file`, with ``file=None``.

        Raises
        ------
        ValueError
            If the waveform is too short, not finite, or no waveform.
        """
        rate = check_int("sample_rate", sample_rate, minimum=1, owner=self)
        array = np.asarray(waveform)
        if array.ndim == 1 and np.issubdtype(array.dtype, np.floating):
            narrow = array.astype(np.float32)
            wanted = self._front_end.sample_rate
            array = resample(narrow, from_rate=rate, to_rate=wanted)
        self._front_end.check(array)
        return self._predict_checked(array, None)

    def _predict_all(
        self, paths: Iterable[str | PathLike[str]]
    ) -> Iterator[Prediction]:
        for outcome in self.predict_each(paths):
            if isinstance(outcome, AudioFileError):
                raise outcome
            yield outcome

    def _predict_checked(
        self, waveform: NDArray[np.float32], file: str | None
    ) -> Prediction:
        sequence = self._front_end.extract(waveform)
        (scores,) = self._session.run(["scores"], {"X": sequence[np.newaxis]})
        label = self.classes[int(np.argmax(scores[0]))]
        return Prediction(
            file=file,
            label=label,
            labels=[label],
            scores=dict(zip(self.classes, scores[0].tolist(), strict=True)),
            model=self.name,
            duration_s=len(waveform) / self._front_end.sample_rate,
        )


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
