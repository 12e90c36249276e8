"""Sample clips that ship with the package."""
