"""The facts at the head of a report, as texts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from mfccclf.report.material import Material

__all__ = ["about_data", "about_model", "about_training", "headline", "seconds_text"]

_NOT_RECORDED = "not recorded in the model file"


def headline(material: Material) -> list[tuple[str, str]]:
    """Return the scores that count most, as name and value."""
    scores = material.scores
    rows = [("Accuracy", "accuracy"), ("Balanced accuracy", "balanced_accuracy")]
    rows.append(("Macro F1", "macro_f1"))
    if material.has_label_sets:
        rows[0] = ("Right decisions", "accuracy")
        rows += [("Mean average precision", "map"), ("Exact match", "exact_match")]
    tiles = [(name, f"{scores[key]:.3f}") for name, key in rows]
    return [*tiles, ("Clips", f"{scores['n_clips']:,}")]


def about_model(material: Material) -> Iterator[tuple[str, str]]:
    """Yield name and value of what is known of the model."""
    config = material.config
    yield "Model", material.model
    if config.get("description"):
        yield "Description", config["description"]
    if config.get("preset"):
        yield "Preset", config["preset"]
    steps = [step["class"] for step in config["steps"]]
    yield "Steps", " → ".join(step for step in steps if step != "passthrough")
    yield "Labels", f"{len(material.labels)}"
    yield "Parameters", f"{material.n_parameters:,}"
    yield "Model file", f"{material.n_bytes / 1000:,.0f} KB"
    heard = material.front_end.reach_s
    if heard is not None:
        yield "Listens to", f"the first {heard:.2f} s of a clip"


def about_training(material: Material) -> Iterator[tuple[str, str]]:
    """Yield name and value of what is known of the training."""
    facts = material.training
    if facts.get("data"):
        count = (
            f", {_number_text(facts['n_clips'])} clips" if "n_clips" in facts else ""
        )
        yield "Trained on", f"{facts['data']}{count}"
    else:
        yield "Trained on", _NOT_RECORDED
    if facts.get("n_validation_clips"):
        yield (
            "Watched with",
            f"{_number_text(facts['n_validation_clips'])} validation clips",
        )
    if facts.get("n_epochs"):
        yield "Epochs", _number_text(facts["n_epochs"])
    duration = facts.get("duration_s")
    text = _NOT_RECORDED
    if isinstance(duration, int | float):
        text = seconds_text(duration)
    yield "Training time", text
    if facts.get("seed") is not None:
        yield "Seed", str(facts["seed"])


def about_data(material: Material) -> Iterator[tuple[str, str]]:
    """Yield name and value of what is known of the clips."""
    clips = material.clips
    yield "Data", clips.name
    splits = sorted(set(clips.splits or ()))
    if splits:
        yield "Split", ", ".join(splits)
    yield "Clips", f"{len(clips):,}"
    if not material.has_label_sets:
        label, count = Counter(clips.labels).most_common(1)[0]
        yield "Commonest label", f"{label}, {count / len(clips):.3f} of all clips"
    if clips.groups is not None:
        yield "Groups", f"{len(set(clips.groups)):,}"
    yield "Seen in training", _seen_text(material)


def seconds_text(seconds: float) -> str:
    """Return a duration as people say it."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


def _number_text(value: Any) -> str:
    """Return a number as a model file tells it, which may be anything."""
    return f"{value:,}" if isinstance(value, int | float) else str(value)


def _seen_text(material: Material) -> str:
    if material.result.seen_in_training:
        return "yes, these very clips"
    if not material.training.get("fingerprint"):
        return f"unknown: {_NOT_RECORDED}"
    return "no, not as a set; single clips are not compared"
