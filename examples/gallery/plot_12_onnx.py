"""
A model in plain ONNX Runtime
=============================

From samples to scores without this package: one graph for any program.
"""

# %%
# A small recogniser.
import tempfile

from sklearn.pipeline import make_pipeline

from mfccclf import (
    LSTMClassifier,
    MFCCExtractor,
    SequenceStandardScaler,
    export_onnx,
    make_example_clips,
)

folder = tempfile.mkdtemp()
clips = make_example_clips(f"{folder}/clips", n_groups=4, n_clips=2)
model = make_pipeline(
    MFCCExtractor(sample_rate=16000, features=["mfcc"], n_frames=None),
    SequenceStandardScaler(),
    LSTMClassifier(hidden_sizes=(16,), lr=0.01, max_epochs=15, random_state=0),
).fit(clips.paths, clips.labels)
export_onnx(model, f"{folder}/sounds.onnx", inputs="samples").stat().st_size

# %%
# From here on, nothing is of this package. The graph holds frames, mel bands, MFCC,
# scaling and the net; its metadata say the rest.
import json

import onnxruntime
import soundfile

session = onnxruntime.InferenceSession(f"{folder}/sounds.onnx")
facts = session.get_modelmeta().custom_metadata_map
classes = json.loads(facts["classes"])
classes, json.loads(facts["sample_rate"])

# %%
samples, rate = soundfile.read(clips.paths[0], dtype="float32")
(scores,) = session.run(["scores"], {"waveform": samples})
{name: f"{score:.3f}" for name, score in zip(classes, scores[0], strict=True)}

# %%
# What was heard.
from IPython.display import Audio

Audio(samples, rate=rate)

# %%
# Graph and pipeline give the same numbers, to rounding.
import numpy as np
from matplotlib import pyplot as plt

expected = model.predict_proba(clips.paths)
found = np.concatenate(
    [
        session.run(["scores"], {"waveform": soundfile.read(path, dtype="float32")[0]})[
            0
        ]
        for path in clips.paths
    ]
)
figure, axes = plt.subplots(figsize=(4, 4), layout="constrained")
axes.plot(expected.ravel(), found.ravel(), ".")
axes.set(xlabel="Score of the pipeline", ylabel="Score of the graph")
print(f"greatest difference: {np.abs(expected - found).max():.1e}")
