"""
Pre-trained against scratch
===========================

Two nets that have heard thousands of hours ship with the package. What do they save?
"""

# %%
# One and the same test clips, and more and more clips to learn from.
import tempfile

import numpy as np

from mfccclf import make_example_clips

clips = make_example_clips(tempfile.mkdtemp(), n_groups=8, n_clips=1, random_state=3)
sources = np.array([int(group.split()[1]) for group in clips.groups])
test = sources > 4
labels = np.array(clips.labels)
clips

# %%
# The front ends: MFCC, which know nothing, and an embedding, which comes from a net
# that told speech apart before. Behind both stands the same classifier.
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from mfccclf import MFCCExtractor, SequenceStatistics, SpeechEmbedding

front_ends = {
    "MFCC": MFCCExtractor(sample_rate=16000, features=["mfcc"], n_frames=None),
    "pre-trained": SpeechEmbedding(),
}
counts = [1, 2, 3, 4]
accuracy = {name: [] for name in front_ends}
for name, front_end in front_ends.items():
    X = front_end.fit_transform(clips.paths)
    for count in counts:
        learn = sources <= count
        model = make_pipeline(
            SequenceStatistics(), StandardScaler(), LogisticRegression(max_iter=1000)
        ).fit(X[learn], labels[learn])
        accuracy[name].append(model.score(X[test], labels[test]))
accuracy

# %%
# With one clip of each label, what a net has heard before counts. These sounds are
# simple, so MFCC catch up soon; the words of unknown speakers are not, see
# :doc:`/quality`. ``make_pipeline("default")`` starts from such nets,
# ``make_pipeline("scratch")`` does not.
from matplotlib import pyplot as plt

figure, axes = plt.subplots(figsize=(6, 3), layout="constrained")
for name, values in accuracy.items():
    axes.plot(counts, values, "o-", label=name)
axes.set(xlabel="Clips of each label to learn from", ylabel="Accuracy", ylim=(0, 1.05))
axes.set_xticks(counts)
axes.legend()
