"""Read sound files as waveforms.

Nothing here imports more than NumPy at once: soundfile, soxr and PyAV are fetched when
a file needs them.
"""

from mfccclf.waveform.containers.source import AudioInfo, Waveform
from mfccclf.waveform.loading import load_waveform, read_info
from mfccclf.waveform.raw import RawFormat
from mfccclf.waveform.reading import Reading
from mfccclf.waveform.streaming import iter_blocks

__all__ = [
    "AudioInfo",
    "RawFormat",
    "Reading",
    "Waveform",
    "iter_blocks",
    "load_waveform",
    "read_info",
]
