"""Compare recognisers on equal folds: ours, published ones, and other packages.

``python benchmarks/quality --help`` says how to use it.
"""
