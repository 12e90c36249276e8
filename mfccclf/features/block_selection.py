"""Which blocks of features a sequence has, and in which order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mfccclf._parameters import parameter
from mfccclf._validation import argument_error, suggest
from mfccclf.features.blocks import BLOCKS, NAMED_SETS

__all__ = ["BlockSelection"]


def _check_features(name: str, value: Any, *, owner: object) -> Any:
    if not isinstance(value, bool) and value in tuple(NAMED_SETS):
        return value
    blocks = (value,) if isinstance(value, str) else value
    expected = (
        ", ".join(map(str, NAMED_SETS))
        + " or a list of blocks of "
        + ", ".join(map(repr, BLOCKS))
    )
    if not isinstance(blocks, tuple) or not blocks:
        raise argument_error(name, value, expected, owner=owner)
    for block in blocks:
        if block not in BLOCKS:
            hint = suggest(block, BLOCKS)
            raise argument_error(name, value, expected, owner=owner, hint=hint)
    once = [block for block in blocks if not BLOCKS[block].may_repeat]
    if len(set(once)) < len(once):
        others = [name for name, block in BLOCKS.items() if block.may_repeat]
        hint = f"Name each block but {', '.join(map(repr, others))} once."
        raise argument_error(name, value, expected, owner=owner, hint=hint)
    return value


def _tell_features() -> str:
    blocks = ", ".join(f'"{name}" ({block.summary})' for name, block in BLOCKS.items())
    sets = "; ".join(
        f"{number} stands for {', '.join(names)}"
        for number, names in NAMED_SETS.items()
    )
    return f"Blocks of columns, in this order: {blocks}. {sets}."


@dataclass(frozen=True, kw_only=True)
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
