"""
Familiarity: knowing what it does not know
==========================================

A classifier names everything. Familiarity tells which clips are none of its labels.
"""

# %%
# Bells, birds and drums are learned; voices are not.
import tempfile

from mfccclf import make_example_clips

clips = make_example_clips(tempfile.mkdtemp(), n_groups=8, n_clips=2)
is_voice = [label == "voice" for label in clips.labels]
known = clips.take([row for row, voice in enumerate(is_voice) if not voice])
voices = clips.take([row for row, voice in enumerate(is_voice) if voice])
voices

# %%
# The net sets clips aside, and measures familiarity against them: the share of known
# clips that are no more familiar. Voices should be far below.
from sklearn.pipeline import make_pipeline

from mfccclf import LSTMClassifier, MFCCExtractor, SequenceStandardScaler

net = LSTMClassifier(
    hidden_sizes=(16,),
    lr=0.005,
    max_epochs=20,
    early_stopping=True,
    validation_fraction=0.4,
    random_state=0,
)
extractor = MFCCExtractor(sample_rate=16000, features=["mfcc"], n_frames=None)
model = make_pipeline(extractor, SequenceStandardScaler(), net)
model.fit(known.paths, known.labels)
others = make_example_clips(tempfile.mkdtemp(), n_groups=6, n_clips=2, random_state=5)
rows = [row for row, label in enumerate(others.labels) if label != "voice"]
new = others.take(rows)
familiarity = {
    "new clips of known kinds": model.score_samples(new.paths),
    "voices": model.score_samples(voices.paths),
}

# %%
# The limit is a choice: at 0.05, about one in twenty clips of known kinds gets no
# label. New sources are less familiar than known ones, so rather more of them. Below,
# the share of clips under the limit.
import numpy as np
from matplotlib import pyplot as plt

figure, axes = plt.subplots(figsize=(8, 2.4), layout="constrained")
axes.set_yticks(range(len(familiarity)), familiarity)
for height, values in enumerate(familiarity.values()):
    shown = np.maximum(values, 1e-6)
    axes.plot(shown, np.full(len(values), height), "|", markersize=22, alpha=0.7)
axes.axvline(0.05, color="black", linestyle=":")
axes.set(xscale="log", xlabel="Familiarity", ylim=(-0.5, 1.5))
{name: float((values < 0.05).mean()) for name, values in familiarity.items()}

# %%
# With a limit, a model says nothing rather than guess.
from mfccclf import Predictor, save_model

path = f"{tempfile.mkdtemp()}/sure.mfccclf"
save_model(model, path)
Predictor(path, min_familiarity=0.05).predict_file(voices.paths[0])
