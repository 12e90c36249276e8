"""How the texts of options become values."""

from __future__ import annotations

from typing import Any

import typer

__all__ = [
    "parse_exclude",
    "parse_features",
    "parse_folds",
    "parse_limits",
    "parse_overrides",
    "parse_settings",
    "split_commas",
]


def parse_exclude(text: str | None) -> list[str] | None:
    """Read ``A,B,...``; None if the option was not given, [] for an empty text."""
    return None if text is None else [name for name in split_commas(text) if name]


def parse_features(text: str) -> int | list[str]:
    """Read ``14``, ``33`` or names of feature blocks with commas between them."""
    return int(text) if text.strip().isdigit() else split_commas(text)


def parse_folds(text: str | None) -> int | str | None:
    """Read the number of folds; other texts, such as "groups", are left alone."""
    return int(text) if text is not None and text.isdigit() else text


def parse_limits(**limits: float | None) -> dict[str, float]:
    """Return the limits that were given, by name."""
    return {name: limit for name, limit in limits.items() if limit is not None}


def parse_overrides(texts: list[str] | None, epochs: int | None) -> dict[str, Any]:
    """Read what differs from the preset: ``KEY=VALUE`` texts and ``--epochs``."""
    settings = parse_settings(texts)
    return settings if epochs is None else {**settings, "max_epochs": epochs}


def parse_settings(texts: list[str] | None) -> dict[str, Any]:
    """Read ``KEY=VALUE`` texts; values are written as in YAML.

    Raises
    ------
    typer.BadParameter
        If a text has no key, no "=", or a value that is not YAML.
    """
    return dict(_parse_setting(text) for text in texts or ())


def split_commas(text: str) -> list[str]:
    """Split ``A,B,...`` at its commas, without the blanks around them."""
    return [part.strip() for part in text.split(",")]


def _parse_setting(text: str) -> tuple[str, Any]:
    from mfccclf._inert import shown
    from mfccclf._safe_yaml import parse_yaml

    key, sign, value = text.partition("=")
    if not sign or not key.strip():
        raise typer.BadParameter(
            f"{shown(text)} is not KEY=VALUE. Write, for example, --set max_epochs=50."
        )
    try:
        parsed = parse_yaml(value)
    except ValueError:
        raise typer.BadParameter(
            f"{shown(text)}: the value is not YAML. Write, for example, "
            "--set hidden_sizes=[64,32]."
        ) from None
    return key.strip(), _plain_number(parsed)


def _plain_number(value: Any) -> Any:
    """Return the number of a text such as ``1e-3``, which YAML 1.1 reads as a text."""
    if not isinstance(value, str):
        return value
    try:
        return float(value)
    except ValueError:
        return value
