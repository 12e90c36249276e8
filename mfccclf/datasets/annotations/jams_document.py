"""JAMS documents, of one recording each.

References
----------
Humphrey, Salamon, Nieto, Forsyth, Bittner and Bello, "JAMS: A JSON Annotated Music
Specification for Reproducible MIR Research", ISMIR 2014. Observations stand in a list,
or, dense, as lists of their times, durations and values.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from mfccclf.datasets.annotations.annotation import Annotation, TableProblems
from mfccclf.datasets.annotations.times import read_span
from mfccclf.datasets.problems import shorten
from mfccclf.errors import DatasetError

__all__ = ["is_jams", "read_jams"]

# Annotations of sound events made by Scaper hold the label among other facts.
_LABEL_KEYS = ("label", "value", "tag")


class _Observation(NamedTuple):
    time: Any
    duration: Any
    value: Any


def is_jams(text: str) -> bool:
    """Return whether a text begins as JSON and speaks of annotations."""
    return text.lstrip()[:1] == "{" and '"annotations"' in text


def read_jams(
    text: str, problems: TableProblems, *, tier: str | None = None
) -> list[Annotation]:
    """Return the observations of a document that have labels.

    Parameters
    ----------
    text : str
        The whole file.
    problems : TableProblems
        Takes what is wrong, by observation.
    tier : str or None, default=None
        Namespace of the annotation; None for the only one.

    Raises
    ------
    DatasetError
        If the file is not JSON, or not a JAMS document.
    """
    document = _parse(text, problems.source)
    chosen = _choose(document["annotations"], tier, problems)
    found = []
    for number, one in enumerate(_observations(chosen, problems.source), start=1):
        found += _read(one, f"Observation {number}", problems)
    return found


def _parse(text: str, name: str) -> dict[str, Any]:
    document: Any
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as exc:
        raise DatasetError(f"{name} is not JSON: {exc}. Save it again.") from exc
    parts = document.get("annotations") if isinstance(document, dict) else None
    if not isinstance(parts, list) or not all(isinstance(one, dict) for one in parts):
        raise DatasetError(f"{name} is no JAMS document: it has no annotations.")
    whole: dict[str, Any] = document
    return whole


def _choose(
    parts: list[dict[str, Any]], tier: str | None, problems: TableProblems
) -> dict[str, Any]:
    filled = [one for one in parts if one.get("data")]
    names = shorten([repr(one.get("namespace")) for one in filled])
    chosen = [one for one in filled if tier in (None, one.get("namespace"))]
    if tier is not None and not chosen:
        problems.fault(
            "",
            f"No annotation has the namespace {tier!r}",
            f"It has {names}." if names else "It has none.",
        )
    if len(chosen) > 1:
        problems.fault(
            "",
            f"There are several annotations: {names}",
            "Keep one, or choose one with --tier NAMESPACE (Cutting(tier=...)).",
        )
        return {}
    return chosen[0] if chosen else {}


def _observations(part: dict[str, Any], name: str) -> Iterator[_Observation]:
    data = part.get("data") or []
    if isinstance(data, dict):
        columns = [data.get(key) for key in _Observation._fields]
        rows = [column for column in columns if isinstance(column, list)]
        if len(rows) < len(columns):
            raise DatasetError(f"{name} is no JAMS document: its data lack columns.")
        yield from map(_Observation, *rows)
        return
    for one in data:
        if not isinstance(one, dict):
            raise DatasetError(f"{name} is no JAMS document: {one!r} in its data.")
        yield _Observation(*(one.get(key) for key in _Observation._fields))


def _read(one: _Observation, place: str, problems: TableProblems) -> list[Annotation]:
    value = one.value
    if isinstance(value, dict):
        value = next((value[key] for key in _LABEL_KEYS if key in value), None)
    label = "" if value is None else " ".join(str(value).split())
    if not label:
        problems.fault(place, "has no label", "Give it one, or remove it.")
    start, length = _number(one.time), _number(one.duration)
    end = str(one.duration)
    if start is not None and length is not None:
        end = str(start + length)
    span = read_span(str(one.time), end, place, problems)
    if span is None or not label:
        return []
    return [Annotation(start_s=span[0], end_s=span[1], label=label, place=place)]


def _number(value: Any) -> float | None:
    try:
        return float(value) if isinstance(value, int | float) else None
    except OverflowError:  # JSON has integers of any length
        return None
