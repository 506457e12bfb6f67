"""Kana: one form for hiragana, half-width kana, small kana and long vowels."""

from __future__ import annotations

import jaconv

_FOLDS = str.maketrans("ヰヱヲヂヅ", "イエオジズ") | str.maketrans(
    dict.fromkeys("-‐‑‒–—―−─～~ｰ", "ー")
)
_FOREIGN_V = (("ヴァ", "バ"), ("ヴィ", "ビ"), ("ヴェ", "ベ"), ("ヴォ", "ボ"), ("ヴ", "ブ"))

_ROWS = {
    "ア": "アカサタナハマヤラワガザダバパァャヮ",
    "イ": "イキシチニヒミリギジビピィエケセテネヘメレゲゼデベペェ",
    "ウ": "ウクスツヌフムユルグズブプゥュオコソトノホモヨロゴゾドボポォョ",
}
"""How Japanese spells the long vowel after a kana: エ long is エイ, オ long is オウ."""

_LONG_VOWELS = {kana: vowel for vowel, row in _ROWS.items() for kana in row}


def reading(text: str) -> str:
    """Katakana with long vowels spelt out (コータ to コウタ); small kana are kept.

    `text` is in NFKC, so that half-width kana are whole already.
    """
    kana = jaconv.hira2kata(text).translate(_FOLDS)
    if "ヴ" in kana:
        for foreign, japanese in _FOREIGN_V:
            kana = kana.replace(foreign, japanese)
    while (place := kana.find("ー")) >= 0:
        vowel = _LONG_VOWELS.get(kana[place - 1], "") if place else ""
        kana = f"{kana[:place]}{vowel}{kana[place + 1 :]}"
    return kana


def folded_kana(kana: str) -> str:
    """A reading without small kana, as banks and old registers export it (キョウコ, ｷﾖｳｺ).

    オオ is オウ, so that オオノ and オーノ are one.
    """
    return jaconv.enlarge_smallkana(kana).replace("オオ", "オウ")
