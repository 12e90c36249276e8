"""How the shipped models are made, each by a folder of its own."""
