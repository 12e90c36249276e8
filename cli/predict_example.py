"""Recognise your own sound file: ``python -m mfccclf.cli.predict_example FILE``.

Also runs by its path. Without a file, it uses a sample that ships with the package.
The five lines of Python that matter are in `main`.
"""

from __future__ import annotations

import sys
from importlib.resources import as_file, files

from mfccclf import MfccclfError, Prediction, Predictor
from mfccclf._inert import printable

SAMPLE = "James.01.au"


def main(arguments: list[str]) -> int:
    """Predict one file and print what the model says of it."""
    with as_file(files("mfccclf.audio") / SAMPLE) as sample:
        path = arguments[0] if arguments else str(sample)
        try:
            predictor = Predictor("names")
            prediction = predictor.predict_file(path)
        except MfccclfError as error:
            print(f"Error: {printable(error)}", file=sys.stderr)  # noqa: T201
            return 1
    show(prediction)
    return 0


def show(prediction: Prediction) -> None:
    """Print the score of each category, the categories and the winner."""
    for label, score in prediction.scores.items():
        print(f"{printable(label):>12}  {score:.4f}")  # noqa: T201
    print("categories:", ", ".join(map(printable, prediction.scores)))  # noqa: T201
    winner = "none, not sure" if prediction.is_unsure else prediction.label
    print("winner:", printable(winner))  # noqa: T201


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
