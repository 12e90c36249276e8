"""Torch modules that the estimators are made of."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mfccclf.modules.lstm_net import LSTMNet
    from mfccclf.modules.pooling import AttentionPooling
    from mfccclf.modules.sequence_lstm import SequenceLSTM
    from mfccclf.modules.summary import LayerRow, count_parameters

_HOME = {
    "AttentionPooling": "pooling",
    "LSTMNet": "lstm_net",
    "LayerRow": "summary",
    "SequenceLSTM": "sequence_lstm",
    "count_parameters": "summary",
}

__all__ = [
    "AttentionPooling",
    "LSTMNet",
    "LayerRow",
    "SequenceLSTM",
    "count_parameters",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
