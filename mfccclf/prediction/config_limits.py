"""Limits of the numbers and texts in ``model.json``: one table for all of them.

They lie far above what a sensible model needs, and below what would take gigabytes of
memory or hours of time, or crash a library.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["config_problem"]

Range = tuple[float, float]

_N_FEATURES = (1, 2**16)
# What any model may have, front ends and nets: one int or number, or a list of them.
_SIZES: Mapping[str, Range] = {
    "batch_size": (1, 2**20),
    "channel": (0, 2**10),
    "channels": (1, 2**13),
    "conv_channels": (1, 2**13),
    "conv_kernel_size": (1, 2**10),
    "delta": (0, 16),
    "delta_width": (1, 2**12),
    "dense_sizes": (1, 2**14),
    "frame_length": (1, 2**17),
    "hidden_sizes": (1, 2**13),
    "hop_length": (1, 2**17),
    "kernel_size": (1, 2**10),
    "max_epochs": (0, 2**31),
    "n_bands": (1, 2**6),
    "n_chroma": (1, 2**9),
    "n_fft": (1, 2**17),
    "n_frames": (1, 2**18),
    "n_mels": (1, 2**10),
    "n_mfcc": (1, 2**10),
    "n_values": (1, 2**16),
    "n_vectors": (1, 2**16),
    "sample_rate": (1, 384_000),
    "win_length": (1, 2**17),
}
_REALS: Mapping[str, Range] = {
    "duration": (0, 600),
    "full_scale": (1, 2**32),
    "hop": (0, 60),
    "peak": (0, 2**31),
    "trim_top_db": (0, 1000),
    "window": (0, 60),
}
_MOST_LAYERS = 32
_DEEPEST = 16
_LARGEST_INT = 2**128
_LARGEST_NUMBER = sys.float_info.max
_LONGEST_LABEL = 1_000
_MOST_LABELS = 2**14
_MOST_STEPS = 32


def config_problem(config: Mapping[str, Any]) -> str | None:
    """Return what is wrong with the content of ``model.json``, to follow its name.

    Parameters
    ----------
    config : mapping
        The content, with all keys that it must have, of the right types.

    Returns
    -------
    problem : str or None
        Such as "has an absurd 'n_fft' parameter, 1000000000"; None if all is well.
    """
    return (
        _value_problem(config)
        or _label_problem(config["classes"])
        or _step_problem(config["steps"])
        or _size_problem(config["front_end"])
        or next(filter(None, map(_size_problem, config["steps"])), None)
        or _range_problem("n_features", config["n_features"], _N_FEATURES)
    )


def _value_problem(config: Mapping[str, Any]) -> str | None:
    """Find huge numbers, texts that are none, and too many levels, at any place."""
    for value, depth in _walk(config, 0):
        if depth > _DEEPEST:
            return f"nests values more than {_DEEPEST} deep"
        if isinstance(value, int | float) and not abs(value) <= _LARGEST_NUMBER:
            return f"holds the absurd number {_shown(value)}"
        if isinstance(value, int) and abs(value) > _LARGEST_INT:
            return f"holds the absurd number {_shown(value)}"
        if isinstance(value, str) and not _is_unicode(value):
            return "holds a text that is not Unicode"
    return None


def _walk(value: Any, depth: int) -> Iterator[tuple[Any, int]]:
    """Yield all values and keys within, with their depth, as deep as is allowed."""
    yield value, depth
    if depth > _DEEPEST:
        return
    if isinstance(value, dict):
        yield from ((key, depth) for key in value)
    inner = value.values() if isinstance(value, dict) else value
    if isinstance(value, dict | list):
        for item in inner:
            yield from _walk(item, depth + 1)


def _label_problem(classes: list[Any]) -> str | None:
    if len(classes) > _MOST_LABELS:
        return f"has {len(classes):,} classes, more than {_MOST_LABELS:,}"
    for label in classes:
        if isinstance(label, str) and not (label.isprintable() and label.strip()):
            return f"has a label that cannot be printed, {ascii(label)[:80]}"
        if isinstance(label, str) and len(label) > _LONGEST_LABEL:
            return f"has a label of {len(label):,} characters"
    return None


def _step_problem(steps: list[Any]) -> str | None:
    if not 0 < len(steps) <= _MOST_STEPS:
        return f"has {len(steps)} steps"
    names = [_field(step, "name") for step in steps]
    kinds = [_field(step, "class") for step in steps]
    if not all(isinstance(text, str) for text in names + kinds):
        return "has a step without a name and a class"
    if not all(isinstance(_field(step, "parameters"), dict) for step in steps):
        return "has a step without parameters"
    if len(set(names)) < len(names):
        return "has two steps of the same name"
    return None


def _field(step: Any, key: str) -> Any:
    return step.get(key) if isinstance(step, dict) else None


def _size_problem(part: Mapping[str, Any]) -> str | None:
    parameters = part.get("parameters")
    for key, value in parameters.items() if isinstance(parameters, dict) else ():
        for number in value if isinstance(value, list) else [value]:
            problem = _number_problem(key, number)
            if problem:
                return problem
        if key in _SIZES and isinstance(value, list) and len(value) > _MOST_LAYERS:
            return f"has an absurd {key!r} parameter of {len(value):,} values"
    return None


def _number_problem(key: str, value: Any) -> str | None:
    if value is None or not isinstance(value, int | float):
        return None  # whether it may be is the step's own question
    if key in _SIZES:
        if isinstance(value, bool) or value != int(value):
            return f"has a {key!r} parameter that is no integer, {value!r}"
        return _range_problem(key, value, _SIZES[key])
    return _range_problem(key, value, _REALS[key]) if key in _REALS else None


def _range_problem(key: str, value: float, limits: Range) -> str | None:
    least, most = limits
    if not isinstance(value, bool) and least <= value <= most:
        return None
    return f"has an absurd {key!r} parameter, {_shown(value)}"


def _is_unicode(text: str) -> bool:
    """Return whether a text has no lone surrogates."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _shown(value: object) -> str:
    """Return a number as text, cut short."""
    text = repr(value)
    return text if len(text) <= 24 else f"{text[:20]}..."
