"""
What MFCC and the 33 features look like
=======================================

The numbers that a net sees instead of sound: librosa's, computed by this package.
"""

# %%
# A bell and a bird.
import tempfile

from mfccclf import MFCCExtractor, make_example_clips
from mfccclf.plots import FeatureDisplay

clips = make_example_clips(tempfile.mkdtemp(), n_groups=1, n_clips=1)
bell, bird, *_ = clips.paths
clips

# %%
# The set ``features=33`` has four blocks: 13 MFCC (the shape of the spectrum), its
# centroid (where its middle is, in Hz), 12 chroma (the energy of each note's name) and
# 7 rows of contrast (how far peaks stand out in each octave, in dB). A bell holds its
# notes: the chroma hardly change.
extractor = MFCCExtractor(sample_rate=16000, features=33, n_frames=None)
FeatureDisplay.from_clip(bell, extractor)

# %%
# The whistle of a bird runs up and down: centroid and chroma show it.
FeatureDisplay.from_clip(bird, extractor)

# %%
# MFCC are a compressed form of the energy in mel bands. Convolutions prefer the bands
# themselves, which look like a spectrogram.
bands = MFCCExtractor(sample_rate=16000, features=["mel"], n_mels=64, n_frames=None)
FeatureDisplay.from_clip(bird, bands)

# %%
# What a pipeline passes on: an array of shape (n_clips, n_frames, n_features), with NaN
# in every frame past a clip's end.
X = extractor.fit_transform(clips.paths)
X.shape
