"""Model files: save, load, export and convert."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mfccclf.persistence.keras import convert_keras
    from mfccclf.persistence.loading import load_model
    from mfccclf.persistence.saving import export_onnx, save_model

__all__ = ["convert_keras", "export_onnx", "load_model", "save_model"]

_HOME = {
    "convert_keras": "keras",
    "export_onnx": "saving",
    "load_model": "loading",
    "save_model": "saving",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
