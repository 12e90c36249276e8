"""Spoken words by speech programs, to learn from where recordings are few."""

from mfccclf.synthesis.speech.rendering import RenderedSpeech, render_speech

__all__ = ["RenderedSpeech", "render_speech"]
