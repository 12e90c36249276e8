"""NSynth's TFRecord files, read without TensorFlow."""

from mfccclf.synthesis.tfrecord.unpacking import UnpackedNotes, unpack_notes

__all__ = ["UnpackedNotes", "unpack_notes"]
