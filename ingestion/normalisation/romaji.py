"""Japanese names in Latin letters: Hepburn, Kunrei and passport spellings of a name are one."""

from __future__ import annotations

import re
import unicodedata

import jaconv

_CONSONANTS = (
    ("cch", "tch"), ("sh", "sy"), ("syi", "si"), ("ch", "ty"), ("tyi", "ti"), ("tsu", "tu"),
    ("dz", "z"), ("du", "zu"), ("j", "zy"), ("zyi", "zi"), ("zyy", "zy"),
    ("f", "h"), ("v", "b"), ("l", "r"), ("c", "k"), ("wo", "o"),
    ("mb", "nb"), ("mp", "np"), ("mm", "nm"),
)  # fmt: skip
"""Hepburn to Kunrei, in this order, and letters that one sound is written with."""

_LONG = re.compile(r"o(?:[ou]|h(?![aiueo]))+|u(?:u|h(?![aiueo]))+")
"""Long o and u as spelt out, doubled or with an h; an h before a vowel is of the next syllable."""

_FOREIGN = (
    ("シェ", "she"), ("ジェ", "je"), ("チェ", "che"), ("ティ", "ti"), ("ディ", "di"),
    ("トゥ", "tu"), ("ドゥ", "du"), ("ウィ", "wi"), ("ウェ", "we"), ("ツァ", "tsa"),
)  # fmt: skip
"""Syllables of foreign names that `jaconv` reads as two."""


def folded_romaji(text: str) -> str:
    """The letters a to z of a name's part, spellings folded: Satoh, Satou, Satō and Sato are sato.

    Marks, hyphens and apostrophes are dropped (Jun'ichi is zyuniti).
    """
    letters = text.lower()
    if not letters.isascii():
        letters = unicodedata.normalize("NFKD", letters).encode("ascii", "ignore").decode()
    if not letters.isalpha():
        letters = "".join(filter(str.isalpha, letters))
    for spelling, folded in _CONSONANTS:
        if spelling in letters:
            letters = letters.replace(spelling, folded)
    return _LONG.sub(lambda long: long[0][0], letters)


def romaji_of(kana: str) -> str:
    """A reading in the folded Latin letters: the direction that is safe."""
    for syllable, letters in _FOREIGN:
        if syllable in kana:
            kana = kana.replace(syllable, letters)
    return folded_romaji(jaconv.kata2alphabet(kana))
