"""Predict from a model file without torch or scikit-learn."""
