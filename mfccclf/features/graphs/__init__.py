"""Front ends as parts of an ONNX graph: a waveform in, a sequence of features out.

What is common to them stands here; what a block or a step of the extraction adds to a
graph stands beside what it computes with NumPy. Nothing here imports onnx, so that
prediction stays free of it.
"""
