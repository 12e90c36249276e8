"""Readers of each kind of sound file, chosen by content, not by name."""
