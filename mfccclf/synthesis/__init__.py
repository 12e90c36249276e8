"""Make data sets: mixtures, cuttings, noise, rendered notes and spoken words."""
