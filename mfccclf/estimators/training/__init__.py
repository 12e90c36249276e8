"""How a net is trained, and how it is run."""
