"""Japanese addresses as far as the block number: 芝1丁目2番3号 is 芝1-2-3 is 芝１−２−３."""

from __future__ import annotations

import re
import unicodedata

from ingestion.normalisation.kanji import FOLDS

MAX_LENGTH = 200
"""Longer texts are notes."""
MAX_NUMBERS = 3
"""丁目, 番, 号; a fourth number is a room."""

_KANJI_DIGITS = "〇零一二三四五六七八九十百千"
_VALUES = dict(zip("〇零一二三四五六七八九", "00123456789", strict=True))
_POWERS = {"十": 10, "百": 100, "千": 1000}
_KANJI = r"一-鿿々ヶケ"

_FOLDS = (
    FOLDS
    | str.maketrans(dict.fromkeys("‐‑‒–—―−ー─━~〜", "-"))
    | str.maketrans("のノ之がガ", "ノノノケケ")
)
"""Dashes, and spellings that stand for one another in place names (丸の内, 霞が関, 霞ヶ関)."""

_POSTAL_CODE = re.compile(r"^(?:〒\s*\d{3}-?\d{4}|\d{3}-\d{4}(?!\d|-))\s*")
_KANJI_NUMBER = re.compile(
    rf"[{_KANJI_DIGITS}]+(?=丁目|番地|番(?![町丁館])|号(?![線室棟館])|条|線|-|ノ[\d{_KANJI_DIGITS}])"
    rf"|(?<=[目地番ノ-])[{_KANJI_DIGITS}]+(?![{_KANJI}])"
)
_END = re.compile(r"(?<=\d)(?:号(?![線室棟館])|番地(?=\s))")
_UNIT = re.compile(r"(?<=\d)(?:丁目(?=[\s-]*\d)|丁(?=\d)|番地ノ?|番(?![町丁館])|ノ(?=\d))")
_NUMBERS = re.compile(r"\d+(?:\s*-[\s-]*\d+)*")
_OF_A_NAME = ("丁目", "条", "線", "地割", "区", "番町", "番丁", "町", "号線")
"""What follows a number that belongs to the name of a place."""
_OF_A_ROOM = ("号室", "号棟", "号館", "室", "棟", "階", "f", "F")
_OF_AN_AREA = "都道府県市区郡"


def normalised_address(prefecture: str | None, city: str | None, address: str | None) -> str | None:
    """Place and block number, or None: no number, or no city that it could be in.

    A prefecture or city that stands in the address too is taken once. Of the rest all up to the
    first block number is the place, of which at most three numbers count; building and room do not.
    """
    if not address or len(address) > MAX_LENGTH:
        return None
    area = _folded(prefecture or ""), _folded(city or "")
    text = _POSTAL_CODE.sub("", _folded(address)).lstrip()
    for part in area:
        text = text.removeprefix(part).lstrip()
    text = _KANJI_NUMBER.sub(lambda number: _arabic(number[0]), text)
    text = _UNIT.sub("-", _END.sub(" ", text))
    block = _block_number(text)
    if block is None:
        return None
    place = "".join([*area, *text[: block[0]].split()]).replace("大字", "").casefold()
    has_area = any(area) or any(character in place for character in _OF_AN_AREA)
    return f"{place} {block[1]}" if has_area else None


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().translate(_FOLDS)


def _block_number(text: str) -> tuple[int, str] | None:
    """Where the block number begins, and its numbers joined with hyphens."""
    for found in _NUMBERS.finditer(text):
        numbers = [n.strip().lstrip("0") or "0" for n in found[0].split("-") if n.strip()]
        rest = text[found.end() :]
        if rest.startswith(_OF_A_NAME):
            continue
        if rest.startswith(_OF_A_ROOM):
            numbers.pop()
        if numbers:
            return found.start(), "-".join(numbers[:MAX_NUMBERS])
    return None


def _arabic(number: str) -> str:
    """二十三 and 二三 are 23."""
    if not any(character in _POWERS for character in number):
        return "".join(_VALUES[character] for character in number)
    total, digit = 0, ""
    for character in number:
        if character in _POWERS:
            total += int(digit or "1") * _POWERS[character]
            digit = ""
        else:
            digit += _VALUES[character]
    return str(total + int(digit or "0"))
