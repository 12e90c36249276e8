"""The voices of the speech programs, and how each wants a pronunciation written.

Pronunciations are written in the phones of the CMU dictionary, with " - " between
syllables and 1 after the stressed vowel. Voices of other languages say the same words
in the phones that they have, so they speak with an accent, as many people do.
"""

from __future__ import annotations

from collections.abc import Mapping

__all__ = [
    "ENGLISH",
    "FESTIVAL_VOICES",
    "FLITE_PITCHES",
    "LANGUAGES",
    "PUNCTUATION",
    "ROBOTS",
    "SPEAKERS_IN_TWO_PROGRAMS",
    "espeak_phonemes",
    "festival_entry",
]

SPEAKERS_IN_TWO_PROGRAMS = {"kal16": "kal", "kal_diphone": "kal"} | {
    "slt": "slt",
    "cmu_us_slt_arctic_hts": "slt",
}

ENGLISH = (
    *("en-us", "en-us-nyc", "en-gb", "en-gb-scotland", "en-gb-x-gbclan"),
    *("en-gb-x-gbcwmd", "en-gb-x-rp", "en-029"),
)
LANGUAGES = (
    *("af", "bn", "ca", "cs", "da", "de", "el", "es"),
    *("es-419", "et", "fi", "fr-fr", "hi", "hr", "hu", "id"),
    *("it", "lt", "lv", "nb", "nl", "pl", "pt", "pt-br"),
    *("ro", "sk", "sl", "sq", "sv", "sw", "ta", "tr"),
)
# What may follow a word, to change its melody.
PUNCTUATION = ("", ".", "?", "!", ",")
# Timbres of espeak-ng that no mouth could have.
ROBOTS = frozenset(
    (
        *("AnxiousAndy", "Demonic", "Mr serious", "Storm", "UniRobot"),
        *("anikaRobot", "fast", "robosoft", "robosoft2", "robosoft3"),
        *("robosoft4", "robosoft5", "robosoft6", "robosoft7", "robosoft8"),
    )
)

# Voices of flite, and their mean pitch in Hz.
FLITE_PITCHES = {"kal16": 105.0, "awb": 130.0, "rms": 100.0, "slt": 170.0}

_EVERYWHERE = {"aa": "a", "ae": "a", "ah": "a", "ax": "a", "eh": "e", "ih": "i"} | {
    "ao": "o",
    "uh": "u",
}
ESPEAK_PHONES = _EVERYWHERE | {
    **{"ey": "ei", "iy": "i", "er": "er", "jh": "dZ", "sh": "S", "zh": "Z"},
    **{"hh": "h", "ng": "N", "y": "j", "aw": "aU", "th": "T", "ch": "tS", "dh": "D"},
    **{"uw": "u:", "ow": "oU", "ay": "ai", "oy": "oi"},
}
_PLAIN = _EVERYWHERE | {
    **{"ey": "e j", "ay": "a j", "oy": "o j", "aw": "a u", "ow": "o u", "uw": "u"},
    **{"er": "e r", "sh": "S", "th": "t", "dh": "d", "y": "j"},
}
_ITALIAN = _PLAIN | {
    **{"eh": "E", "iy": "i", "jh": "dZ", "ch": "tS", "zh": "Z", "hh": ""}
}
_CZECH = _PLAIN | {
    **{"iy": "i:", "uw": "u:", "jh": "dz~", "sh": "s~", "zh": "z~", "hh": "h"},
    **{"ng": "n", "w": "v"},
}
_FINNISH = _PLAIN | {
    **{"iy": "i:", "uw": "u:", "ey": "e i", "ay": "a i", "oy": "o i", "jh": "d j"},
    **{"z": "s", "zh": "S", "ch": "t S", "hh": "h", "ng": "n", "w": "v"},
}
_CATALAN = _PLAIN | {
    **{"eh": "E", "iy": "i", "jh": "d Z", "ax": "ax", "ch": "t S", "zh": "Z"},
    **{"v": "b", "hh": ""},
}

# Festival's voices: their phones, and whether a stressed vowel is written with a 1.
FESTIVAL_VOICES: Mapping[str, tuple[Mapping[str, str], bool]] = {
    "kal_diphone": ({}, False),
    "ked_diphone": ({}, False),
    "cmu_us_slt_arctic_hts": ({}, False),
    "lp_diphone": (_ITALIAN, True),
    "pc_diphone": (_ITALIAN, True),
    "czech_ph": (_CZECH, False),
    "czech_dita": (_CZECH, False),
    "czech_krb": (_CZECH, False),
    "czech_machac": (_CZECH, False),
    "hy_fi_mv_diphone": (_FINNISH, False),
    "suo_fi_lj_diphone": (_FINNISH, False),
    "upc_ca_ona_hts": (_CATALAN, True),
}


def espeak_phonemes(pronunciation: str) -> str:
    """Write a pronunciation in phonemes that every voice of espeak-ng has."""
    written = ""
    for phone in pronunciation.replace("- ", "").split():
        plain = phone.rstrip("1")
        stress = "'" if phone.endswith("1") else ""
        written += stress + ESPEAK_PHONES.get(plain, plain)
    return f"[[{written}]]"


def festival_entry(word: str, pronunciation: str, voice: str) -> str:
    """Write a pronunciation as an entry of a Festival voice's lexicon."""
    table, marks_stress = FESTIVAL_VOICES[voice]
    syllables = []
    for syllable in pronunciation.split(" - "):
        phones: list[str] = []
        for phone in syllable.split():
            plain = phone.rstrip("1")
            spoken = table.get(plain, plain).split()
            if marks_stress and phone.endswith("1"):
                spoken[0] += "1"
            phones += spoken
        syllables.append(f"(({' '.join(phones)}) {int('1' in syllable)})")
    return f'("{word}" nil ({" ".join(syllables)}))'
