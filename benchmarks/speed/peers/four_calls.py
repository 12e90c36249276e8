"""librosa's 33 columns of a file, as most code with librosa makes them."""

import numpy as np


def librosa_features(path):
    """Return 13 MFCC, centroid, 12 chroma and 7 contrasts of the first 128 frames."""
    import librosa

    y, rate = librosa.load(path)
    blocks = [
        librosa.feature.mfcc(y=y, sr=rate, n_mfcc=13),
        librosa.feature.spectral_centroid(y=y, sr=rate),
        librosa.feature.chroma_stft(y=y, sr=rate),
        librosa.feature.spectral_contrast(y=y, sr=rate),
    ]
    return np.concatenate(blocks).T[:128].astype(np.float32)
