"""Instruments of General MIDI, with their families and sources as NSynth names them.

References
----------
.. [1] MIDI Manufacturers Association, "General MIDI System, Level 1", 1991.
.. [2] J. Engel and others, "Neural Audio Synthesis of Musical Notes with WaveNet
   Autoencoders", ICML, 2017.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["FAMILIES", "GENERAL_MIDI", "SOURCES", "Instrument"]

# In the order of NSynth's numbers.
FAMILIES = (
    "bass",
    "brass",
    "flute",
    "guitar",
    "keyboard",
    "mallet",
    "organ",
    "reed",
    "string",
    "synth_lead",
    "vocal",
)
SOURCES = ("acoustic", "electronic", "synthetic")


@dataclass(frozen=True)
class Instrument:
    """An instrument that a program of General MIDI stands for.

    Attributes
    ----------
    program : int
        Number of the program, from 0.
    family, source : str
        One of ``FAMILIES`` and one of ``SOURCES``.
    lowest, highest : int
        Range of MIDI pitches that it plays naturally.
    """

    program: int
    family: str
    source: str
    lowest: int
    highest: int


# Left out: ensembles with an attack of their own, effects, pads, percussion, and what
# belongs to no family of NSynth or to several: accordions, harp-like zithers, pipes.
_A, _E, _S = SOURCES
_TABLE: tuple[tuple[int, str, str, int, int], ...] = (
    (0, "keyboard", _A, 21, 108),  # grand piano
    (1, "keyboard", _A, 21, 108),  # bright piano
    (2, "keyboard", _E, 21, 108),  # electric grand
    (3, "keyboard", _A, 21, 108),  # honky-tonk piano
    (4, "keyboard", _E, 28, 103),  # electric piano 1
    (5, "keyboard", _E, 28, 103),  # electric piano 2
    (6, "keyboard", _A, 29, 89),  # harpsichord
    (7, "keyboard", _E, 36, 96),  # clavinet
    (8, "mallet", _A, 60, 108),  # celesta
    (9, "mallet", _A, 72, 108),  # glockenspiel
    (10, "mallet", _A, 60, 96),  # music box
    (11, "mallet", _A, 53, 89),  # vibraphone
    (12, "mallet", _A, 45, 96),  # marimba
    (13, "mallet", _A, 65, 108),  # xylophone
    (14, "mallet", _A, 60, 79),  # tubular bells
    (15, "mallet", _A, 55, 88),  # dulcimer
    (16, "organ", _E, 36, 96),  # drawbar organ
    (17, "organ", _E, 36, 96),  # percussive organ
    (18, "organ", _E, 36, 96),  # rock organ
    (19, "organ", _A, 24, 108),  # church organ
    (20, "organ", _A, 36, 96),  # reed organ
    (24, "guitar", _A, 40, 84),  # nylon strings
    (25, "guitar", _A, 40, 84),  # steel strings
    (26, "guitar", _E, 40, 86),  # jazz guitar
    (27, "guitar", _E, 40, 86),  # clean electric guitar
    (28, "guitar", _E, 40, 86),  # muted electric guitar
    (29, "guitar", _E, 40, 86),  # overdriven guitar
    (30, "guitar", _E, 40, 86),  # distorted guitar
    (32, "bass", _A, 24, 60),  # upright bass
    (33, "bass", _E, 24, 67),  # fingered bass
    (34, "bass", _E, 24, 67),  # picked bass
    (35, "bass", _E, 24, 67),  # fretless bass
    (36, "bass", _E, 24, 67),  # slap bass 1
    (37, "bass", _E, 24, 67),  # slap bass 2
    (38, "bass", _S, 24, 84),  # synth bass 1
    (39, "bass", _S, 24, 84),  # synth bass 2
    (40, "string", _A, 55, 96),  # violin
    (41, "string", _A, 48, 88),  # viola
    (42, "string", _A, 36, 81),  # cello
    (43, "string", _A, 24, 67),  # double bass
    (44, "string", _A, 28, 96),  # tremolo
    (45, "string", _A, 28, 96),  # pizzicato
    (46, "string", _A, 24, 103),  # harp
    (48, "string", _A, 28, 96),  # ensemble 1
    (49, "string", _A, 28, 96),  # ensemble 2
    (50, "string", _S, 36, 96),  # synth strings 1
    (51, "string", _S, 36, 96),  # synth strings 2
    (52, "vocal", _A, 43, 84),  # choir
    (53, "vocal", _A, 43, 84),  # voice
    (54, "vocal", _S, 43, 84),  # synth voice
    (56, "brass", _A, 52, 86),  # trumpet
    (57, "brass", _A, 34, 75),  # trombone
    (58, "brass", _A, 26, 60),  # tuba
    (59, "brass", _A, 52, 86),  # muted trumpet
    (60, "brass", _A, 34, 77),  # French horn
    (61, "brass", _A, 36, 86),  # section
    (62, "brass", _S, 36, 86),  # synth brass 1
    (63, "brass", _S, 36, 86),  # synth brass 2
    (64, "reed", _A, 54, 87),  # soprano saxophone
    (65, "reed", _A, 49, 80),  # alto saxophone
    (66, "reed", _A, 42, 75),  # tenor saxophone
    (67, "reed", _A, 37, 69),  # baritone saxophone
    (68, "reed", _A, 58, 91),  # oboe
    (69, "reed", _A, 52, 81),  # English horn
    (70, "reed", _A, 34, 74),  # bassoon
    (71, "reed", _A, 50, 91),  # clarinet
    (72, "flute", _A, 74, 108),  # piccolo
    (73, "flute", _A, 60, 96),  # flute
    (74, "flute", _A, 60, 96),  # recorder
    (75, "flute", _A, 55, 96),  # pan flute
    (76, "flute", _A, 55, 96),  # blown bottle
    (77, "flute", _A, 55, 84),  # shakuhachi
    (78, "flute", _A, 60, 96),  # whistle
    (79, "flute", _A, 60, 84),  # ocarina
    *((program, "synth_lead", _S, 24, 108) for program in range(80, 88)),
    (108, "mallet", _A, 48, 84),  # kalimba
    (110, "string", _A, 55, 96),  # fiddle
    (111, "reed", _A, 60, 84),  # shanai
    (114, "mallet", _A, 52, 84),  # steel drums
)

GENERAL_MIDI = tuple(Instrument(*row) for row in _TABLE)
