"""Japanese names of the demo's people: kanji, kana, Latin letters.

What belongs here: which names there are and how often, by gender and year of birth, and how kana
is written in Latin letters. What does not: who bears which name, and how clerks misspell it.

Common family names have their frequency in Japan (佐藤 1.5 %); the many rare ones are composed
of two parts, so that full names collide as often as they do in life. Every character can be
written in CP932.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import jaconv
import numpy as np
from numpy.typing import NDArray

from demo.streams import Draws

DATA = Path(__file__).parent / "data"
Text = NDArray[np.object_]
FEMALE = "f"
WRITINGS = 4
_PEOPLE = 100_000
"""Frequencies are per so many people."""
_DECADES = np.arange(1930, 2020, 10)
_DECADE_BLUR = 8
"""Years by which a given name may be older or newer fashion than its bearer."""
_RANK_EXPONENT = 0.55
_TO_KUNREI = (
    ("sha", "sya"), ("shu", "syu"), ("sho", "syo"), ("shi", "si"),
    ("cha", "tya"), ("chu", "tyu"), ("cho", "tyo"), ("chi", "ti"), ("tsu", "tu"),
    ("ja", "zya"), ("ju", "zyu"), ("jo", "zyo"), ("ji", "zi"), ("fu", "hu"),
)  # fmt: skip


@dataclass(frozen=True)
class FamilyNames:
    """All family names, in rows. `writings` has WRITINGS columns: the usual writing first, then the
    traditional ones (渡辺, 渡邊, 渡邉), repeated where there are fewer."""

    writings: Text
    kana: Text
    weight: NDArray[np.float64]


@dataclass(frozen=True)
class GivenNames:
    """All given names: arrays of one length; `groups` maps (gender, decade) to their indexes, the
    most frequent first."""

    kanji: Text
    kana: Text
    groups: dict[tuple[str, int], NDArray[np.int64]]


@cache
def family_names() -> FamilyNames:
    """Listed names with their frequency, then composed ones that share the rest evenly."""
    listed = [
        (row["kanji"].split("|"), row["kana"], int(row["per_100000"]))
        for row in _rows("family_names.csv")
    ]
    parts = _rows("family_parts.csv")
    known = {kanji for writings, *_ in listed for kanji in writings}
    composed = [
        (first["kanji"] + second["kanji"], first["kana"] + second["kana"])
        for first in parts
        for second in parts
        if first["part"] == "first" and second["part"] == "second"
    ]
    composed = [pair for pair in composed if pair[0] not in known]
    rest = (_PEOPLE - sum(row[2] for row in listed)) / len(composed)
    rows = listed + [([kanji], kana, rest) for kanji, kana in composed]
    writings = np.array([(row[0] * WRITINGS)[:WRITINGS] for row in rows], dtype=object)
    kana, weight = _text([row[1] for row in rows]), np.array([row[2] for row in rows])
    return FamilyNames(writings, kana, weight / _PEOPLE)


@cache
def given_names() -> GivenNames:
    """Given names by gender and decade of birth."""
    rows = _rows("given_names.csv")
    names = list(dict.fromkeys((row["kanji"], row["kana"]) for row in rows))
    place = {name: index for index, name in enumerate(names)}
    groups: dict[tuple[str, int], list[int]] = {}
    for row in rows:
        group = groups.setdefault((row["gender"], int(row["decade"])), [])
        group.append(place[row["kanji"], row["kana"]])
    kanji, kana = zip(*names, strict=True)
    return GivenNames(
        _text(kanji), _text(kana), {key: np.array(group) for key, group in groups.items()}
    )


def draw_family(draws: Draws, what: str, ids: NDArray) -> NDArray[np.int64]:
    """Index of a family name for each id."""
    return draws.choice(what, ids, family_names().weight)


def draw_given(
    draws: Draws, what: str, ids: NDArray, is_female: NDArray, birth_year: NDArray
) -> NDArray[np.int64]:
    """Index of a given name for each id, by gender and year of birth."""
    blur = draws.integers(f"{what} fashion", ids, 2 * _DECADE_BLUR + 1) - _DECADE_BLUR
    decade = np.clip((birth_year + blur) // 10 * 10, _DECADES[0], _DECADES[-1])
    found = np.zeros(len(ids), dtype=np.int64)
    for (gender, of), group in given_names().groups.items():
        chosen = (decade == of) & (is_female == (gender == FEMALE))
        weights = np.arange(1, len(group) + 1) ** -_RANK_EXPONENT
        found[chosen] = group[draws.choice(what, ids[chosen], weights)]
    return found


@cache
def family_romaji(style: int) -> Text:
    """Family names in Latin letters, in one of the styles of `to_romaji`."""
    return _text([to_romaji(kana, style) for kana in family_names().kana])


@cache
def given_romaji(style: int) -> Text:
    """Given names in Latin letters, in one of the styles of `to_romaji`."""
    return _text([to_romaji(kana, style) for kana in given_names().kana])


def to_romaji(kana: str, style: int) -> str:
    """Kana in Latin letters, lower case: 0 Hepburn with long vowels dropped (sato), 1 Hepburn as
    spelt (satou), 2 Kunrei as spelt (itou, huzita), 3 passport style (satoh, kato)."""
    text = jaconv.kana2alphabet(jaconv.kata2hira(kana))
    if style == 2:
        for hepburn, kunrei in _TO_KUNREI:
            text = text.replace(hepburn, kunrei)
    if style in (0, 3):
        for letter in "bpm":
            text = text.replace(f"n{letter}", f"m{letter}")
        if style == 3 and text.endswith("ou"):
            text = text[:-2] + "oh"
        for long, short in (("ou", "o"), ("oo", "o"), ("uu", "u")):
            text = text.replace(long, short)
    return text


def _rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _text(values: object) -> Text:
    return np.array(list(values), dtype=object)
