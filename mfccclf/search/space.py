"""The search space: parameters to try, and values of each."""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

from numpy.random import RandomState

from mfccclf._inert import first_line, shown
from mfccclf._safe_yaml import parse_yaml

__all__ = ["Range", "Space", "grid_size", "has_ranges", "parse_space", "read_space"]

_RANGE_KEYS = {"low", "high", "log"}


@dataclass(frozen=True, kw_only=True)
class Range:
    """Values between two bounds, for random search and Optuna.

    Attributes
    ----------
    low, high : int or float
        Bounds, both included; if both are ints, so are the values.
    log : bool, default=False
        Whether equal ratios, not equal differences, are equally likely.

    Examples
    --------
    >>> from numpy.random import RandomState
    >>> from mfccclf.search import Range
    >>> 8 <= Range(low=8, high=64).rvs(random_state=RandomState(0)) <= 64
    True
    """

    low: float
    high: float
    log: bool = False

    @property
    def is_int(self) -> bool:
        """Whether values are ints."""
        return isinstance(self.low, int) and isinstance(self.high, int)

    def rvs(self, *, random_state: RandomState) -> float:
        """Draw one value; `ParameterSampler` calls this method.

        Parameters
        ----------
        random_state : RandomState
            Generator.

        Returns
        -------
        value : int or float
            Between the bounds.
        """
        low, high = float(self.low), float(self.high)
        if self.is_int:  # else the bounds would be half as likely as other ints
            low, high = low - 0.5, high + 0.5
        share = random_state.uniform()
        if self.log:
            value = low * math.exp(share * math.log(high / low))
        else:
            value = low + share * (high - low)
        if self.is_int:
            return min(max(round(value), int(self.low)), int(self.high))
        return value


Space = Mapping[str, Sequence[Any] | Range]


def parse_space(texts: Sequence[str]) -> dict[str, list[Any] | Range]:
    """Read ``KEY=V1;V2;...`` texts; each value is written as in YAML.

    Parameters
    ----------
    texts : sequence of str
        Such as ``"hidden_sizes=[128,32];[64]"`` or
        ``"lr={low: 0.0001, high: 0.01, log: true}"``.

    Returns
    -------
    space : dict
        For each key its values, or its range.

    Raises
    ------
    ValueError
        If a text cannot be read, or a key is given twice.

    Examples
    --------
    >>> from mfccclf.search import parse_space
    >>> parse_space(["hidden_sizes=[128,32];[64]", "bidirectional=true;false"])
    {'hidden_sizes': [[128, 32], [64]], 'bidirectional': [True, False]}
    """
    space: dict[str, list[Any] | Range] = {}
    for text in texts:
        key, sign, values = text.partition("=")
        key = key.strip()
        if not sign or not key:
            raise ValueError(
                f"The parameter {shown(text)} is not KEY=V1;V2;... Write, say, "
                "lr=0.001;0.003."
            )
        if key in space:
            raise ValueError(
                f"The parameter {shown(key)} is given twice. List all its values at "
                "once, separated by semicolons."
            )
        parsed = [_parse_yaml(value, key) for value in values.split(";")]
        space[key] = _check_values(key, parsed[0] if _is_range(parsed) else parsed)
    return space


def read_space(path: str | PathLike[str]) -> dict[str, list[Any] | Range]:
    """Read parameters and their values from a YAML file.

    Parameters
    ----------
    path : str or path-like
        A mapping of each parameter to a list of values, or to a range with the keys
        ``low``, ``high`` and perhaps ``log``.

    Returns
    -------
    space : dict
        For each parameter its values, or its range.

    Raises
    ------
    ValueError
        If the file cannot be read or holds something else.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from mfccclf.search import read_space
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "space.yaml")
    ...     size = path.write_text("hidden_sizes: [[64], [128, 32]]")
    ...     read_space(path)
    {'hidden_sizes': [[64], [128, 32]]}
    """
    try:
        content = parse_yaml(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ValueError(
            f"The grid file {path} cannot be read ({first_line(error)}). Check the "
            "path, and that it is YAML."
        ) from error
    if not isinstance(content, Mapping) or not content:
        raise ValueError(
            f"The grid file {path} must be a mapping of parameters to lists of values. "
            "Write, say, lr: [0.001, 0.003]."
        )
    return {
        str(key): _check_values(str(key), _with_numbers(values))
        for key, values in content.items()
    }


def has_ranges(space: Space) -> bool:
    """Tell whether some parameter has a range instead of a list."""
    return any(isinstance(values, Range) for values in space.values())


def grid_size(space: Space) -> int:
    """Return how many combinations a space of lists has."""
    return math.prod(
        len(values) for values in space.values() if not isinstance(values, Range)
    )


def _parse_yaml(text: str, key: str) -> Any:
    try:
        return _with_numbers(parse_yaml(text))
    except ValueError:
        raise ValueError(
            f"The parameter {shown(key)} has a value {shown(text)} that is not YAML. "
            "Write lists as [64,32]."
        ) from None


def _with_numbers(value: Any) -> Any:
    """Turn texts such as ``1e-3``, which are no numbers in YAML 1.1, into numbers."""
    if isinstance(value, list):
        return [_with_numbers(item) for item in value]
    if isinstance(value, Mapping):
        return {key: _with_numbers(item) for key, item in value.items()}
    if isinstance(value, str) and value[:1] in "+-.0123456789":
        try:
            return float(value)
        except ValueError:
            return value
    return value


def _is_range(values: list[Any]) -> bool:
    return len(values) == 1 and isinstance(values[0], Mapping)


def _check_values(key: str, values: Any) -> list[Any] | Range:
    if isinstance(values, Mapping) and {"low", "high"} <= set(values) <= _RANGE_KEYS:
        return _check_range(key, Range(**values))
    if isinstance(values, list) and values:
        return values
    raise ValueError(
        f"The parameter {shown(key)} must have a list of values, or a range such as "
        f"{{low: 0.0001, high: 0.01, log: true}}. Got {shown(values)} instead."
    )


def _check_range(key: str, values: Range) -> Range:
    bounds = (values.low, values.high)
    is_real = all(
        isinstance(bound, int | float)
        and not isinstance(bound, bool)
        and abs(bound) <= sys.float_info.max
        for bound in bounds
    )
    if is_real and values.low < values.high and (values.low > 0 or not values.log):
        return values
    raise ValueError(
        f"The range of {shown(key)} must have numbers low < high, above 0 with log. "
        f"Got low={shown(values.low)} and high={shown(values.high)} instead."
    )
