"""Model files: save, load, export and convert."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mfccclf._lazy import lazy_names

if TYPE_CHECKING:
    from mfccclf.persistence.convert.keras import convert_keras
    from mfccclf.persistence.convert.torch_state import convert_torch
    from mfccclf.persistence.loading import load_model
    from mfccclf.persistence.saving import export_onnx, save_model

__all__ = [
    "convert_keras",
    "convert_torch",
    "export_onnx",
    "load_model",
    "save_model",
]

_HOME = {
    "convert_keras": "convert.keras",
    "convert_torch": "convert.torch_state",
    "export_onnx": "saving",
    "load_model": "loading",
    "save_model": "saving",
}

__getattr__, __dir__ = lazy_names(__name__, _HOME)
