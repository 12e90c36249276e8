"""Scikit-learn classifiers of sequences."""
