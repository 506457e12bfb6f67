"""How values are written down: forms that normalisation can fold, and slips that it cannot.

Every function takes ids of records; a record's way of writing a field never changes. Folds:
writings of kanji, half-width kana, hiragana, full-width digits, +81, hyphens, capitals, orders and
systems of Latin letters. Slips: TYPO of the names, numbers and addresses, WRONG_BIRTH_DAY.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import jaconv
import numpy as np
from numpy.typing import NDArray

from demo.names import (
    WRITINGS,
    Text,
    family_names,
    family_romaji,
    given_names,
    given_romaji,
)
from demo.places import area_codes
from demo.streams import Draws

TYPO = 0.015
"""Share of the hand-written values (kanji, kana, e-mail, phone: each) with a slip."""
WRONG_BIRTH_DAY = 0.015
MOBILE_DIGITS = 11
OTHER_WRITING = 0.30
"""Share of the records whose family name is in whatever writing the clerk's machine offers."""
_SPACES, _SPACE_WEIGHTS = (" ", "　", ""), (0.58, 0.37, 0.05)
_KANA_FORMS = (0.88, 0.08, 0.04)
_PHONE_FORMS = (0.58, 0.24, 0.06, 0.06, 0.06)
_EMAIL_FORMS = (0.93, 0.04, 0.03)
_ROMAJI_ORDERS = (0.45, 0.18, 0.15, 0.12, 0.10)
_ROMAJI_STYLES = (0.50, 0.28, 0.12, 0.10)


@dataclass(frozen=True)
class Spelling:
    """The ways of writing of one source; `source` keeps the draws of sources apart."""

    draws: Draws
    source: str

    def kanji(self, ids: NDArray, family: NDArray, writing: NDArray, given: NDArray) -> Text:
        """Family and given name, with a space of some kind or none."""
        clerk = self._chance("other writing", ids, OTHER_WRITING)
        writing = np.where(clerk, self._integers("writing", ids, WRITINGS), writing)
        slip = self._chance("kanji slip", ids, TYPO)
        first = np.where(slip, _misread_given()[given], given_names().kanji[given])
        return family_names().writings[family, writing] + self._space(ids) + first

    def kana(self, ids: NDArray, family: NDArray, given: NDArray) -> Text:
        """The name in katakana, half-width katakana or hiragana."""
        name = family_names().kana[family] + self._space(ids) + given_names().kana[given]
        slip, place = self._chance("kana slip", ids, TYPO), self._integers("kana place", ids, 99)
        form = self._choice("kana form", ids, _KANA_FORMS)
        _change(name, slip, lambda i, text: _kana_slip(text, int(place[i])))
        _change(name, form == 1, lambda _, text: jaconv.z2h(text).replace("　", " "))
        _change(name, form == 2, lambda _, text: jaconv.kata2hira(text))
        return name

    def romaji(self, ids: NDArray, family: NDArray, given: NDArray) -> Text:
        """The name in Latin letters, in some order and some system."""
        style = self._choice("romaji style", ids, _ROMAJI_STYLES)
        order = self._choice("romaji order", ids, _ROMAJI_ORDERS)
        first = np.choose(style, [given_romaji(s)[given] for s in range(len(_ROMAJI_STYLES))])
        last = np.choose(style, [family_romaji(s)[family] for s in range(len(_ROMAJI_STYLES))])
        pairs = zip(order.tolist(), first, last, strict=True)
        return np.array([_in_order(*pair) for pair in pairs], dtype=object)

    def phone(self, ids: NDArray, numbers: Text, may_slip: bool = True) -> Text:
        """Numbers (digits) with hyphens, plain, in full-width digits, with +81 or brackets."""
        form = self._choice("phone form", ids, _PHONE_FORMS)
        slip = self._chance("phone slip", ids, TYPO * may_slip)
        place = self._integers("phone place", ids, 4)
        numbers = numbers.copy()
        _change(numbers, slip, lambda i, text: _digit_slip(text, int(place[i])))
        _change(numbers, form == 0, lambda _, text: _hyphened(text))
        _change(numbers, form == 2, lambda _, text: _full_width(_hyphened(text)))
        _change(numbers, form == 3, lambda _, text: "+81 " + _hyphened(text)[1:])
        _change(numbers, form == 4, lambda _, text: _bracketed(text))
        return numbers

    def email(self, ids: NDArray, addresses: Text, may_slip: NDArray[np.bool_]) -> Text:
        """Addresses as they are, with capitals, or with a space behind them."""
        form, addresses = self._choice("email form", ids, _EMAIL_FORMS), addresses.copy()
        slip, place = self._chance("email slip", ids, TYPO), self._integers("place", ids, 6)
        _change(addresses, slip & may_slip, lambda i, text: _letter_slip(text, int(place[i])))
        _change(addresses, form == 1, lambda _, text: text.title())
        _change(addresses, form == 2, lambda _, text: text + " ")
        return addresses

    def birth_day(self, ids: NDArray, days: NDArray[np.datetime64]) -> NDArray[np.datetime64]:
        """The day of birth; at times with another day of the same month."""
        month = days.astype("datetime64[M]").astype("datetime64[D]")
        day = (days - month).astype(np.int64)
        other = (day + 1 + self._integers("birth slip by", ids, 27)) % 28
        wrong = month + other.astype("timedelta64[D]")
        return np.where(self._chance("birth slip", ids, WRONG_BIRTH_DAY), wrong, days)

    def _space(self, ids: NDArray) -> Text:
        return np.array(_SPACES, dtype=object)[self._choice("space", ids, _SPACE_WEIGHTS)]

    def _chance(self, what: str, ids: NDArray, share: float) -> NDArray[np.bool_]:
        return self.draws.chance(f"{self.source} {what}", ids, share)

    def _choice(self, what: str, ids: NDArray, weights: tuple[float, ...]) -> NDArray[np.int64]:
        return self.draws.choice(f"{self.source} {what}", ids, weights)

    def _integers(self, what: str, ids: NDArray, end: int) -> NDArray[np.int64]:
        return self.draws.integers(f"{self.source} {what}", ids, end)


