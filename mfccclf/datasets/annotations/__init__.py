"""Annotations: labelled parts of recordings, as many programs write them in tables."""
