"""What the records of members say, field by field: cards by hand of clerks, accounts by people.

Rates are those of the measured set (14 % dummy phones and so on); tests hold them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from demo.identities import OTHER, PRIMARY, Identities
from demo.names import Text
from demo.places import store_phone
from demo.population import APP, LINE_SHARE, ONLINE, Population
from demo.scale import APP_STORE_ID, ONLINE_STORE_ID
from demo.spelling import Spelling

SOURCE = "members"
HAS_KANJI, HAS_KANA, HAS_BIRTH_DAY, HAS_EMAIL = 0.75, 0.90, 0.85, 0.35
HAS_LINE_ID = 0.15
HAS_ADDRESS, HAS_GENDER, HAS_OCCUPATION = 0.62, 0.80, 0.20
PHONES = {"none": 0.10, "dummy": 0.14, "landline": 0.30, "mobile": 0.46}
"""Shares of the cards by what stands in their phone field."""
DUMMY_PHONES = {"00000000000": 0.30, "09000000000": 0.15, "0311111111": 0.10, "shop": 0.45}
"""What clerks type where the field is mandatory; the shop's own phone is a valid number."""
ACCOUNT_HAS_EMAIL, ACCOUNT_HAS_PHONE, ACCOUNT_HAS_ADDRESS = 0.99, 0.40, 0.45
ACCOUNT_HAS_BIRTH_DAY = 0.20
KANJI, KANA, ROMAJI = range(3)
SCRIPTS = (0.60, 0.20, 0.20)
"""Scripts of the name where a record has it in one of them."""
USES_OTHER_MAIL, ACCOUNT_USES_OTHER_MAIL = 0.20, 0.10
OFFICE_MAIL = 0.25
"""Share of a company's contacts who give the company's address instead of their own."""
REFERRED = 0.03
TIERS = ("regular", "silver", "gold", "platinum")
_TIER_WEIGHTS = (0.74, 0.17, 0.07, 0.02)
OCCUPATIONS = ("会社員", "公務員", "自営業", "主婦・主夫", "学生", "パート・アルバイト", "無職")
_OCCUPATION_WEIGHTS = (0.40, 0.06, 0.08, 0.18, 0.06, 0.14, 0.08)
_LEGAL_FORMS = ("株式会社{}", "{}株式会社", "(株){}", "㈱{}", "{}")


