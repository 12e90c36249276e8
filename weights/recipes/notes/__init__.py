"""The recipe of weights/notes.mfccclf."""
