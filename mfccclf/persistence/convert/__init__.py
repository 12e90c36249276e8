"""Turn models of Keras and PyTorch into fitted pipelines."""
