"""How a classifier's net is trained."""
