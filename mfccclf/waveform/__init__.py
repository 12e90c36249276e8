"""Read sound files as waveforms.

Importing this package imports no more than NumPy: soundfile, soxr and PyAV are imported
when a file needs them.
"""

from mfccclf.waveform.containers.opening import open_source
from mfccclf.waveform.containers.source import AudioInfo, AudioSource, Waveform
from mfccclf.waveform.loading import load_waveform, read_info
from mfccclf.waveform.raw import RawFormat
from mfccclf.waveform.reading import Reading, SoundLimits
from mfccclf.waveform.streaming import iter_blocks

__all__ = [
    "AudioInfo",
    "AudioSource",
    "RawFormat",
    "Reading",
    "SoundLimits",
    "Waveform",
    "iter_blocks",
    "load_waveform",
    "open_source",
    "read_info",
]
