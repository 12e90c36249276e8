"""Run one peer on exported clips, in whatever environment has its package.

    python benchmarks/quality/peers/run.py SYSTEM FOLDER

``benchmarks.quality.export`` writes the folder. Nothing outside this package is
imported here, so that a peer's package may need whatever versions it likes. Prints the
result of each run as one line of JSON, as soon as it is known.
"""

from __future__ import annotations

import importlib
import json
import sys
import time
import warnings
from pathlib import Path
from typing import Any, Protocol

sys.path.append(str(Path(__file__).resolve().parents[3]))

from benchmarks.quality.peers.clips import Answers, Clips, Rows, load_clips

# Module and class of each peer; importing the module imports the peer's package.
PEERS = {
    "logistic": ("summaries", "Logistic"),
    "svm": ("summaries", "SupportVectors"),
    **{
        f"{net}-{name}": ("embedding", f"{net.title()}{kind}")
        for net in ("speech", "music", "both")
        for name, kind in (("logistic", "Logistic"), ("svm", "SupportVectors"))
    },
    "wake-word-net": ("wake_word", "WakeWordNet"),
    "forest": ("summaries", "Forest"),
    "pyaudioanalysis": ("short_term", "ShortTerm"),
    "minirocket": ("rocket", "MiniRocket"),
    "lstm-fcn": ("lstm_fcn", "LSTMFCN"),
    "hmm": ("sequential", "MarkovModels"),
    "dtw": ("sequential", "WarpedNeighbours"),
}
# Exit status if a peer's package is missing.
EXIT_MISSING = 3


class Peer(Protocol):
    """A recogniser of another package."""

    def fit(self, rows: Rows, seed: int) -> None:
        """Learn from rows."""

    def predict(self, rows: Rows) -> Answers:
        """Return decisions as 0 and 1, and scores in a multilabel task."""

    def count(self) -> int:
        """Count the numbers that were learned."""


def main() -> int:
    """Train and test once for each run that the folder lists."""
    system, folder = sys.argv[1], Path(sys.argv[2])
    module, name = PEERS[system]
    try:
        kind = getattr(
            importlib.import_module(f"benchmarks.quality.peers.{module}"), name
        )
    except ModuleNotFoundError as exc:
        print(exc, file=sys.stderr)
        return EXIT_MISSING
    clips = load_clips(folder)
    peer = kind(clips)
    for run in json.loads((folder / "runs.json").read_text()):
        print(json.dumps(run_once(peer, clips, run)), flush=True)
    return 0


def run_once(peer: Peer, clips: Clips, run: dict[str, Any]) -> dict[str, Any]:
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
    if clips.multilabel and scores is not None:
        result["scores"] = scores.tolist()
    return result


if __name__ == "__main__":
    warnings.simplefilter("ignore")  # old packages warn about newer ones below them
    sys.exit(main())
