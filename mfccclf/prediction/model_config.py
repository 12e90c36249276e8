"""Read and check ``model.json``, which describes what a model file holds."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NoReturn

from mfccclf.errors import ModelFileError
from mfccclf.prediction.config_limits import config_problem

__all__ = [
    "ASK_AGAIN",
    "CONFIG",
    "FORMAT",
    "FORMAT_VERSION",
    "FORMAT_VERSION_PRETRAINED",
    "READ_VERSIONS",
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
READ_VERSIONS = (1, FORMAT_VERSION, FORMAT_VERSION_PRETRAINED)
TASKS = ("single-label", "multi-label")
ASK_AGAIN = "Copy or download it again, or train the model again."

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
    problem = config_problem(config)
    if problem:
        fail(name, problem, ASK_AGAIN)


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
        and all(map(_is_share, thresholds))
    )


def _are_limits(limits: Any) -> bool:
    """Return whether there are none, or only known ones from 0 to 1."""
    if limits is None:
        return True
    return (
        isinstance(limits, dict)
        and limits.keys() <= {"min_confidence", "min_familiarity"}
        and all(map(_is_share, limits.values()))
    )


def _is_share(value: Any) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and 0 <= value <= 1


def _refuse_constant(text: str) -> NoReturn:
    raise ValueError(f"{text} is not a JSON number")


def _check_version(version: Any, name: str) -> None:
    if version in READ_VERSIONS and not isinstance(version, bool):
        return
    known = ", ".join(str(number) for number in READ_VERSIONS)
    problem = f"is of format version {version!r}; this mfccclf reads {known}"
    if isinstance(version, int) and version > READ_VERSIONS[-1]:
        fail(name, problem, "Update the package: pip install --upgrade mfccclf.")
    fail(name, problem, ASK_AGAIN)
