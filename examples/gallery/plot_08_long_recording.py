"""
A long recording as a time line
===============================

When does what sound? A model of clips labels a recording window by window.
"""

# %%
# A model that knows four sounds.
import tempfile
from pathlib import Path

import numpy as np
import soundfile

from mfccclf import load_waveform, make_example_clips, make_pipeline, save_model

folder = Path(tempfile.mkdtemp())
clips = make_example_clips(folder / "clips", n_groups=5, n_clips=2)
model = make_pipeline("default", random_state=0).fit(clips.paths, clips.labels)
path = save_model(model, folder / "sounds.mfccclf")

# %%
# Half a minute of sounds and pauses, of sources that the model does not know.
rng = np.random.default_rng(0)
others = make_example_clips(folder / "others", n_groups=2, n_clips=3, random_state=9)
pieces = []
for row in rng.permutation(len(others))[:20]:
    pieces.append(load_waveform(others.paths[row], sample_rate=16000))
    pieces.append(np.zeros(rng.integers(16000), np.float32))
soundfile.write(folder / "morning.wav", np.concatenate(pieces), 16000)

# %%
# Windows of 0.7 seconds, each 0.35 seconds after the last. Windows without sound get no
# label. The recording may be hours long, or have no end at all.
from mfccclf.plots import TimelineDisplay

display = TimelineDisplay.from_recording(
    path, folder / "morning.wav", window=0.7, hop=0.35
)

# %%
# The same as a table; ``predict --window 0.7 --format audacity`` writes labels that
# Audacity shows below the recording.
import pandas as pd

rows = [(w.start_s, w.end_s, w.label) for w in display.windows if w.label]
pd.DataFrame(rows, columns=["start_s", "end_s", "label"]).head()

# %%
# One window.
next(window for window in display.windows if window.label)
