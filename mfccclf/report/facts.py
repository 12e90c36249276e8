"""The facts at the head of a report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from mfccclf.report.inputs import ReportInputs

__all__ = [
    "about_curves",
    "about_data",
    "about_model",
    "about_training",
    "headline",
    "seconds_text",
]

# What makes training scores differ from those of the same net in use.
_TRAINING_ONLY = {
    "dropout": ("dropout", "input_dropout", "recurrent_dropout", "dense_dropout"),
    "smoothed labels": ("label_smoothing",),
}
_NOT_RECORDED = "not recorded in the model file"


def headline(inputs: ReportInputs) -> list[tuple[str, str]]:
    """Return the most important scores, as name and value."""
    scores = inputs.scores
    rows = [("Accuracy", "accuracy"), ("Balanced accuracy", "balanced_accuracy")]
    rows.append(("Macro F1", "macro_f1"))
    if inputs.multilabel:
        rows[0] = ("Right decisions", "accuracy")
        rows += [("Mean average precision", "map"), ("Exact match", "exact_match")]
    tiles = [(name, f"{scores[key]:.3f}") for name, key in rows]
    return [*tiles, ("Clips", f"{scores['n_clips']:,}")]


def about_model(inputs: ReportInputs) -> Iterator[tuple[str, str]]:
    """Yield what is known of the model, as name and value."""
    config = inputs.config
    yield "Model", inputs.model
    if config.get("description"):
        yield "Description", config["description"]
    if config.get("preset"):
        yield "Preset", config["preset"]
    steps = [step["class"] for step in config["steps"]]
    yield "Steps", " → ".join(step for step in steps if step != "passthrough")
    yield "Labels", f"{len(inputs.labels)}"
    yield "Parameters", f"{inputs.n_parameters:,}"
    yield "Model file", f"{inputs.n_bytes / 1000:,.0f} KB"
    heard = inputs.heard_s
    part = "whole clips" if heard is None else f"the first {heard:.2f} s of a clip"
    yield "Listens to", part


def about_training(inputs: ReportInputs) -> Iterator[tuple[str, str]]:
    """Yield what is known of the training, as name and value."""
    facts = inputs.training
    if facts.get("data"):
        count = (
            f", {_number_text(facts['n_clips'])} clips" if "n_clips" in facts else ""
        )
        yield "Trained on", f"{facts['data']}{count}"
    else:
        yield "Trained on", _NOT_RECORDED
    if facts.get("n_validation_clips"):
        yield "Validation", f"{_number_text(facts['n_validation_clips'])} clips"
    if facts.get("n_epochs"):
        yield "Epochs", _epochs_text(facts["n_epochs"], inputs.kept_epoch)
    duration = facts.get("duration_s")
    text = _NOT_RECORDED
    if isinstance(duration, int | float):
        text = seconds_text(duration)
    yield "Training time", text
    if facts.get("seed") is not None:
        yield "Seed", str(facts["seed"])


def about_data(inputs: ReportInputs) -> Iterator[tuple[str, str]]:
    """Yield what is known of the clips, as name and value."""
    clips = inputs.clips
    yield "Data", clips.name
    splits = sorted(set(clips.splits or ()))
    if splits:
        yield "Split", ", ".join(splits)
    yield "Clips", f"{len(clips):,}"
    if not inputs.multilabel:
        label, count = Counter(clips.labels).most_common(1)[0]
        yield "Most common label", f"{label}: {count / len(clips):.3f} of the clips"
    if clips.groups is not None:
        yield "Groups", f"{len(set(clips.groups)):,}"
    yield "Seen in training", _seen_text(inputs)


def about_curves(inputs: ReportInputs) -> str:
    """Say how the scores of each epoch were measured."""
    text = "Scores after each epoch of training."
    if inputs.multilabel:
        text += " Accuracy is the share of clips with every label right."
    parameters = inputs.config["steps"][-1].get("parameters", {})
    reasons = [
        reason
        for reason, names in _TRAINING_ONLY.items()
        if any(_is_used(parameters.get(name)) for name in names)
    ]
    if reasons:
        text += (
            " Training scores are measured while the net learns, with "
            f"{' and '.join(reasons)}; validation scores without."
        )
    return text


def seconds_text(seconds: float) -> str:
    """Return a duration as people write it."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


def _is_used(rate: Any) -> bool:
    """Tell whether a rate, or one of a list of them, is above 0."""
    rates = rate if isinstance(rate, list) else [rate]
    return any(isinstance(one, int | float) and one > 0 for one in rates)


def _epochs_text(n_epochs: Any, kept: int | None) -> str:
    text = _number_text(n_epochs)
    return (
        text if kept is None else f"{text}; the model has the weights of epoch {kept}"
    )


def _number_text(value: Any) -> str:
    """Return what a model file has for a number, which may be anything."""
    return f"{value:,}" if isinstance(value, int | float) else str(value)


def _seen_text(inputs: ReportInputs) -> str:
    if inputs.result.seen_in_training:
        return "yes, these very clips"
    if not inputs.training.get("fingerprint"):
        return f"unknown: {_NOT_RECORDED}"
    return "not this set of clips; single clips were not compared"
