"""Classify short audio clips: librosa's features, LSTM nets, scikit-learn's manners.

Importing this package is cheap: each public name is fetched from its module when it is
first used, so that prediction never pays for torch, scikit-learn or librosa.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mfccclf._lazy import lazy_names

if TYPE_CHECKING:
    from mfccclf._memory import keep_freed_memory
    from mfccclf.caching import FeatureCache
    from mfccclf.datasets import Dataset, load_dataset
    from mfccclf.errors import (
        AudioFileError,
        AudioFileWarning,
        CacheWarning,
        DatasetError,
        MfccclfError,
        MissingExtraError,
        ModelFileError,
    )
    from mfccclf.estimators import CNNClassifier, LSTMClassifier
    from mfccclf.evaluation import evaluate
    from mfccclf.features import (
        FeatureParameters,
        MFCCExtractor,
        PooledWaveformFrames,
        WaveformFrames,
        extract_sequence,
    )
    from mfccclf.persistence import export_onnx, load_model, save_model
    from mfccclf.pipelines import make_pipeline
    from mfccclf.prediction import Prediction, Predictor
    from mfccclf.preprocessing import SequenceStandardScaler
    from mfccclf.sequences import pad_sequences, sequence_lengths
    from mfccclf.stratification import IterativeStratifiedKFold
    from mfccclf.waveform import AudioInfo, load_waveform, read_info

__version__ = "0.1.0"

_HOME = {
    "AudioFileError": "errors",
    "AudioFileWarning": "errors",
    "AudioInfo": "waveform",
    "CNNClassifier": "estimators",
    "CacheWarning": "errors",
    "Dataset": "datasets",
    "DatasetError": "errors",
    "FeatureCache": "caching",
    "FeatureParameters": "features",
    "IterativeStratifiedKFold": "stratification",
    "LSTMClassifier": "estimators",
    "MFCCExtractor": "features",
    "MfccclfError": "errors",
    "MissingExtraError": "errors",
    "ModelFileError": "errors",
    "PooledWaveformFrames": "features",
    "Prediction": "prediction",
    "Predictor": "prediction",
    "SequenceStandardScaler": "preprocessing",
    "WaveformFrames": "features",
    "evaluate": "evaluation",
    "export_onnx": "persistence",
    "extract_sequence": "features",
    "keep_freed_memory": "_memory",
    "load_dataset": "datasets",
    "load_model": "persistence",
    "load_waveform": "waveform",
    "make_pipeline": "pipelines",
    "pad_sequences": "sequences",
    "read_info": "waveform",
    "save_model": "persistence",
    "sequence_lengths": "sequences",
}

__all__ = [
    "AudioFileError",
    "AudioFileWarning",
    "AudioInfo",
    "CNNClassifier",
    "CacheWarning",
    "Dataset",
    "DatasetError",
    "FeatureCache",
    "FeatureParameters",
    "IterativeStratifiedKFold",
    "LSTMClassifier",
    "MFCCExtractor",
    "MfccclfError",
    "MissingExtraError",
    "ModelFileError",
    "PooledWaveformFrames",
    "Prediction",
    "Predictor",
    "SequenceStandardScaler",
    "WaveformFrames",
    "__version__",
    "evaluate",
    "export_onnx",
    "extract_sequence",
    "keep_freed_memory",
    "load_dataset",
    "load_model",
    "load_waveform",
    "make_pipeline",
    "pad_sequences",
    "read_info",
    "save_model",
    "sequence_lengths",
]

__getattr__, __dir__ = lazy_names(__name__, _HOME)
