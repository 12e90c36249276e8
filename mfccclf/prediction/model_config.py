"""Read and check ``model.json``, which describes what a model file holds."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NoReturn

from mfccclf.errors import ModelFileError

__all__ = [
    "ASK_AGAIN",
    "CONFIG",
    "FORMAT",
    "FORMAT_VERSION",
    "FORMAT_VERSION_PRETRAINED",
    "SUFFIX",
    "TASKS",
    "fail",
    "parse_config",
]

SUFFIX = ".mfccclf"
CONFIG = "model.json"
FORMAT = "mfccclf"
# Version 2 may hold limits and a graph with a second output. Version 3 holds graphs of
# pre-trained nets besides; files without any stay of version 2, for older packages.
FORMAT_VERSION = 2
FORMAT_VERSION_PRETRAINED = 3
_READ_VERSIONS = (1, FORMAT_VERSION, FORMAT_VERSION_PRETRAINED)
TASKS = ("single-label", "multi-label")
ASK_AGAIN = "Copy or download it again, or train the model again."

# Far above any sensible number of bands, frames or samples per frame.
_LARGEST_SIZE = 2**20
_CONFIG_TYPES: Mapping[str, type | tuple[type, ...]] = {
    "classes": list,
    "front_end": dict,
    "members": dict,
    "n_features": int,
    "steps": list,
    "task": str,
}


def fail(
    name: str, problem: str, advice: str, cause: Exception | None = None
) -> NoReturn:
    """Raise a `ModelFileError` that states what is wrong with a file."""
    raise ModelFileError(f"{name} {problem}. {advice}") from cause


def parse_config(content: bytes, name: str) -> dict[str, Any]:
    """Parse the content of ``model.json``.

    Parameters
    ----------
    content : bytes
        The member.
    name : str
        What to call the model file in messages.

    Returns
    -------
    config : dict
        Of a known format and task, with valid labels and sizes.

    Raises
    ------
    ModelFileError
        If it is damaged, written by another program, or of a newer version.
    """
    try:
        config = json.loads(content.decode("utf-8"), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        fail(name, f"has a {CONFIG} that is not valid JSON", ASK_AGAIN, error)
    if not isinstance(config, dict) or config.get("format") != FORMAT:
        problem = f"has a {CONFIG} written by another program"
        fail(name, problem, f"Name a {SUFFIX} file.")
    _check_version(config.get("format_version"), name)
    _check_content(config, name)
    for part in (config["front_end"], *config["steps"][:1]):
        _check_sizes(part, name)
    return config


def _check_content(config: Mapping[str, Any], name: str) -> None:
    for key, kind in _CONFIG_TYPES.items():
        if not isinstance(config.get(key), kind):
            fail(name, f"has a {CONFIG} without a valid {key!r}", ASK_AGAIN)
    if config["task"] not in TASKS:
        text = "Update the package: pip install --upgrade mfccclf."
        fail(name, f"is for an unknown task {config['task']!r}", text)
    if not _are_labels(config["classes"]):
        fail(name, f"has a {CONFIG} without valid classes", ASK_AGAIN)
    if not _are_thresholds(config):
        fail(name, f"has a {CONFIG} without valid thresholds", ASK_AGAIN)
    if not _are_limits(config.get("limits")):
        fail(name, f"has a {CONFIG} without valid limits", ASK_AGAIN)


def _check_sizes(part: Any, name: str) -> None:
    """Refuse a front end of absurd size, which would fill memory when built."""
    parameters = part.get("parameters") if isinstance(part, dict) else None
    for key, value in parameters.items() if isinstance(parameters, dict) else ():
        is_size = key.startswith("n_") or key.endswith(("_length", "_width"))
        if is_size and isinstance(value, int | float) and value > _LARGEST_SIZE:
            fail(name, f"has an absurd {key!r} parameter, {value!r}", ASK_AGAIN)


def _are_labels(classes: list[Any]) -> bool:
    plain = all(isinstance(label, str | int | float) for label in classes)
    return bool(classes) and plain and len(set(classes)) == len(classes)


def _are_thresholds(config: Mapping[str, Any]) -> bool:
    """Return whether there is one per label, or none if each clip has one label."""
    thresholds = config.get("thresholds")
    if config["task"] == "single-label":
        return thresholds is None
    return (
        isinstance(thresholds, list)
        and len(thresholds) == len(config["classes"])
        and all(isinstance(v, int | float) and 0 <= v <= 1 for v in thresholds)
    )


def _are_limits(limits: Any) -> bool:
    """Return whether there are none, or only known ones from 0 to 1."""
    if limits is None:
        return True
    return (
        isinstance(limits, dict)
        and limits.keys() <= {"min_confidence", "min_familiarity"}
        and all(isinstance(v, int | float) and 0 <= v <= 1 for v in limits.values())
    )


def _refuse_constant(text: str) -> NoReturn:
    raise ValueError(f"{text} is not a JSON number")


def _check_version(version: Any, name: str) -> None:
    if version in _READ_VERSIONS and not isinstance(version, bool):
        return
    known = ", ".join(str(number) for number in _READ_VERSIONS)
    problem = f"is of format version {version!r}; this mfccclf reads {known}"
    if isinstance(version, int) and version > _READ_VERSIONS[-1]:
        fail(name, problem, "Update the package: pip install --upgrade mfccclf.")
    fail(name, problem, ASK_AGAIN)
