"""Let ``python benchmarks/quality`` find this package, which is not installed."""

import os
import sys
import warnings
from pathlib import Path

# Before NumPy is loaded: each run computes on one thread.
os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"
sys.path.append(str(Path(__file__).resolve().parents[2]))

from benchmarks.quality.command import main

if __name__ == "__main__":
    # Small folds may lack a class, and published presets have no validation clips.
    warnings.filterwarnings("ignore")
    main()
