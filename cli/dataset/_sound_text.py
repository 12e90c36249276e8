"""What ``dataset inspect --sound`` prints of the sound."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

__all__ = ["sound_text"]

_MAX_SHOWN = 20


def sound_text(facts: Mapping[str, Any]) -> str:
    """Return what was heard, as lines of text.

    Parameters
    ----------
    facts : mapping
        What `mfccclf.workflows.SoundInspection.to_dict` returns.
    """
    return "\n".join(
        [
            f"Sound, as the preset {facts['preset']} reads it:",
            *_lengths(facts),
            *(_counted(facts[key], *names) for key, names in _COUNTED.items()),
            *_levels(facts),
            *_listed("Clipped", [_clipped(one) for one in facts["clipped"]]),
            *_listed("The same sound", [_alike(one) for one in facts["duplicates"]]),
            *_listed("Doubtful", facts["remarks"]),
        ]
    )


_COUNTED = {
    "sample_rates": ("Sample rates", " Hz"),
    "channels": ("Channels", ""),
    "encodings": ("Encodings", ""),
}


def _lengths(facts: Mapping[str, Any]) -> Iterator[str]:
    if facts["duration_s"] is None:
        yield "  No clip can be used."
        return
    yield f"  Length: {_length(facts['duration_s'])}"
    parts = facts["duration_s_per_class"]
    width = max(map(len, parts))
    for label, spread in list(parts.items())[:_MAX_SHOWN]:
        text = "no clip that can be used" if spread is None else _length(spread)
        yield f"    {label:{width}}  {text}"
    if len(parts) > _MAX_SHOWN:
        yield f"    ... and {len(parts) - _MAX_SHOWN} more labels"


def _length(spread: Mapping[str, float]) -> str:
    return (
        f"{spread['min']:.3g} to {spread['max']:.3g} s, median {spread['median']:.3g} "
        f"s, {spread['total']:.3g} s in all"
    )


def _counted(counts: Mapping[str, int], title: str, unit: str) -> str:
    shown = ", ".join(f"{name}{unit} ({number})" for name, number in counts.items())
    return f"  {title}: {shown or 'none'}"


def _levels(facts: Mapping[str, Any]) -> Iterator[str]:
    for title, key in (("Level", "level_db"), ("Peak", "peak_db")):
        if facts[key] is not None:
            low, middle, high = (facts[key][name] for name in ("min", "median", "max"))
            yield f"  {title}: {low:.1f} to {high:.1f} dB, median {middle:.1f} dB"


def _listed(title: str, lines: Sequence[str]) -> Iterator[str]:
    if not lines:
        return
    yield f"  {title}: {len(lines)}"
    yield from (f"    {line}" for line in lines[:_MAX_SHOWN])
    if len(lines) > _MAX_SHOWN:
        yield f"    ... and {len(lines) - _MAX_SHOWN} more"


def _clipped(one: Mapping[str, Any]) -> str:
    return f"{one['path']}: {100 * one['share']:.2g} % of the samples"


def _alike(one: Mapping[str, Any]) -> str:
    splits = one["splits"] or [None] * len(one["paths"])
    names = [
        f"{path} ({', '.join(filter(None, [label, split]))})"
        for path, label, split in zip(one["paths"], one["labels"], splits, strict=True)
    ]
    differ = f"; differ in {', '.join(one['differ_in'])}" if one["differ_in"] else ""
    return f"{', '.join(names)}{differ}"
