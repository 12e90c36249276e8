"""Torch modules that the estimators are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mfccclf._lazy import lazy_names

if TYPE_CHECKING:
    from mfccclf.modules.augmentation import Augmentation
    from mfccclf.modules.conv_net import ConvNet
    from mfccclf.modules.lstm_net import LSTMNet
    from mfccclf.modules.pooling import AttentionPooling
    from mfccclf.modules.sequence_lstm import SequenceLSTM
    from mfccclf.modules.summary import LayerRow, count_parameters

_HOME = {
    "AttentionPooling": "pooling",
    "Augmentation": "augmentation",
    "ConvNet": "conv_net",
    "LSTMNet": "lstm_net",
    "LayerRow": "summary",
    "SequenceLSTM": "sequence_lstm",
    "count_parameters": "summary",
}

__all__ = [
    "AttentionPooling",
    "Augmentation",
    "ConvNet",
    "LSTMNet",
    "LayerRow",
    "SequenceLSTM",
    "count_parameters",
]

__getattr__, __dir__ = lazy_names(__name__, _HOME)
