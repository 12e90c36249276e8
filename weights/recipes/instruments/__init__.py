"""The recipe of weights/instruments.mfccclf."""