def _change(values: Text, where: NDArray[np.bool_], changed: object) -> None:
    """Replace in place the values at `where` by `changed(index, value)`."""
    for index in np.flatnonzero(where).tolist():
        values[index] = changed(index, values[index])


@cache
def _misread_given() -> Text:
    """For each given name another with the same reading, else the reading itself."""
    names = given_names()
    by_kana: dict[str, list[str]] = {}
    for kanji, kana in zip(names.kanji, names.kana, strict=True):
        by_kana.setdefault(kana, []).append(kanji)
    found = []
    for kanji, kana in zip(names.kanji, names.kana, strict=True):
        others = [other for other in by_kana[kana] if other != kanji]
        found.append(others[0] if others else kana if kana != kanji else kanji + "子")
    return np.array(found, dtype=object)


def _kana_slip(text: str, place: int) -> str:
    """The next kana in the code's order (a missed voicing mark, mostly) in place of one."""
    letters = [index for index, letter in enumerate(text) if "ア" <= letter < "ワ"]
    at = letters[place % len(letters)]
    return text[:at] + chr(ord(text[at]) + 1) + text[at + 1 :]


def _digit_slip(text: str, place: int) -> str:
    """Another digit among the last four."""
    at = len(text) - 1 - place
    return text[:at] + str((int(text[at]) + 1 + place) % 10) + text[at + 1 :]


def _letter_slip(text: str, place: int) -> str:
    """A letter of the local part missing, but not its first."""
    at = 1 + place % (text.index("@") - 2)
    return text[:at] + text[at + 1 :]


def _in_order(order: int, given: str, family: str) -> str:
    given_title, family_title = given.title(), family.title()
    return (
        f"{given_title} {family_title}",
        f"{family_title} {given_title}",
        f"{family.upper()} {given_title}",
        f"{family.upper()} {given.upper()}",
        f"{given} {family}",
    )[order]


def _hyphened(digits: str) -> str:
    return "-".join(_parts(digits))


def _full_width(text: str) -> str:
    return jaconv.h2z(text, digit=True, ascii=True)


def _bracketed(digits: str) -> str:
    code, exchange, number = _parts(digits)
    return f"{code}({exchange}){number}"


def _parts(digits: str) -> tuple[str, str, str]:
    """Area code or prefix, exchange, number."""
    is_mobile = len(digits) == MOBILE_DIGITS
    code = digits[:3] if is_mobile else next(c for c in area_codes() if digits.startswith(c))
    return code, digits[len(code) : -4], digits[-4:]
