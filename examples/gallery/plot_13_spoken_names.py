"""
The shipped models
==================

Four models come with the package. One of them knows five names.
"""

# %%
from mfccclf.prediction import shipped_models

sorted(shipped_models())

# %%
# A sample clip that ships, too: a synthetic voice.
from importlib.resources import files

from mfccclf import Predictor

clip = files("mfccclf.audio") / "James.01.au"
Predictor("names").predict_file(str(clip))

# %%
# What it is told by.
from mfccclf.plots import FeatureDisplay

FeatureDisplay.from_clip(str(clip))
