"""Which blocks of features a sequence has, and in which order."""

from __future__ import annotations

from typing import Any

from mfccclf._parameters import parameter, parameter_group
from mfccclf._validation import argument_error, suggest
from mfccclf.features.blocks import BLOCKS, NAMED_SETS

__all__ = ["BlockSelection"]


def _check_features(name: str, value: Any, *, owner: object) -> Any:
    if not isinstance(value, bool) and value in tuple(NAMED_SETS):
        return value
    hint = _problem((value,) if isinstance(value, str) else value)
    if hint is None:
        return value
    numbers, names = ", ".join(map(str, NAMED_SETS)), ", ".join(map(repr, BLOCKS))
    expected = f"{numbers} or a list of blocks of {names}"
    raise argument_error(name, value, expected, owner=owner, hint=hint)


def _problem(blocks: Any) -> str | None:
    """Return what to do about wrong blocks, "" if that is plain; None for good ones."""
    if not isinstance(blocks, tuple) or not blocks:
        return ""
    for block in blocks:
        if block not in BLOCKS:
            return suggest(block, BLOCKS)
    once = [block for block in blocks if not BLOCKS[block].may_repeat]
    if len(set(once)) == len(once):
        return None
    others = [name for name, block in BLOCKS.items() if block.may_repeat]
    return f"Name each block but {', '.join(map(repr, others))} once."


def _tell_features() -> str:
    blocks = ", ".join(f'"{name}" ({block.summary})' for name, block in BLOCKS.items())
    sets = "; ".join(
        f"{number} stands for {', '.join(names)}"
        for number, names in NAMED_SETS.items()
    )
    return f"Blocks of columns, in order; any of {blocks}. {sets}."


@parameter_group
class BlockSelection:
    """The blocks of columns to compute."""

    features: Any = parameter(
        33, "{14, 33} or sequence of str", _tell_features(), check=_check_features
    )

    @property
    def blocks(self) -> tuple[str, ...]:
        """Names of the blocks of columns, in order."""
        if isinstance(self.features, str):
            return (self.features,)
        if isinstance(self.features, int):
            return NAMED_SETS[self.features]
        return tuple(self.features)
