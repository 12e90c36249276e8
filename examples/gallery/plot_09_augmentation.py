"""
Augmentation, heard and seen
============================

A clip varied by pitch, formants, tempo, room, colour and noise is still that clip.
"""

# %%
# A voice, as it was recorded.
import tempfile

from IPython.display import Audio

from mfccclf import ClipVariation, load_waveform, make_example_clips

clips = make_example_clips(tempfile.mkdtemp(), n_groups=2, n_clips=1)
voice = load_waveform(clips.paths[clips.labels.index("voice")], sample_rate=16000)
Audio(voice, rate=16000)

# %%
# Three varied copies.
import numpy as np

from mfccclf.variation import vary_waveform

parameters = ClipVariation(n_variations=3, noise_snr_db=(15, 30)).parameters()
rng = np.random.default_rng(0)
copies = [vary_waveform(voice, 16000, parameters, rng) for _ in range(3)]
Audio(copies[0], rate=16000)

# %%
Audio(copies[1], rate=16000)

# %%
Audio(copies[2], rate=16000)

# %%
# Their mel bands: harmonics and formants move, the room smears, noise fills the gaps.
from matplotlib import pyplot as plt

from mfccclf import MFCCExtractor

bands = MFCCExtractor(sample_rate=16000, features=["mel"], n_mels=64, n_frames=None)
figure, panels = plt.subplots(
    1, 4, figsize=(10, 2.8), sharey=True, layout="constrained"
)
names = ["recorded", "copy 1", "copy 2", "copy 3"]
for axes, name, wave in zip(panels, names, [voice, *copies], strict=True):
    axes.imshow(bands.fit_transform([wave])[0].T, origin="lower", aspect="auto")
    axes.set(title=name, xlabel="Frame")
panels[0].set_ylabel("Mel band")

# %%
# A pipeline learns from the copies, and predicts clips as they are:
# ``make_pipeline("default", n_variations=3)``. There, a copy depends on its clip, its
# number and a seed alone, so it is the same in every fit, and cached.
