"""The recipe of weights/names.mfccclf and of the samples in audio/."""
