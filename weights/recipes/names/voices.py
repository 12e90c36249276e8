"""What is spoken, and by which voices of which program.

Pronunciations are written in the phones of the CMU dictionary, " - " between syllables,
the stressed vowel marked by 1. Voices of other languages say the same words in the
phones that they have, so they speak with an accent, as many people do.
"""

from __future__ import annotations

from collections.abc import Mapping

PRONUNCIATIONS: Mapping[str, tuple[str, ...]] = {
    "James": ("jh ey1 m z", "jh ey1 m z", "jh ey1 m s"),
    "Jennifer": (
        "jh eh1 - n ih - f er",
        "jh eh1 - n ax - f er",
        "jh eh1 - n iy - f ax",
    ),
    "Linda": ("l ih1 n - d ax",),
    "Maria": ("m ax - r iy1 - ax",),
    "Patricia": (
        "p ax - t r ih1 - sh ax",
        "p ax - t r iy1 - sh ax",
        "p ax - t r iy1 - s iy - ax",
    ),
}
# What else may be said to a recogniser of names: it should name nobody.
OTHER_WORDS: Mapping[str, tuple[str, ...]] = {
    "above": ("ax - b ah1 v",),
    "again": ("ax - g eh1 n",),
    "alarm": ("ax - l aa1 r m",),
    "animal": ("ae1 - n ax - m ax l",),
    "apple": ("ae1 - p ax l",),
    "banana": ("b ax - n ae1 - n ax",),
    "begin": ("b ih - g ih1 n",),
    "bottle": ("b aa1 - t ax l",),
    "camera": ("k ae1 - m er - ax",),
    "center": ("s eh1 n - t er",),
    "chicken": ("ch ih1 - k ax n",),
    "dinner": ("d ih1 - n er",),
    "doctor": ("d aa1 k - t er",),
    "family": ("f ae1 - m ax - l iy",),
    "finger": ("f ih1 ng - g er",),
    "forest": ("f ao1 - r ax s t",),
    "garden": ("g aa1 r - d ax n",),
    "hello": ("hh ax - l ow1",),
    "honey": ("hh ah1 - n iy",),
    "january": ("jh ae1 - n y uw - eh1 - r iy",),
    "jungle": ("jh ah1 ng - g ax l",),
    "kitchen": ("k ih1 - ch ax n",),
    "lemon": ("l eh1 - m ax n",),
    "lucky": ("l ah1 - k iy",),
    "machine": ("m ax - sh iy1 n",),
    "memory": ("m eh1 - m er - iy",),
    "minute": ("m ih1 - n uw t",),
    "monkey": ("m ah1 ng - k iy",),
    "mother": ("m ah1 - dh er",),
    "music": ("m y uw1 - z ih k",),
    "never": ("n eh1 - v er",),
    "number": ("n ah1 m - b er",),
    "ocean": ("ow1 - sh ax n",),
    "orange": ("ao1 - r ax n jh",),
    "paper": ("p ey1 - p er",),
    "pencil": ("p eh1 n - s ax l",),
    "people": ("p iy1 - p ax l",),
    "promise": ("p r aa1 - m ax s",),
    "radio": ("r ey1 - d iy - ow1",),
    "river": ("r ih1 - v er",),
    "season": ("s iy1 - z ax n",),
    "simple": ("s ih1 m - p ax l",),
    "summer": ("s ah1 - m er",),
    "sunday": ("s ah1 n - d ey1",),
    "table": ("t ey1 - b ax l",),
    "tiger": ("t ay1 - g er",),
    "tomato": ("t ax - m ey1 - t ow1",),
    "violin": ("v ay - ax - l ih1 n",),
    "water": ("w ao1 - t er",),
    "window": ("w ih1 n - d ow",),
    "winter": ("w ih1 n - t er",),
    "yellow": ("y eh1 - l ow",),
    "please": ("p l iy1 z",),
    "stop": ("s t aa1 p",),
    "go": ("g ow1",),
    "yes": ("y eh1 s",),
    "no": ("n ow1",),
    "left": ("l eh1 f t",),
    "right": ("r ay1 t",),
    "games": ("g ey1 m z",),
    "names": ("n ey1 m z",),
    "dreams": ("d r iy1 m z",),
}
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
# Timbres of espeak-ng that no mouth could have, and those kept for the samples.
ROBOTS = frozenset(
    (
        *("AnxiousAndy", "Demonic", "Mr serious", "Storm", "UniRobot"),
        *("anikaRobot", "fast", "robosoft", "robosoft2", "robosoft3"),
        *("robosoft4", "robosoft5", "robosoft6", "robosoft7", "robosoft8"),
    )
)
SAMPLE_TIMBRES = ("Andrea", "Gene", "belinda", "max", "steph")

FLITE_PITCHES = {"kal16": 105.0, "awb": 130.0, "rms": 100.0, "slt": 170.0}

_EVERYWHERE = {"aa": "a", "ae": "a", "ah": "a", "ax": "a", "eh": "e", "ih": "i"} | {
    "ao": "o",
    "uh": "u",
}
_PLAIN = _EVERYWHERE | {"ey": "e j", "ay": "a j", "er": "e r", "sh": "S"}
ESPEAK_PHONES = _EVERYWHERE | {
    **{"ey": "ei", "iy": "i", "er": "er", "jh": "dZ", "sh": "S"},
    **{"hh": "h", "ng": "N", "y": "j", "aw": "aU", "th": "T", "ch": "tS", "dh": "D"},
    **{"uw": "u:", "ow": "oU"},
}
_ITALIAN = _PLAIN | {"eh": "E", "iy": "i", "jh": "dZ"}
_CZECH = _PLAIN | {"iy": "i:", "jh": "dz~", "sh": "s~"}
_FINNISH = _PLAIN | {"iy": "i:", "ey": "e i", "jh": "d j", "z": "s"}
_CATALAN = _PLAIN | {"eh": "E", "iy": "i", "jh": "d Z", "ax": "ax"}

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
