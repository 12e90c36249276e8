"""Let ``python benchmarks/speed`` find this package, which is not installed."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[2]))

from benchmarks.speed.command import main

if __name__ == "__main__":
    sys.exit(main())
