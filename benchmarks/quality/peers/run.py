"""Run one peer on prepared clips, in whatever environment has its package.

    python benchmarks/quality/peers/run.py SYSTEM FOLDER

The folder holds what ``benchmarks.quality.handover`` wrote. Nothing of this project is
imported here, so that a peer's package may need whatever versions it likes. One line of
JSON per run goes to stdout as soon as it is known.
"""

from __future__ import annotations

import importlib
import json
import sys
import time
import warnings
from pathlib import Path

from clips import Clips, load_clips

# Module and class of each peer; a module imports its package, or fails.
PEERS = {
    "logistic": ("summaries", "Logistic"),
    "svm": ("summaries", "SupportVectors"),
    "forest": ("summaries", "Forest"),
    "pyaudioanalysis": ("short_term", "ShortTerm"),
    "minirocket": ("rocket", "MiniRocket"),
    "lstm-fcn": ("lstm_fcn", "LSTMFCN"),
    "hmm": ("sequential", "MarkovModels"),
    "dtw": ("sequential", "WarpedNeighbours"),
}
# Left by a peer whose package is missing.
EXIT_MISSING = 3


def main() -> int:
    """Train and test once per run that the folder asks for."""
    system, folder = sys.argv[1], Path(sys.argv[2])
    module, name = PEERS[system]
    try:
        kind = getattr(importlib.import_module(module), name)
    except ModuleNotFoundError as exc:
        print(exc, file=sys.stderr)
        return EXIT_MISSING
    clips = load_clips(folder)
    peer = kind(clips)
    for run in json.loads((folder / "runs.json").read_text()):
        print(json.dumps(run_once(peer, clips, run)), flush=True)
    return 0


def run_once(peer, clips: Clips, run: dict) -> dict:
    """Train on the rows of a run and test on others."""
    started = time.process_time()
    peer.fit(run["train"], run["seed"])
    seconds = time.process_time() - started
    predicted, scores = peer.predict(run["test"])
    result = {
        "seed": run["seed"],
        "fold": run["fold"],
        "training_s": seconds,
        "n_parameters": peer.count(),
        "predicted": predicted.tolist(),
    }
    if clips.multilabel:
        result["scores"] = scores.tolist()
    return result


if __name__ == "__main__":
    warnings.simplefilter("ignore")  # of packages older than those they stand on
    sys.exit(main())
