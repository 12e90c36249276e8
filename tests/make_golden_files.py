"""Write the golden files of ``test_compatibility.py``, with the code as it is.

Run it only where a release changes on purpose what these files hold, and say so in the
changelog: OMP_NUM_THREADS=1 python tests/make_golden_files.py. One thread, because the
tests compute on one, and sums of more are rounded otherwise.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from golden_facts import (
    GOLDEN,
    MODELS,
    PIPELINES,
    describe_environment,
    describe_saved,
    list_options,
    predict_clips,
    resolve_presets,
)


def write(name: str, content: Any) -> None:
    text = json.dumps(content, indent=1, ensure_ascii=False)
    (GOLDEN / name).write_text(f"{text}\n", encoding="utf-8")


def main() -> None:
    GOLDEN.mkdir(exist_ok=True)
    models = {name: predict_clips(name) for name in MODELS}
    write("predictions.json", {"environment": describe_environment(), "models": models})
    write("presets.json", resolve_presets())
    write("options.json", list_options())
    with tempfile.TemporaryDirectory() as folder:
        saved = {name: describe_saved(name, Path(folder)) for name in PIPELINES}
    write("saved_models.json", saved)


if __name__ == "__main__":
    main()
