"""Build the ONNX graph of a fitted pipeline."""
