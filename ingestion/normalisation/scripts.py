"""In which script a text is written, told by its characters."""

from __future__ import annotations

from enum import Enum, auto


class Script(Enum):
    """What a name can be compared with."""

    KANJI = auto()
    """Written as its bearer writes it: kanji, alone or with kana, or any other script."""
    KANA = auto()
    LATIN = auto()


def script_of(text: str) -> Script | None:
    """The script of a text in NFKC; None without a letter.

    One kanji makes a name written: 山田 さくら is how the bearer writes it, not how it is read.
    """
    found = None
    for character in text:
        if "ァ" <= character <= "ヿ" or "ぁ" <= character <= "ゟ":
            kind = Script.KANA
        elif not character.isalpha():
            continue
        elif character < "ɐ" or "Ḁ" <= character <= "ỿ":
            kind = Script.LATIN
        else:
            return Script.KANJI
        if found is not None and found is not kind:
            return Script.KANJI
        found = kind
    return found
