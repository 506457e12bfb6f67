"""Names of persons, in any script and column, as the values that records are compared by.

Kana are never made from kanji: a reading that is guessed is wrong too often. Latin letters are
made from kana, which is safe, and then agree with those that people type.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import NamedTuple

from ingestion.normalisation.kana import folded_kana, reading
from ingestion.normalisation.kanji import folded_kanji
from ingestion.normalisation.romaji import folded_romaji, romaji_of
from ingestion.normalisation.scripts import Script, script_of
from ingestion.normalisation.wordlists import NAME_PLACEHOLDERS

HONORIFIC = "様"
MIN_KANJI, MIN_KANA = 3, 5
"""A name without a space has at least so many characters, or it may be a family name alone."""
MIN_LETTERS = 2
"""Fewer Latin letters are an initial."""


class NameValues(NamedTuple):
    """Normalised values, one for each key of `contract.identity.NAME_KEYS`, in its order."""

    full_name: str | None = None
    family_name: str | None = None
    given_name: str | None = None
    full_kana: str | None = None
    given_kana: str | None = None
    full_romaji: str | None = None
    given_romaji: str | None = None


class _Name(NamedTuple):
    """One writing of a name in NFKC; `whole` is set where its parts are not told apart."""

    script: Script | None
    family: str
    given: str
    whole: str = ""


class Names:
    """Normalises names. Their parts are few: each is folded once in the life of an object."""

    def __init__(self) -> None:
        self._part = lru_cache(maxsize=None)(_clean)
        self._written = lru_cache(maxsize=None)(_written)
        self._reading = lru_cache(maxsize=None)(_reading)
        self._romaji_of = lru_cache(maxsize=None)(romaji_of)
        self._letters = lru_cache(maxsize=None)(folded_romaji)

    def values(
        self,
        family_name: str | None,
        given_name: str | None,
        family_kana: str | None,
        given_kana: str | None,
        name_kana: str | None,
        name_romaji: str | None,
        name: str | None,
    ) -> NameValues:
        """The values of one record; where two columns give one, the first that gives it wins.

        A text counts by its script and not by its column: kana in `name` are kana.
        """
        found: dict[str, str] = {}
        for family, given in ((family_name, given_name), (family_kana, given_kana)):
            if family or given:
                found = self._values_of(_of_parts(self._part(family), self._part(given))) | found
        for whole in (name_kana, name_romaji, name):
            if whole:
                found = self._values_of(_of_whole(_clean(whole))) | found
        return NameValues(**found)

    def _values_of(self, name: _Name) -> dict[str, str]:
        if name.script is Script.KANJI:
            values = self._of_kanji(name)
        elif name.script is Script.KANA:
            values = self._of_kana(name)
        elif name.script is Script.LATIN:
            values = self._of_latin(name)
        else:
            values = {}
        return {key: value for key, value in values.items() if value}

    def _of_kanji(self, name: _Name) -> dict[str, str]:
        family, given = self._written(name.family), self._written(name.given)
        whole = _written(name.whole)
        if len(whole) < MIN_KANJI:
            whole = ""
        full = family + given if family and given else whole
        return {"full_name": full, "family_name": family, "given_name": given}

    def _of_kana(self, name: _Name) -> dict[str, str]:
        family, given = self._reading(name.family), self._reading(name.given)
        whole = _reading(name.whole)
        if len(whole) < MIN_KANA:
            whole = ""
        is_split = bool(family and given)
        romaji = self._romaji_of(given)
        return {
            "full_kana": folded_kana(family + given if is_split else whole),
            "given_kana": folded_kana(given),
            "full_romaji": _in_order([self._romaji_of(family), romaji]) if is_split else "",
            "given_romaji": romaji,
        }

    def _of_latin(self, name: _Name) -> dict[str, str]:
        words = f"{name.family} {name.given} {name.whole}".replace(".", " ").split()
        if len(words) < 2 or min(map(len, words)) < MIN_LETTERS:
            return {}
        return {
            "full_romaji": _in_order([self._letters(word) for word in words]),
            "given_romaji": self._letters(name.given) if name.family else "",
        }


def _of_parts(family: str, given: str) -> _Name:
    return _Name(script_of(family + given), family, given)


def _of_whole(whole: str) -> _Name:
    """Parts are told apart by a space, which in Latin letters says no more than that.

    There a comma or capitals (YAMADA Taro) name the family.
    """
    script, words = script_of(whole), whole.split()
    if script is Script.LATIN:
        family, comma, given = whole.partition(",")
        if comma:
            return _Name(script, family, given)
        capitals = [word for word in words if word.isupper() and len(word.strip(".")) > 1]
        if len(capitals) == 1 and len(words) > 1:
            words.remove(capitals[0])
            return _Name(script, capitals[0], " ".join(words))
    elif len(words) > 1:
        return _Name(script, words[0], "".join(words[1:]))
    return _Name(script, "", "", whole)


def _clean(text: str | None) -> str:
    """NFKC, without 様 and what stands in brackets; nothing if a digit or a word forbids a name."""
    if not text:
        return ""
    name = unicodedata.normalize("NFKC", text).partition("(")[0].strip()
    if any(map(str.isdigit, name)) or NAME_PLACEHOLDERS.issuperset(name.lower().split()):
        return ""
    return name.removesuffix(HONORIFIC).rstrip()


def _written(text: str) -> str:
    return folded_kanji("".join(filter(str.isalpha, text.lower())))


def _reading(text: str) -> str:
    return "".join(filter(str.isalpha, reading(text)))


def _in_order(parts: list[str]) -> str:
    """Parts in an order that does not depend on who writes the family name first."""
    return " ".join(sorted(parts))
