"""Features of waveforms: librosa's numbers, computed by numpy alone.

The scikit-learn transformer is fetched only when it is used, so that the functions
beneath it cost no more than numpy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mfccclf._lazy import lazy_names

if TYPE_CHECKING:
    from mfccclf.features.extraction import extract_file, extract_sequence
    from mfccclf.features.extractor import MFCCExtractor
    from mfccclf.features.frames import FrameParameters
    from mfccclf.features.parameters import FEATURES_VERSION, FeatureParameters
    from mfccclf.features.waveform_frames import PooledWaveformFrames, WaveformFrames

_HOME = {
    "FEATURES_VERSION": "parameters",
    "FeatureParameters": "parameters",
    "FrameParameters": "frames",
    "MFCCExtractor": "extractor",
    "PooledWaveformFrames": "waveform_frames",
    "WaveformFrames": "waveform_frames",
    "extract_file": "extraction",
    "extract_sequence": "extraction",
}

__all__ = [
    "FEATURES_VERSION",
    "FeatureParameters",
    "FrameParameters",
    "MFCCExtractor",
    "PooledWaveformFrames",
    "WaveformFrames",
    "extract_file",
    "extract_sequence",
]

__getattr__, __dir__ = lazy_names(__name__, _HOME)
