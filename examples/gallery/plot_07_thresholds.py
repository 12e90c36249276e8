"""
Thresholds for several labels
=============================

If a clip may have any number of labels, each label needs a threshold of its own.
"""

# %%
# Mixtures of one or two sounds. A mixture has the labels of its parts.
import tempfile

from mfccclf import load_dataset, make_example_clips
from mfccclf.synthesis import mix_clips

folder = tempfile.mkdtemp()
solos = make_example_clips(f"{folder}/solos", n_groups=9, n_clips=1)
mixed = mix_clips(
    solos,
    f"{folder}/mixed",
    voices=(1, 2),
    n_mixtures=240,
    n_groups=3,
    sample_rate=16000,
)
clips = load_dataset(mixed.table)
clips

# %%
# Mixtures of one part learn, those of the second choose the thresholds, and those of
# the third test.
import numpy as np
from sklearn.preprocessing import MultiLabelBinarizer

from mfccclf import LSTMClassifier, MFCCExtractor, SequenceStandardScaler

extractor = MFCCExtractor(sample_rate=16000, features=["mfcc"], n_frames=None)
X = extractor.fit_transform(clips.paths)
Y = MultiLabelBinarizer(classes=clips.classes).fit_transform(clips.label_sets)
groups = np.unique(clips.groups, return_inverse=True)[1]
learn, choose, test = (groups == number for number in range(3))

scaler = SequenceStandardScaler().fit(X[learn])
net = LSTMClassifier(
    hidden_sizes=(24,), pooling="mean", lr=0.005, max_epochs=20, random_state=0
)
_ = net.fit(scaler.transform(X[learn]), Y[learn])

# %%
# A low threshold finds every bird, and some that are none; a high one misses birds.
# ``tune_thresholds`` takes the best F1 on clips that did not learn.
from matplotlib import pyplot as plt
from sklearn.metrics import precision_recall_curve

scores = net.predict_proba(scaler.transform(X[choose]))
net.tune_thresholds(scaler.transform(X[choose]), Y[choose])
figure, panels = plt.subplots(
    1, 4, figsize=(10, 2.6), sharey=True, layout="constrained"
)
for column, axes in enumerate(panels):
    precision, recall, at = precision_recall_curve(Y[choose, column], scores[:, column])
    axes.plot(at, precision[:-1], label="precision")
    axes.plot(at, recall[:-1], label="recall")
    axes.axvline(net.thresholds_[column], color="black", linestyle=":")
    axes.set(title=clips.classes[column], xlabel="Threshold", xlim=(0, 1))
panels[0].legend()

# %%
# What it changes on mixtures that neither learned nor chose, as macro F1. With so few
# clips, the gain is small, and another draw of them could make it a loss.
from sklearn.metrics import f1_score

scores = net.predict_proba(scaler.transform(X[test]))
{
    "0.5 for every label": round(f1_score(Y[test], scores >= 0.5, average="macro"), 3),
    "own thresholds": round(
        f1_score(Y[test], net.predict(scaler.transform(X[test])), average="macro"), 3
    ),
}
