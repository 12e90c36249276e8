"""Model files: save, load, export and convert."""
