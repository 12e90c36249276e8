"""Options that training and testing of names share."""

from __future__ import annotations

import argparse
from pathlib import Path

from weights.recipes.options import make_parser

__all__ = ["SCORES", "make_names_parser"]

SCORES = Path(__file__).with_name("scores.json")


def make_names_parser(
    description: str | None, *, output: Path
) -> argparse.ArgumentParser:
    """Return a parser with what is made once and kept, and how much of it."""
    parser = make_parser(description, output=output)
    parser.add_argument(
        "--renderings", type=Path, help="file (.npz) to keep the rendered speech in"
    )
    parser.add_argument(
        "--others", type=Path, help="the same for words that are no names"
    )
    parser.add_argument(
        "--features", type=Path, help="the same for the features of varied clips"
    )
    parser.add_argument("--clips", type=int, default=800, help="per name")
    parser.add_argument("--epochs", type=int, default=12)
    return parser