@dataclass(frozen=True)
class MemberValues:
    """Fields of member records; every method takes indexes into `population.members` and gives
    an array with None where the field is empty."""

    identities: Identities

    @property
    def population(self) -> Population:
        return self.identities.population

    @cached_property
    def spelling(self) -> Spelling:
        return Spelling(self.identities.draws, SOURCE)

    def is_account(self, index: NDArray) -> NDArray[np.bool_]:
        return self.population.members.kind[index] == ONLINE

    def names(self, index: NDArray, is_maiden: NDArray[np.bool_]) -> tuple[Text, Text, Text]:
        """Kanji, kana, Latin letters; an account has one of them."""
        person, is_account = self._person(index), self.is_account(index)
        family, given = self.identities.family(person, is_maiden), self.identities.given[person]
        script = self.identities.draws.choice("member script", index, SCRIPTS)
        kanji = self.spelling.kanji(index, family, self.identities.writing(person), given)
        has_kanji = np.where(is_account, script == KANJI, self.chance("kanji", index, HAS_KANJI))
        has_kana = np.where(is_account, script == KANA, self.chance("kana", index, HAS_KANA))
        romaji = np.full(len(index), None, dtype=object)
        latin = np.flatnonzero(is_account & (script == ROMAJI))
        romaji[latin] = self.spelling.romaji(index[latin], family[latin], given[latin])
        kana = self.spelling.kana(index, family, given)
        return blank(kanji, has_kanji), blank(kana, has_kana), romaji

    def company(self, index: NDArray) -> Text:
        person = self._person(index)
        form = self.identities.draws.integers("legal form", index, len(_LEGAL_FORMS)).tolist()
        names = self.identities.company(person)
        written = [_LEGAL_FORMS[f].format(name) for f, name in zip(form, names, strict=True)]
        return blank(np.array(written, dtype=object), self.population.is_company[person])

    def phones(self, index: NDArray, is_new_number: NDArray[np.bool_]) -> Text:
        """Phones of cards by PHONES; accounts have the mobile number or none."""
        person, is_account = self._person(index), self.is_account(index)
        kinds, draws = list(PHONES), self.identities.draws
        kind = np.array(kinds)[draws.choice("member phone", index, list(PHONES.values()))]
        has_mobile = self.chance("account phone", index, ACCOUNT_HAS_PHONE)
        kind[is_account] = np.where(has_mobile, "mobile", "none")[is_account]
        found = np.full(len(index), None, dtype=object)
        mobile, landline = np.flatnonzero(kind == "mobile"), np.flatnonzero(kind == "landline")
        found[mobile] = self.identities.mobile(person[mobile], is_new_number[mobile])
        found[landline] = self.identities.landline(person[landline])
        real = np.flatnonzero(found != None)  # noqa: E711
        found[real] = self.spelling.phone(index[real], found[real])
        dummy = np.flatnonzero(kind == "dummy")
        found[dummy] = self.spelling.phone(
            index[dummy], self._dummies(index[dummy]), may_slip=False
        )
        return found

    def _dummies(self, index: NDArray) -> Text:
        which = self.identities.draws.choice("dummy", index, list(DUMMY_PHONES.values()))
        shops = [store_phone(store) for store in range(self.population.scale.stores)]
        shop = np.array(shops, dtype=object)[self.population.home_store[self._person(index)]]
        values = np.array([*list(DUMMY_PHONES)[:-1], ""], dtype=object)[which]
        return np.where(which == len(DUMMY_PHONES) - 1, shop, values)

    def emails(self, index: NDArray) -> Text:
        """Accounts verify their address, so it has no slip."""
        person, is_account = self._person(index), self.is_account(index)
        share = np.where(is_account, ACCOUNT_USES_OTHER_MAIL, USES_OTHER_MAIL)
        other = self.chance("other mail", index, share)
        true = self.identities.email(person, np.where(other, OTHER, PRIMARY))
        office = self.population.is_company[person] & self.chance("office", index, OFFICE_MAIL)
        true[office] = self.identities.role_email(person[office])
        written = self.spelling.email(index, true, may_slip=~is_account)
        share = np.where(is_account, ACCOUNT_HAS_EMAIL, HAS_EMAIL)
        return blank(written, self.chance("email", index, share))

    def birth_days(self, index: NDArray) -> NDArray[np.datetime64]:
        """NaT where it is empty."""
        share = np.where(self.is_account(index), ACCOUNT_HAS_BIRTH_DAY, HAS_BIRTH_DAY)
        days = self.spelling.birth_day(index, self.population.birth_day[self._person(index)])
        return np.where(self.chance("birth day", index, share), days, np.datetime64("NaT", "D"))

    def genders(self, index: NDArray) -> Text:
        words = np.array(["male", "female"], dtype=object)
        gender = words[self.population.is_female[self._person(index)].astype(int)]
        return blank(gender, self.chance("gender", index, HAS_GENDER))

    def has_address(self, index: NDArray) -> NDArray[np.bool_]:
        share = np.where(self.is_account(index), ACCOUNT_HAS_ADDRESS, HAS_ADDRESS)
        return self.chance("address", index, share)

    def occupations(self, index: NDArray) -> Text:
        which = self.identities.draws.choice("occupation", self._person(index), _OCCUPATION_WEIGHTS)
        which[self.population.is_child[self._person(index)]] = OCCUPATIONS.index("学生")
        found = np.array(OCCUPATIONS, dtype=object)[which]
        return blank(found, self.chance("has occupation", index, HAS_OCCUPATION))

    def line_user_ids(self, index: NDArray) -> Text:
        person = self._person(index)
        has = self.population.has_line[person] & ~self.is_account(index)
        has &= self.chance("line", index, HAS_LINE_ID / LINE_SHARE)
        return blank(self.identities.line_user_id(person), has)

    def app_user_ids(self, index: NDArray) -> Text:
        bits = self.identities.draws.bits("app user", index).tolist()
        ids = np.array([f"{value:016x}" for value in bits], dtype=object)
        return blank(ids, self.population.members.kind[index] == APP)

    def card_numbers(self, index: NDArray) -> Text:
        numbers = [f"29{number:011d}" for number in (index.astype(np.int64) * 7 + 11).tolist()]
        return blank(np.array(numbers, dtype=object), ~self.is_account(index))

    def stores(self, index: NDArray) -> Text:
        """Where the member enrolled: the shop at home, the online shop, the app."""
        kind, ids = self.population.members.kind[index], self.population.scale.store_ids
        home = np.array(ids, dtype=object)[self.population.home_store[self._person(index)]]
        return np.select([kind == ONLINE, kind == APP], [ONLINE_STORE_ID, APP_STORE_ID], home)

    def tiers(self, index: NDArray, has_risen: NDArray[np.bool_]) -> Text:
        first = self.identities.draws.choice("tier", index, _TIER_WEIGHTS)
        level = np.minimum(first + has_risen, len(TIERS) - 1)
        return blank(np.array(TIERS, dtype=object)[level], ~self.is_account(index))

    def referrers(self, index: NDArray) -> Text:
        """The id of an older member of any kind."""
        older = self.identities.draws.integers("referred by", index, np.maximum(index, 1))
        ids = self.population.members.source_id[older].astype(object)
        return blank(ids, (index > 0) & self.chance("referred", index, REFERRED))

    def chance(self, what: str, index: NDArray, share: object) -> NDArray[np.bool_]:
        return self.identities.draws.chance(f"{SOURCE} has {what}", index, share)

    def _person(self, index: NDArray) -> NDArray[np.int32]:
        return self.population.members.person[index]


def blank(values: Text, keep: NDArray[np.bool_]) -> Text:
    """The values with None where they are not kept."""
    return np.where(keep, values, None)
