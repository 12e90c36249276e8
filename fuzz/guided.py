"""Change sound files as coverage suggests, with Atheris, and read them.

See ``fuzz/README.md``.
"""

from __future__ import annotations

import os
import sys
import tempfile
import warnings
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

try:
    import atheris
except ImportError:
    sys.exit("This needs Atheris. Install it: pip install atheris.")

with atheris.instrument_imports(include=["mfccclf.waveform"]):
    import mfccclf.waveform.containers.clip_stream
    import mfccclf.waveform.containers.foreign_coding
    import mfccclf.waveform.containers.libsndfile
    import mfccclf.waveform.containers.piped
    import mfccclf.waveform.containers.video
    import mfccclf.waveform.containers.wav
    import mfccclf.waveform.loading
    import mfccclf.waveform.streaming  # noqa: F401

from sound_corpus import header_corpus, other_corpus
from sound_files import WAYS, read

FOLDER = Path(tempfile.mkdtemp())
MUTANT = FOLDER / "mutant.wav"


def try_one(content: bytes) -> None:
    """Read a file in a way that its length chooses."""
    MUTANT.write_bytes(content)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", category=UserWarning)
        read(MUTANT, WAYS[len(content) % len(WAYS)])


def main() -> None:
    """Write the corpus into a folder, and hand over to libFuzzer."""
    corpus = FOLDER / "corpus"
    corpus.mkdir()
    seeds = [*header_corpus().values(), *other_corpus().values()]
    for number, content in enumerate(seeds):
        if len(content) < 20_000:
            (corpus / f"{number:03}").write_bytes(content)
    atheris.Setup([*sys.argv, str(corpus)], try_one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
