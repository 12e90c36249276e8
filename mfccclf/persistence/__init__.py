"""Model files: save, load, export and convert."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mfccclf._lazy import lazy_names

if TYPE_CHECKING:
    from mfccclf.persistence.keras import convert_keras
    from mfccclf.persistence.loading import load_model
    from mfccclf.persistence.saving import export_onnx, save_model
    from mfccclf.persistence.torch_state import convert_torch

__all__ = [
    "convert_keras",
    "convert_torch",
    "export_onnx",
    "load_model",
    "save_model",
]

_HOME = {
    "convert_keras": "keras",
    "convert_torch": "torch_state",
    "export_onnx": "saving",
    "load_model": "loading",
    "save_model": "saving",
}

__getattr__, __dir__ = lazy_names(__name__, _HOME)
