from .extraction import extract_file as extract_file
from .extraction import extract_sequence as extract_sequence
from .extractor import MFCCExtractor as MFCCExtractor
from .frames import FrameParameters as FrameParameters
from .parameters import FEATURES_VERSION as FEATURES_VERSION
from .parameters import FeatureParameters as FeatureParameters
from .waveform_frames import PooledWaveformFrames as PooledWaveformFrames
from .waveform_frames import WaveformFrames as WaveformFrames
