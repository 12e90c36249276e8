"""Turn waveforms into feature sequences."""
