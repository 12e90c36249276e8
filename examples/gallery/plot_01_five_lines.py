"""
A recogniser in five lines
==========================

From labelled clips to a model that names sounds it has never heard.
"""

# %%
# Somebody has labelled some clips. Here the package makes them: bells, birds, drums and
# voices, each from five sources. In a notebook, a data set shows what it holds.
import tempfile

from mfccclf import make_example_clips

clips = make_example_clips(tempfile.mkdtemp())
clips

# %%
# The clips of the last source are kept for testing.
known = [row for row, group in enumerate(clips.groups) if group != "source 5"]
unknown = [row for row, group in enumerate(clips.groups) if group == "source 5"]
train, test = clips.take(known), clips.take(unknown)

# %%
# The five lines, two of which are imports. A preset is a pipeline of scikit-learn with
# settings that suit many sounds; "default" starts from nets that have heard thousands
# of hours.
from mfccclf import make_pipeline, save_model

model = make_pipeline("default", random_state=0)
model.fit(train.paths, train.labels)
path = save_model(model, f"{train.root}/first.mfccclf")

# %%
# How does it do on the source that it does not know?
from sklearn.metrics import ConfusionMatrixDisplay

ConfusionMatrixDisplay.from_estimator(model, test.paths, test.labels, cmap="Blues")

# %%
# A saved model needs neither torch nor scikit-learn, and opening it runs no code. A
# prediction shows its scores and the clip.
from mfccclf import Predictor

Predictor(path).predict_file(test.paths[0])
