"""The recipe of weights/digits.mfccclf."""
