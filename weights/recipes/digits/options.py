"""Options that training and testing of digits share."""

from __future__ import annotations

import argparse
from pathlib import Path

from weights.recipes.options import add_other_clips, make_parser

__all__ = ["SCORES", "make_digits_parser"]

SCORES = Path(__file__).with_name("scores.json")


def make_digits_parser(
    description: str | None, *, output: Path
) -> argparse.ArgumentParser:
    """Return a parser with the folders of clips."""
    parser = make_parser(description, output=output)
    parser.add_argument("digits", help="recordings of the Free Spoken Digit Dataset")
    add_other_clips(parser, "digit")
    parser.add_argument(
        "--work", type=Path, default=Path("build/digits"), help="for rendered speech"
    )
    return parser
