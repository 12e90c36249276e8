"""What a training leaves: a fitted pipeline, and the facts that its file keeps."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from os import PathLike
from pathlib import Path
from typing import Any

from sklearn.pipeline import Pipeline

from mfccclf.persistence import save_model
from mfccclf.workflows.bad_clips import SkippedClip, save_skipped
from mfccclf.workflows.epochs import pipeline_at

__all__ = ["TrainingResult", "save_epoch_not_kept"]


@dataclass(frozen=True, kw_only=True)
class TrainingResult:
    """A trained pipeline and how its training went.

    Attributes
    ----------
    pipeline : sklearn.pipeline.Pipeline
        Fitted: paths of clips in, labels out.
    preset : str
        Name of the preset, or path of its file.
    classes : tuple of str
        The labels it tells apart.
    n_clips : int
        Clips that it learned from.
    n_epochs : int
        Epochs that it was trained for.
    n_parameters : int
        Trainable parameters of the net.
    duration_s : float
        Seconds that extraction and training took.
    kept_epoch : int
        Epoch whose weights the pipeline has, from 1.
    scores : dict
        What `mfccclf.evaluate` returns for "training" and, where there are such clips,
        for "validation", "validation, best epoch" and "validation, last epoch".
    fingerprint : str
        Hash of the training clips and their labels.
    data : dict
        Name and layout of the data, numbers of clips, the seed and the like.
    limits : dict, default={}
        What a clip must reach to get a label: "min_confidence", "min_familiarity".
    skipped : tuple of SkippedClip, default=()
        Clips that were left out, since they cannot be used.
    """

    pipeline: Pipeline
    preset: str
    classes: tuple[str, ...]
    n_clips: int
    n_epochs: int
    n_parameters: int
    duration_s: float
    kept_epoch: int
    scores: dict[str, dict[str, Any]]
    fingerprint: str
    data: dict[str, Any]
    limits: dict[str, float] = field(default_factory=dict)
    skipped: tuple[SkippedClip, ...] = ()

    def epoch_not_kept(self) -> TrainingResult | None:
        """Return the result with the weights of the epoch that was not kept.

        Returns
        -------
        result : TrainingResult or None
            The last epoch if the best was kept, and the best if the last was; None if
            no validation clips watched the training.
        """
        classifier = self.pipeline[-1]
        epoch = "last" if classifier.keep == "best" else "best"
        pipeline = pipeline_at(self.pipeline, epoch)
        if pipeline is None:
            return None
        return replace(
            self,
            pipeline=pipeline,
            scores={"validation": self.scores[f"validation, {epoch} epoch"]},
            # That epoch's net cannot tell how familiar a clip is.
            limits={k: v for k, v in self.limits.items() if k != "min_familiarity"},
            skipped=(),  # the list lies beside the epoch that is kept
            kept_epoch=self.n_epochs if epoch == "last" else classifier.best_epoch_,
        )

    def save(self, path: str | PathLike[str], *, card: str | None = None) -> Path:
        """Write the model file, and the list of the clips that were left out, if any.

        Parameters
        ----------
        path : str or path-like
            File to write, ending in ``.mfccclf``.
        card : str, optional
            Model card in Markdown, in place of the one made from the facts.

        Returns
        -------
        path : pathlib.Path
            The file. The list is in ``NAME.skipped.csv`` beside it.
        """
        metadata = {
            "preset": self.preset,
            "training": {
                **self.data,
                "fingerprint": self.fingerprint,
                "n_epochs": self.n_epochs,
                "kept_epoch": self.kept_epoch,
                "n_parameters": self.n_parameters,
                "duration_s": round(self.duration_s, 1),
            },
            "scores": self.scores,
            "history": self.pipeline[-1].history_,
            **({"limits": self.limits} if self.limits else {}),
        }
        saved = save_model(self.pipeline, path, metadata=metadata, card=card)
        save_skipped(self.skipped, saved)
        return saved


def save_epoch_not_kept(
    result: TrainingResult, path: str | PathLike[str]
) -> Path | None:
    """Write the epoch that was not kept beside the model file.

    Parameters
    ----------
    result : TrainingResult
        Of the training.
    path : str or path-like
        Model file, ``MODEL.mfccclf``.

    Returns
    -------
    path : pathlib.Path or None
        ``MODEL.other.mfccclf``; None if no validation clips watched the training.

    Examples
    --------
    >>> from mfccclf.workflows import save_epoch_not_kept
    >>> result.save("mine.mfccclf")  # doctest: +SKIP
    >>> save_epoch_not_kept(result, "mine.mfccclf")  # doctest: +SKIP
    PosixPath('mine.last.mfccclf')
    """
    not_kept = result.epoch_not_kept()
    if not_kept is None:
        return None
    model = Path(path)
    return not_kept.save(model.with_suffix(f".other{model.suffix}"))
