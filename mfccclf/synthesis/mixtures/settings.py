"""What mixtures are to be like."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mfccclf._validation import argument_error, check_int, check_real

__all__ = ["MixtureSettings"]

_MAX_SEMITONES = 24
_OWNER = "mix_clips"


@dataclass(frozen=True, kw_only=True)
class MixtureSettings:
    """The parameters of `mix_clips`, by the same names.

    Raises
    ------
    ValueError, TypeError
        If one is out of range or of a wrong type.
    """

    voices: tuple[int, int]
    n_mixtures: int
    n_groups: int
    level_db: float
    pitch: float
    colour_db: float
    duration: float | None
    sample_rate: int
    random_state: int

    def __post_init__(self) -> None:
        """Check each."""
        _check_voices(self.voices)
        check_int("n_mixtures", self.n_mixtures, minimum=1, owner=_OWNER)
        check_int("n_groups", self.n_groups, minimum=1, owner=_OWNER)
        check_real("level_db", self.level_db, minimum=0, owner=_OWNER)
        check_real("pitch", self.pitch, minimum=0, maximum=_MAX_SEMITONES, owner=_OWNER)
        check_real("colour_db", self.colour_db, minimum=0, owner=_OWNER)
        if self.duration is not None:
            check_real("duration", self.duration, above=0, owner=_OWNER)
        check_int("sample_rate", self.sample_rate, minimum=1000, owner=_OWNER)
        check_int("random_state", self.random_state, minimum=0, owner=_OWNER)

    def to_record(self) -> dict[str, Any]:
        """Return plain data for the manifest; pitch and colour only where they vary."""
        variation = {"pitch": float(self.pitch), "colour_db": float(self.colour_db)}
        return {
            "voices": [int(number) for number in self.voices],
            "n_mixtures": int(self.n_mixtures),
            "n_groups": int(self.n_groups),
            "level_db": float(self.level_db),
            **{name: value for name, value in variation.items() if value},
            "duration_s": self.duration,
            "sample_rate": int(self.sample_rate),
            "random_state": int(self.random_state),
        }


def _check_voices(voices: Any) -> None:
    if not (isinstance(voices, tuple | list) and len(voices) == 2):
        expected = "two ints, fewest and most voices"
        raise argument_error("voices", voices, expected, owner=_OWNER)
    fewest = check_int("voices", voices[0], minimum=1, owner=_OWNER)
    check_int("voices", voices[1], minimum=fewest, owner=_OWNER)
