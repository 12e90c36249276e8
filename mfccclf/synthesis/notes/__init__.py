"""Single notes, played by SoundFonts."""

from mfccclf.synthesis.notes.rendering import RenderedNotes, render_notes

__all__ = ["RenderedNotes", "render_notes"]
