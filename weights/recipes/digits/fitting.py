"""How the net is trained on recorded and spoken digits, and on what is no digit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mfccclf import Dataset
from mfccclf.workflows import (
    RecogniserOptions,
    TrainingData,
    load_ood_clips,
    train_recogniser,
)
from mfccclf.workflows.training_result import TrainingResult
from weights.recipes.digits.sounds import write_sounds
from weights.recipes.digits.speech import speak_digits, speak_other_words

__all__ = ["LIMITS", "PRESET", "FittedDigits", "fit_digits"]

PRESET = "words"
# Chosen on the speakers that evaluate.py holds out; see README.md.
LIMITS = {"min_confidence": 0.8, "min_familiarity": 0.01}
# The shipped model has no linear share; whether one would help was not tried.
_OVERRIDES = {"batch_size": 64, "max_epochs": 20, "linear_share": 0.0}
_OTHER_WEIGHT = 1.0


@dataclass(frozen=True)
class FittedDigits:
    """A trained net, and how many clips it learned from."""

    result: TrainingResult
    n_spoken: int
    n_others: int


def fit_digits(
    recorded: Dataset,
    other: Sequence[Path],
    work: Path,
    *,
    part: str,
    seed: int,
    without: Sequence[str] = (),
    verbose: int = 0,
) -> FittedDigits:
    """Train and calibrate the preset.

    Parameters
    ----------
    recorded : Dataset
        Digits said by people.
    other : sequence of Path
        Folders of clips without a digit.
    work : Path
        Folder that keeps what is rendered, and features.
    part : str
        Name of this training, under which its made sounds are kept.
    seed : int
        Seed of the sounds and of the training.
    without : sequence of str, default=()
        Kinds of made sounds that it is not to learn.
    verbose : int, default=0
        As for `mfccclf.LSTMClassifier`.

    Returns
    -------
    fitted : FittedDigits
        With the limits above.
    """
    spoken = speak_digits(work)
    said = [*recorded.paths, *spoken.paths]
    sounds = write_sounds(work / f"sounds-{part}", said, seed=seed, without=without)
    ood = load_ood_clips([*other, *speak_other_words(work), sounds])
    options = RecogniserOptions(
        preset=PRESET,
        overrides={**_OVERRIDES, "cache": str(work / "cache")},
        calibrate=True,
        limits=LIMITS,
        ood_weight=_OTHER_WEIGHT,
        random_state=seed,
    )
    data = TrainingData(recorded, more=spoken, ood=ood)
    result = train_recogniser(data, options, verbose=verbose)
    return FittedDigits(result, n_spoken=len(spoken), n_others=len(ood))
