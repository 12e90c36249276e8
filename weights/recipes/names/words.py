"""What is spoken: the names, and other words and names.

Pronunciations are written in the phones of the CMU dictionary, " - " between syllables,
the stressed vowel marked by 1.
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
# Other names are the likeliest to be taken for one of the five. Festival's lexicon has
# their pronunciations.
OTHER_NAMES = """
alice amanda andrew angela anna anthony barbara betty brian carlos carol charles
christine claudia daniel david diana donna dorothy edward elizabeth emily eric frank
gary george gloria hannah helen henry isabella jacob jane jason jeffrey jenny
jessica joan john joseph joshua judith julia karen kevin laura leonard linus lisa
louise lucinda margaret mark martin mary matthew melissa michael michelle miriam
monica nancy nicole oliver pamela patrick paul peter rachel rebecca richard robert
rosa ruth samantha sandra sarah sharon sophia stephanie steven susan sylvia teresa
thomas timothy valeria veronica victoria virginia william
"""
# Names and words that begin, rhyme or stress like one of the five.
SIMILAR_WORDS = """
aims aria ariel brenda celia chains change cinder corina cynthia daria delicious ending
felicia flames gemma general geneva genevieve gentle gina ginger glenda jack jade jamie
janet janice jasmine jealous jean jeans jenna jeremy jerome jill june kindle lana leanna
lena letitia lily linden lindsey lola lorna luna lydia lynn malaria mariah marianne
marie marina marion maya melinda mia militia myra naomi nutrition patrice petra phyllis
portia position priscilla rhea sabrina shame sophie spider tara tina tricia trisha wanda
"""
