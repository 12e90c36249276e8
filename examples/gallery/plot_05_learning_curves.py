"""
Learning curves
===============

Two kinds of curve: a net over its epochs, and a model over the number of clips.
"""

# %%
import tempfile

from mfccclf import (
    LSTMClassifier,
    MFCCExtractor,
    SequenceStandardScaler,
    make_example_clips,
)

clips = make_example_clips(tempfile.mkdtemp(), n_groups=6, n_clips=2)
extractor = MFCCExtractor(sample_rate=16000, features=["mfcc"], n_frames=None)
X = extractor.fit_transform(clips.paths)
clips

# %%
# With early stopping, a part of the clips is set aside. The training ends when their
# loss no longer falls, and the weights of the best epoch are kept.
from sklearn.pipeline import make_pipeline

from mfccclf.plots import LearningCurveDisplay

net = LSTMClassifier(
    hidden_sizes=(16,),
    lr=0.01,
    max_epochs=40,
    batch_size=16,
    early_stopping=True,
    validation_fraction=0.25,
    patience=6,
    random_state=0,
)
model = make_pipeline(SequenceStandardScaler(), net).fit(X, clips.labels)
LearningCurveDisplay.from_estimator(model)

# %%
# Would more recordings help? scikit-learn's own learning curve trains on more and more
# clips. If the score on unknown sources still rises at the end, record more of them.
import sklearn.model_selection as ms

model.set_params(lstmclassifier__early_stopping=False, lstmclassifier__max_epochs=10)
ms.LearningCurveDisplay.from_estimator(
    model,
    X,
    clips.labels,
    groups=clips.groups,
    cv=ms.GroupKFold(3),
    train_sizes=[0.4, 0.7, 1.0],
    shuffle=True,
    random_state=0,
    score_name="Accuracy",
)
