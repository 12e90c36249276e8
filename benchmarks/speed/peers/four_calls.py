"""librosa's 33 columns of a file, as most code with librosa computes them."""

from __future__ import annotations

from os import PathLike

import numpy as np
from numpy.typing import NDArray


def librosa_features(path: str | PathLike[str]) -> NDArray[np.float32]:
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
