"""How familiar a clip is, and how sure a classifier is of its labels."""
