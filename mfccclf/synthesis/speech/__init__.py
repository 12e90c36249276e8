"""Spoken words by speech programs, to learn from where recordings are few."""

from mfccclf.synthesis.speech.espeak import espeak_command
from mfccclf.synthesis.speech.festival import look_up
from mfccclf.synthesis.speech.programs import (
    INSTALL,
    PROGRAMS,
    find_programs,
    render_words,
)
from mfccclf.synthesis.speech.rendering import RenderedSpeech, render_speech
from mfccclf.synthesis.speech.spoken_words import (
    SPEECH_RATE,
    Rendering,
    Words,
    read_trimmed,
    speaker_of,
)

__all__ = [
    "INSTALL",
    "PROGRAMS",
    "SPEECH_RATE",
    "RenderedSpeech",
    "Rendering",
    "Words",
    "espeak_command",
    "find_programs",
    "look_up",
    "read_trimmed",
    "render_speech",
    "render_words",
    "speaker_of",
]
