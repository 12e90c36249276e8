"""
Cross-validation by speaker
===========================

Clips of one speaker are alike. A test that lets a model know the speaker flatters it.
"""

# %%
# Each clip has a group: the bell, bird, drum or singer that it comes from.
import tempfile

from mfccclf import (
    LSTMClassifier,
    MFCCExtractor,
    SequenceStandardScaler,
    make_example_clips,
)

clips = make_example_clips(tempfile.mkdtemp(), n_groups=5, n_clips=3, random_state=4)
clips.to_frame()[["label", "group"]].value_counts().head()

# %%
# Two voices that are one label, and two clips of one voice.
from IPython.display import Audio

from mfccclf import load_waveform

voice = [row for row, label in enumerate(clips.labels) if label == "voice"]
Audio(load_waveform(clips.paths[voice[0]], sample_rate=16000), rate=16000)

# %%
Audio(load_waveform(clips.paths[voice[3]], sample_rate=16000), rate=16000)

# %%
# The same net, scored in two ways: by folds that share sources, and by folds that keep
# each source on one side.
import numpy as np
from sklearn.model_selection import GroupKFold, StratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline

extractor = MFCCExtractor(sample_rate=16000, features=["mfcc"], n_frames=None)
X = extractor.fit_transform(clips.paths)
net = LSTMClassifier(
    hidden_sizes=(8,), max_epochs=12, lr=0.01, batch_size=8, random_state=0
)
model = make_pipeline(SequenceStandardScaler(), net)
scores = {
    "sources shared": cross_val_score(
        model, X, clips.labels, cv=StratifiedKFold(5, shuffle=True, random_state=0)
    ),
    "sources kept apart": cross_val_score(
        model, X, clips.labels, groups=clips.groups, cv=GroupKFold(5)
    ),
}
{name: round(float(np.mean(values)), 3) for name, values in scores.items()}

# %%
# The folds differ more when each is a source of its own: some are like the others, some
# are not. That spread is what a new speaker will meet.
from matplotlib import pyplot as plt

figure, axes = plt.subplots(figsize=(8, 2.5), layout="constrained")
for height, values in enumerate(scores.values()):
    axes.plot(values, [height] * len(values), "o", alpha=0.6, markersize=10)
    axes.plot(np.mean(values), height, "|", color="black", markersize=24)
axes.set(xlabel="Accuracy of each fold; the line is the mean", xlim=(0, 1.05))
axes.set_yticks(range(len(scores)), scores)
axes.set_ylim(-0.5, 1.5)
axes.grid(axis="x", alpha=0.3)
