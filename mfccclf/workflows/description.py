"""Describe models and presets, layer by layer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

from sklearn.pipeline import Pipeline

from mfccclf._inert import printable
from mfccclf._validation import suggest
from mfccclf.clip_pipeline import variation_of
from mfccclf.errors import ModelFileError
from mfccclf.estimators.description import NetSummary
from mfccclf.persistence import load_model
from mfccclf.pipelines import make_pipeline, suited_preset
from mfccclf.prediction import shipped_models
from mfccclf.prediction.model_file import SUFFIX
from mfccclf.presets import list_presets, load_preset
from mfccclf.step_kinds import STEP_KINDS, fetch

__all__ = ["Description", "describe", "format_description"]

_DEFAULT_N_CLASSES = 2


@dataclass(frozen=True, kw_only=True)
class Description:
    """A pipeline in numbers.

    Attributes
    ----------
    title : str
        What it describes.
    facts : dict of str to str
        Labels, features and the like, in the order in which they are shown.
    input_shape : tuple of int or None
        Frames and features of a sequence; None for any number of frames.
    net : NetSummary
        The layers of its net, and their parameters.
    """

    title: str
    facts: dict[str, str]
    input_shape: tuple[int | None, int]
    net: NetSummary


def describe(
    name: str | PathLike[str],
    *,
    overrides: Mapping[str, Any] | None = None,
    n_classes: int | None = None,
) -> Description:
    """Describe a preset, a shipped model or a model file.

    Parameters
    ----------
    name : str or path-like
        Name of a preset or a shipped model, or path of a preset file or model file.
    overrides : mapping, optional
        Parameters that differ from the preset, as for `mfccclf.make_pipeline`.
    n_classes : int, optional
        Number of labels for a preset's net; by default that of its published system,
        else 2.

    Returns
    -------
    description : Description
        Layers with shapes and parameter counts.

    Raises
    ------
    ModelFileError
        If there is neither such a preset nor such a model.
    ValueError
        If overrides or a number of labels are given for a trained model.

    Examples
    --------
    >>> from mfccclf.workflows import describe
    >>> describe("names-lstm", n_classes=5).input_shape
    (128, 33)
    """
    text = str(name)
    if text in list_presets() or Path(text).suffix.lower() in (".yaml", ".yml"):
        return _describe_preset(text, overrides or {}, n_classes)
    if text not in shipped_models() and not _is_path(text):
        raise ModelFileError(_unknown(text))
    if overrides or n_classes is not None:
        raise ValueError(
            f"{text} is a trained model, so its settings cannot change. Describe a "
            "preset, or leave out --set and --labels."
        )
    return _describe_model(text)


def format_description(description: Description) -> str:
    """Render a description as text, with a table of layers.

    Parameters
    ----------
    description : Description
        What `describe` returns.

    Returns
    -------
    text : str
        Lines of facts, then the table.

    Examples
    --------
    >>> from mfccclf.workflows import describe, format_description
    >>> print(format_description(describe("names-lstm")))  # doctest: +SKIP
    """
    width = max(map(len, description.facts), default=0)
    facts = [
        f"  {key:{width}}  {printable(value)}"
        for key, value in description.facts.items()
    ]
    table = _table(_layer_rows(description))
    counts = _count_lines(description.net)
    return "\n".join([printable(description.title), *facts, "", *table, "", *counts])


def _layer_rows(description: Description) -> list[tuple[str, ...]]:
    input_shape = _shape((None, *description.input_shape))
    return [
        ("Layer", "Type", "Output shape", "Parameters"),
        ("input", "Sequence", input_shape, "0"),
        *(
            (row.name, row.type, _shape(row.output_shape), f"{row.n_parameters:,}")
            for row in description.net.layers
        ),
    ]


def _count_lines(net: NetSummary) -> list[str]:
    lines = [
        f"Parameters: {net.n_parameters:,} "
        "(one bias vector per LSTM cell, as Keras counts)"
    ]
    if net.n_parameters_torch != net.n_parameters:
        lines.append(
            f"            {net.n_parameters_torch:,} "
            "(two bias vectors per LSTM cell, as torch counts)"
        )
    return lines


def _describe_preset(
    name: str, overrides: Mapping[str, Any], n_classes: int | None
) -> Description:
    preset = load_preset(suited_preset(name, overrides))
    pipeline = make_pipeline(preset, **overrides)
    chosen = n_classes or len(preset.classes) or _DEFAULT_N_CLASSES
    labels = ", ".join(preset.classes) if chosen == len(preset.classes) else str(chosen)
    facts = {"preset": preset.description, "labels": labels}
    if name in shipped_models():
        facts["model"] = f"a trained one is shipped: mfccclf predict --model {name}"
    return _describe_pipeline(f"Preset {name}", facts, pipeline, chosen)


def _describe_model(name: str) -> Description:
    pipeline = load_model(name)
    classes = [str(label) for label in pipeline[-1].classes_]
    facts = {"labels": ", ".join(classes)}
    if getattr(pipeline[-1], "multilabel_", False):
        facts["task"] = "multilabel: any number of these per clip"
    return _describe_pipeline(f"Model {name}", facts, pipeline, len(classes))


def _describe_pipeline(
    title: str, facts: dict[str, str], pipeline: Pipeline, n_classes: int
) -> Description:
    parameters = pipeline[0].feature_parameters()
    n_variations = variation_of(pipeline).parameters().n_variations
    if n_variations:
        facts["training"] = f"on each clip and {n_variations} varied copies of it"
    facts |= {
        "steps": " -> ".join(_step_text(step) for _, step in pipeline.steps),
        "rate": f"{parameters.sample_rate} Hz",
        "features": _shorten(parameters.feature_names),
    }
    classifier = pipeline[-1]
    summarise = fetch(STEP_KINDS[type(classifier).__name__].summary)
    return Description(
        title=title,
        facts=facts,
        input_shape=(parameters.n_frames, parameters.n_features),
        net=summarise(
            classifier,
            n_features=parameters.n_features,
            n_frames=parameters.n_frames,
            n_classes=n_classes,
        ),
    )


def _step_text(step: Any) -> str:
    return step if isinstance(step, str) else type(step).__name__


def _shorten(names: Sequence[str], limit: int = 4) -> str:
    if len(names) <= 2 * limit:
        return f"{len(names)}: {', '.join(names)}"
    first, last = ", ".join(names[:limit]), ", ".join(names[-limit:])
    return f"{len(names)}: {first}, ..., {last}"


def _shape(shape: Sequence[int | None]) -> str:
    sizes = ("any" if size is None else str(size) for size in shape[1:])
    return f"({', '.join(('clips', *sizes))})"


def _table(rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for *texts, number in rows:
        cells = [
            f"{text:<{width}}" for text, width in zip(texts, widths[:-1], strict=True)
        ]
        lines.append("  ".join([*cells, f"{number:>{widths[-1]}}"]))
    rule = "-" * len(lines[0])
    return [lines[0], rule, *lines[1:]]


def _is_path(text: str) -> bool:
    return Path(text).suffix != "" or Path(text).name != text or Path(text).exists()


def _unknown(text: str) -> str:
    known = [*list_presets(), *shipped_models()]
    return (
        f"There is neither a preset nor a model {text!r}. Known: {', '.join(known)}. "
        + (suggest(text, known) or f"A model of your own is a path to a {SUFFIX} file.")
    )
