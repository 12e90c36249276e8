"""What to train or to search for, as values that commands and recipes hand on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from os import PathLike
from typing import Any, Self

from mfccclf._parameters import document, parameter
from mfccclf.pipelines import suited_preset

__all__ = ["PresetOptions", "RecogniserOptions", "SearchOptions"]


@document()
@dataclass(frozen=True, kw_only=True)
class PresetOptions:
    """What a training and a search have in common.

    Parameters
    ----------
    {parameters}
    """

    preset: str = parameter(
        "default",
        "str",
        "Name of a preset or path of a preset file, as for `mfccclf.make_pipeline`.",
    )
    overrides: Mapping[str, Any] | None = parameter(
        None,
        "mapping or None",
        "Parameters that differ from the preset, as for `mfccclf.make_pipeline`.",
    )
    multilabel: bool = parameter(
        False,
        "bool",
        "Whether clips may have any number of labels although each of these has one. "
        "Need not be set where a clip has several.",
    )
    skip_bad: bool = parameter(
        False,
        "bool",
        "Whether to go on without clips that cannot be used, with a warning that "
        "names them, rather than to raise an error that does.",
    )

    def with_suited_preset(self, more: Iterable[str] = ()) -> Self:
        """Return these options with `mfccclf.pipelines.suited_preset`.

        Parameters
        ----------
        more : iterable of str, default=()
            Parameters to be changed besides the overrides.
        """
        names = [*(self.overrides or {}), *more]
        return replace(self, preset=str(suited_preset(self.preset, names)))


@document()
@dataclass(frozen=True, kw_only=True)
class RecogniserOptions(PresetOptions):
    """What to train.

    Parameters
    ----------
    {parameters}

    Examples
    --------
    >>> from mfccclf.workflows import RecogniserOptions
    >>> RecogniserOptions(overrides={"hidden_sizes": [64, 32]}, random_state=1).preset
    'default'
    """

    random_state: int | None = parameter(
        0, "int or None", "Equal seeds give equal nets."
    )
    start_from: str | PathLike[str] | None = parameter(
        None,
        "path-like or None",
        "Shipped model or model file with the same features and layers whose weights "
        "to start from. The output layer is new; the scaler is used as it is.",
    )
    freeze: bool = parameter(
        False, "bool", "With ``start_from``, whether to train the output layer alone."
    )
    ood_weight: float = parameter(
        0.5,
        "float",
        "Weight of the out-of-distribution clips, as ``other_weight`` of "
        "`mfccclf.LSTMClassifier.fit`.",
    )
    calibrate: bool = parameter(
        False,
        "bool",
        "Whether to calibrate probabilities and familiarity on the validation clips; "
        "without any, by training three more times, each time without a third of the "
        "clips.",
    )
    limits: Mapping[str, float] | None = parameter(
        None,
        "mapping or None",
        '"min_confidence" and "min_familiarity" that a clip must reach to get a label; '
        "kept in the model file.",
    )
    thresholds: Sequence[float] | None = parameter(
        None,
        "sequence of float of shape (n_labels,) or None",
        "Threshold of each label in sorted order, such as a search found. Used for "
        "multilabel clips without validation clips.",
    )


@document()
@dataclass(frozen=True, kw_only=True)
class SearchOptions(PresetOptions):
    """How to search.

    Parameters
    ----------
    {parameters}

    Examples
    --------
    >>> from mfccclf.workflows import SearchOptions
    >>> SearchOptions(preset="scratch", method="random", n_iter=10).method
    'random'
    """

    random_state: int = parameter(
        0,
        "int",
        "Equal seeds give equal results, wherever and on however many processes.",
    )
    method: str = parameter("grid", "str", "As for `mfccclf.search.make_plan`.")
    n_iter: int | None = parameter(
        None, "int or None", "As for `mfccclf.search.make_plan`."
    )
    cv: int | str | None = parameter(
        None,
        'int, "groups", "folds" or None',
        'As for `mfccclf.search.make_folds`; "folds" takes the official folds of the '
        "data. With None, candidates are scored on the validation clips where there "
        "are any, else by the official folds where there are any.",
    )
    use_groups: bool = parameter(
        True,
        "bool",
        "Whether all clips of a group are kept on one side of every fold.",
    )
    scoring: Sequence[str] | None = parameter(
        None,
        "sequence of str or None",
        "Names of scikit-learn's scorers; the first one decides. None means "
        '"accuracy", or "f1_macro" for multilabel clips.',
    )
