"""Measure mfccclf: how fast it is, how well it recognises, how much memory it takes."""
