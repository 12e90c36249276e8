"""Read sound files as waveforms."""
