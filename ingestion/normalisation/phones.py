"""Phone numbers of persons in international form; made-up ones and those of companies are none."""

from __future__ import annotations

import re
import unicodedata

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat, PhoneNumberType

REGION = "JP"
COUNTRY_CODE = 81
RUN = 7
"""Equal or counted digits in a row from which a number is taken for made up."""
MAX_LENGTH = 40
"""Longer texts are notes."""

_PERSONAL_TYPES = frozenset(
    {
        PhoneNumberType.FIXED_LINE,
        PhoneNumberType.MOBILE,
        PhoneNumberType.FIXED_LINE_OR_MOBILE,
        PhoneNumberType.VOIP,
        PhoneNumberType.PERSONAL_NUMBER,
    }
)
_SEPARATORS = str.maketrans(dict.fromkeys(" \t-().,/_・‐‑‒–—―−ー─~〜", ""))
_ABROAD = ("0", "10")
"""After a first 0: what leads out of the country, or to special numbers."""

_MOBILE = re.compile(r"[6-9]0[1-9]\d{7}")
"""Japan's mobile numbers, by far the most: the library says the same of each, ten times slower."""

_COUNTED = "0123456789"
_MADE_UP = re.compile(
    "|".join(
        [digit * RUN for digit in _COUNTED]
        + [text[n : n + RUN] for text in (_COUNTED, _COUNTED[::-1]) for n in range(11 - RUN)]
    )
)


def normalised_phone(value: str | None) -> str | None:
    """The number in E.164 form (+819012345678), or None: invalid, made up, a company's.

    Numbers without a country are Japanese. What is no number of a person: toll-free, shared-cost,
    premium and the like, and seven equal or counted digits in a row.
    """
    if not value:
        return None
    text = value if value.isascii() else unicodedata.normalize("NFKC", value)
    if len(text) > MAX_LENGTH:
        return None
    national = text.translate(_SEPARATORS).removeprefix("+81").removeprefix("0")
    is_plain = national.isascii() and national.isdigit() and not national.startswith(_ABROAD)
    if is_plain and _MOBILE.fullmatch(national):
        return None if _MADE_UP.search(national) else f"+{COUNTRY_CODE}{national}"
    if is_plain and len(national) in (9, 10):
        return _if_personal(PhoneNumber(country_code=COUNTRY_CODE, national_number=int(national)))
    return _parsed(text)


def _parsed(text: str) -> str | None:
    """Numbers of other countries and forms: with an extension, dialled from abroad, special."""
    try:
        return _if_personal(phonenumbers.parse(text.replace("内線", " ext "), REGION))
    except NumberParseException:
        return None


def _if_personal(number: PhoneNumber) -> str | None:
    national = str(number.national_number)
    if _MADE_UP.search(national) or phonenumbers.number_type(number) not in _PERSONAL_TYPES:
        return None
    if number.country_code == COUNTRY_CODE:
        return f"+{COUNTRY_CODE}{national}"
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)
