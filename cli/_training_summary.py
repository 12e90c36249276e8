"""What the commands that train print at the end."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mfccclf.workflows import TrainingData, TrainingResult

__all__ = ["epochs_text", "predict_command", "training_summary", "usable_clip"]


def epochs_text(number: int) -> str:
    """Return "1 epoch", "2 epochs" and so on."""
    return "1 epoch" if number == 1 else f"{number} epochs"


def training_summary(result: TrainingResult, output: Path) -> str:
    """Return a few lines on how a training went."""
    lines = [
        f"Trained {result.preset} on {result.n_clips} clips of "
        f"{len(result.classes)} labels: {', '.join(result.classes)}.",
        f"{epochs_text(result.n_epochs)} in {result.duration_s:.1f} s, "
        f"{result.n_parameters:,} parameters.",
    ]
    for part, scores in result.scores.items():
        lines.append(
            f"{part.capitalize()} {_quality(scores)}, "
            f"loss {scores['loss']:.3f} ({scores['n_clips']} clips)."
        )
    if result.skipped:
        lines.append(
            f"Left out {len(result.skipped)} clips that cannot be used: "
            f"{output.with_suffix('.skipped.csv')}."
        )
    size = output.stat().st_size / 1024
    lines.append(f"Saved {output} ({size:,.0f} KB).")
    return "\n".join(lines)


def usable_clip(data: TrainingData, result: TrainingResult) -> str:
    """Return the first clip that was not left out."""
    left_out = {clip.path for clip in result.skipped}
    return next(path for path in data.clips.paths if path not in left_out)


def predict_command(clip: str, output: Path) -> str:
    """Return the command that uses a new model file on a clip."""
    command = f"mfccclf predict {shlex.quote(clip)} --model {shlex.quote(str(output))}"
    return f"Try it:\n  {command}"


def _quality(scores: dict[str, Any]) -> str:
    if "predict_everything" not in scores:
        return f"accuracy {scores['accuracy']:.3f}"
    baseline = scores["predict_everything"]
    return (
        f"macro F1 {scores['macro_f1']:.3f}, mean average precision "
        f"{scores['map']:.3f} (naming every label: {baseline['macro_f1']:.3f} and "
        f"{baseline['map']:.3f})"
    )
