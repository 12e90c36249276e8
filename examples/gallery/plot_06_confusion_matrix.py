"""
Reading a confusion matrix
==========================

Which labels are mistaken for which, and what do the mistakes sound like?
"""

# %%
# Every clip is predicted by a model that was trained without its source. The net is
# small on purpose, so that there are mistakes to look at.
import tempfile

from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.pipeline import make_pipeline

from mfccclf import (
    LSTMClassifier,
    MFCCExtractor,
    SequenceStandardScaler,
    make_example_clips,
)

clips = make_example_clips(tempfile.mkdtemp(), n_groups=4, n_clips=4, random_state=2)
extractor = MFCCExtractor(sample_rate=16000, features=["mfcc"], n_frames=None)
X = extractor.fit_transform(clips.paths)
net = LSTMClassifier(
    hidden_sizes=(6,), lr=0.01, max_epochs=15, batch_size=16, random_state=1
)
model = make_pipeline(SequenceStandardScaler(), net)
scores = cross_val_predict(
    model,
    X,
    clips.labels,
    groups=clips.groups,
    cv=GroupKFold(4),
    method="predict_proba",
)

# %%
# Rows are what the clips are, columns what the model said. The diagonal is right. A
# full column tells of a label that is said too often; two cells that mirror each other,
# of two labels that sound alike.
from mfccclf import evaluate
from mfccclf.plots import plot_confusion

result = evaluate(clips.labels, scores, clips.classes)
figure = plot_confusion(result["confusion"], clips.classes)
figure.axes[0].get_title()

# %%
# The picture of this package, which is that of reports, and scikit-learn's display show
# the same.
from sklearn.metrics import ConfusionMatrixDisplay

said = [clips.classes[column] for column in scores.argmax(axis=1)]
ConfusionMatrixDisplay.from_predictions(clips.labels, said, cmap="Blues")

# %%
# Listen to the mistake that the model was surest of.
import numpy as np
from IPython.display import HTML

from mfccclf.display import play_clip

truth = np.array([clips.classes.index(label) for label in clips.labels])
wrong = scores.argmax(axis=1) != truth
worst = int(np.where(wrong, scores.max(axis=1), 0).argmax())
HTML(
    f"<p>a {clips.labels[worst]}, taken for a {said[worst]} "
    f"({scores[worst].max():.2f})</p>{play_clip(clips.paths[worst])}"
)
