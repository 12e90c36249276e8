"""Build the ONNX graph of a fitted pipeline; `graph` puts its parts together."""
