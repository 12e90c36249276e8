"""Single notes, played by SoundFonts."""
