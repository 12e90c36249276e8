"""Other packages' recognisers, each run in whatever environment has its package."""
