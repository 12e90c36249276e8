"""Predictions written as text, JSON, CSV, and as other programs read labels."""

from mfccclf.prediction.formats.making import FORMATS, make_writer
from mfccclf.prediction.formats.writer import Writer

__all__ = ["FORMATS", "Writer", "make_writer"]
