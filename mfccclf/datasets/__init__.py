"""Find clips, labels, groups and splits on disk."""
