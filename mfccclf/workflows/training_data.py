"""The clips that take part in a training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from os import PathLike

from mfccclf._typing import Progress
from mfccclf.datasets import Dataset
from mfccclf.errors import DatasetError
from mfccclf.presets import load_preset
from mfccclf.workflows.bad_clips import ReadPart, check_labels_left
from mfccclf.workflows.clip_sources import build_if_sources
from mfccclf.workflows.data_choice import DataChoice, load_chosen_or_extracted
from mfccclf.workflows.more_clips import load_more_clips
from mfccclf.workflows.ood_clips import load_ood_clips, load_unlabelled_clips

__all__ = ["TrainingData", "load_training_data"]


@dataclass(frozen=True)
class TrainingData:
    """The clips that take part in a training.

    Parameters
    ----------
    clips : Dataset
        To learn from.
    validation : Dataset or None, default=None
        To watch the training with: they decide when to stop where the preset stops
        early, and are never learned from.
    more : Dataset or None, default=None
        More clips of the same labels to learn from, such as rendered ones, see
        `load_more_clips`. They are never watched, and do not count in the fingerprint.
    ood : Dataset or None, default=None
        Out-of-distribution clips, which have none of the labels, to learn to be unsure
        of, see `load_ood_clips`.

    Examples
    --------
    >>> from mfccclf import load_dataset
    >>> from mfccclf.workflows import TrainingData
    >>> data = TrainingData(load_dataset("recordings"))  # doctest: +SKIP
    """

    clips: Dataset
    validation: Dataset | None = None
    more: Dataset | None = None
    ood: Dataset | None = None

    @property
    def learned(self) -> Dataset:
        """All labelled clips to learn from."""
        return self.clips if self.more is None else self.clips.join(self.more)

    def only_usable(self, parts: Mapping[str, ReadPart]) -> TrainingData:
        """Return the data without the clips that cannot be used.

        Parameters
        ----------
        parts : mapping of str to ReadPart
            What became of each part, by its name.

        Returns
        -------
        data : TrainingData
            The rest.

        Raises
        ------
        DatasetError
            If a label has no other clips.
        """
        usable = TrainingData(**{name: part.usable() for name, part in parts.items()})
        check_labels_left(self.clips, usable.clips)
        usable.clips.check_trainable()
        return usable

    def check_labels(self) -> None:
        """Raise if validation clips have labels that are not learned.

        Raises
        ------
        DatasetError
            Naming all such labels.
        """
        if self.validation is None:
            return
        unknown = sorted(set(self.validation.classes) - set(self.clips.classes))
        if unknown:
            raise DatasetError(
                "The validation clips have labels that no training clip has: "
                f"{', '.join(unknown)}. Add training clips with these labels, or leave "
                "the validation clips out."
            )


def load_training_data(
    data: str | PathLike[str],
    *,
    validation: str | PathLike[str] | None = None,
    more: Sequence[str | PathLike[str]] = (),
    ood: Sequence[str | PathLike[str]] = (),
    ood_unlabelled: bool = False,
    choice: DataChoice | None = None,
    preset: str | None = None,
    multilabel: bool = False,
    build_in: str | PathLike[str] | None = None,
    on_progress: Progress | None = None,
) -> TrainingData:
    """Load the clips that take part in a training.

    Parameters
    ----------
    data : str or path-like
        What `mfccclf.load_dataset` reads, or features that `extract_to_disk` wrote.
        Where the data have official splits, only the training split is learned from.
        With ``build_in``, also a file of sources (.json).
    validation : str or path-like, optional
        Data to use for validation in place of the official validation split.
    more, ood : sequence of str or path-like, default=()
        As for `load_more_clips` and `load_ood_clips`.
    ood_unlabelled : bool, default=False
        Whether the time in which ``data`` have no annotation gives out-of-distribution
        clips, too.
    choice : DataChoice, optional
        Layout and labels of ``data`` and ``validation``, and how annotated recordings
        are cut.
    preset : str, optional
        Preset whose target and exclusions apply where ``choice`` names none.
    multilabel : bool, default=False
        As for `RecogniserOptions`.
    build_in : str or path-like, optional
        Folder in which the clips of a file of sources are built.
    on_progress : callable, optional
        Called as ``on_progress(done, total)`` while clips are built.

    Returns
    -------
    data : TrainingData
        The clips; validation is None where there are none.

    Raises
    ------
    DatasetError
        If the data cannot be used, or hold fewer than two labels.

    Examples
    --------
    >>> from mfccclf.workflows import load_training_data
    >>> data = load_training_data("recordings", more=["spoken"])  # doctest: +SKIP
    """
    choice = choice or DataChoice()
    usual = load_preset(preset).data if preset else {}
    if build_in is not None:
        data = build_if_sources(data, build_in, on_progress=on_progress)
    loaded = load_chosen_or_extracted(data, choice, usual=usual)
    clips, watched = _training_and_validation(loaded)
    clips.check_trainable()
    if validation is not None:
        watched = load_chosen_or_extracted(
            validation, choice.beside(validation), usual=usual
        )
    unlabelled = load_unlabelled_clips(data, clips, choice) if ood_unlabelled else None
    return TrainingData(
        clips,
        validation=watched,
        more=(
            load_more_clips(more, clips, choice.cutting, multilabel=multilabel)
            if more
            else None
        ),
        ood=load_ood_clips(ood, unlabelled) if ood or unlabelled else None,
    )


def _training_and_validation(clips: Dataset) -> tuple[Dataset, Dataset | None]:
    if clips.splits is None:
        return clips, None
    has_validation = "validation" in clips.splits
    return (
        clips.select("train"),
        clips.select("validation") if has_validation else None,
    )
