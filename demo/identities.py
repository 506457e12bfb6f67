"""What people are called and how they can be reached: the true values, before anyone writes them.

Every function takes indexes of people and gives an array of texts for them (object arrays), so that
any piece of any table can be made alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from demo.life import Life
from demo.names import (
    WRITINGS,
    Text,
    draw_family,
    draw_given,
    family_names,
    family_romaji,
    given_romaji,
)
from demo.places import landline, place_of_store, places
from demo.population import Population
from demo.streams import Draws

MAIL_DOMAINS = ("mail.kakuu.jp", "keitai.kakuu.jp", "web.kakuu.jp", "hikari.kakuu.jp")
"""Invented providers; a company has a domain of its own below COMPANY_DOMAIN."""
COMPANY_DOMAIN = "kakuu.jp"
MOBILE_PREFIXES = ("090", "080", "070")
PRIMARY, OTHER = range(2)
"""A person's e-mail addresses; companies' people have the private one as the other."""
CHILD_USES_PARENTS_MAIL, ADULT_USES_ANOTHERS_MAIL = 0.5, 0.07
_WRITING_WEIGHTS = (0.70, 0.14, 0.10, 0.06)
_BUSINESSES = ("商事", "工業", "建設", "運輸", "食品", "電機", "印刷", "不動産", "設計", "製作所")
_LOCALS_A_PREFIX = 90_000_000
_STRIDE = 179_424_673
"""A prime: multiples of it, modulo a count of numbers, are different for different people."""
_TOKENS = 36**5


@dataclass(frozen=True)
class Identities:
    """The true values of a population's people."""

    population: Population

    @cached_property
    def life(self) -> Life:
        return Life(self.population)

    @cached_property
    def draws(self) -> Draws:
        return Draws(self.population.seed)

    def family(self, persons: NDArray, is_maiden: ArrayLike = False) -> NDArray[np.int64]:
        """Index of the family name: the household's, a contact's own, or a maiden name."""
        own = self.population.is_company[persons]
        household = self.population.household[persons]
        shared = draw_family(self.draws, "family", household)
        single = draw_family(self.draws, "own family", persons)
        return np.where(own | is_maiden, single, shared)

    def writing(self, persons: NDArray) -> NDArray[np.int64]:
        """Which writing of the family name the household uses."""
        household = self.population.household[persons]
        return self.draws.choice("writing", household, _WRITING_WEIGHTS[:WRITINGS])

    @cached_property
    def given(self) -> NDArray[np.int64]:
        """Index of the given name, over all people."""
        people = np.arange(self.population.n)
        year = self.population.birth_day.astype("datetime64[Y]").astype(np.int64) + 1970
        return draw_given(self.draws, "given", people, self.population.is_female, year)

    def kanji(self, family: NDArray, writing: NDArray) -> Text:
        """Family names (indexes) in kanji, in those writings."""
        return family_names().writings[family, writing]

    def mobile(self, persons: NDArray, is_new: ArrayLike) -> Text:
        """The person's mobile number, eleven digits; another one after the change of numbers."""
        count = len(MOBILE_PREFIXES) * _LOCALS_A_PREFIX
        number = (persons.astype(np.int64) * 2 + is_new + 1) * _STRIDE % count
        prefix, local = np.divmod(number, _LOCALS_A_PREFIX)
        return _text(
            f"{MOBILE_PREFIXES[p]}{n + 10_000_000}"
            for p, n in zip(prefix.tolist(), local.tolist(), strict=True)
        )

    def landline(self, persons: NDArray) -> Text:
        """The phone of the household (or the office), ten digits; it stays when they move."""
        head = self.population.head[persons]
        codes = [place.area_code for place in places()]
        place = place_of_store(self.population.home_store[head]).tolist()
        number = (self.population.household[persons].astype(np.int64) + 1) * _STRIDE
        return _text(landline(codes[p], n) for p, n in zip(place, number.tolist(), strict=True))

    @cached_property
    def mail_owner(self) -> NDArray[np.int32]:
        """The person whose e-mail address each person uses: mostly the person."""
        population, people = self.population, np.arange(self.population.n)
        follows = ~population.is_company & (population.head != people)
        adults = ~population.is_child
        share = ADULT_USES_ANOTHERS_MAIL * adults.sum() / max(1, (follows & adults).sum())
        share = np.where(population.is_child, CHILD_USES_PARENTS_MAIL, share)
        uses_heads = follows & self.draws.chance("uses another's mail", people, share)
        return np.where(uses_heads, population.head, people).astype(np.int32)

    def email(self, persons: NDArray, which: NDArray) -> Text:
        """The address that a person uses, PRIMARY or OTHER; never that of a second household."""
        owner = self.mail_owner[persons]
        given = given_romaji(0)[self.given[owner]]
        family = family_romaji(0)[self.family(owner)]
        birth = self.population.birth_day[owner].astype("datetime64[Y]").astype(np.int64) + 1970
        pattern = self.draws.integers("mail pattern", owner, 3)
        domain = self.draws.integers("mail domain", owner, len(MAIL_DOMAINS))
        at_work = self.population.is_company[owner] & (which == PRIMARY)
        company = self.population.household[owner]
        return _text(
            _address(*row)
            for row in zip(
                given, family, birth.tolist(), owner.tolist(), pattern.tolist(),
                domain.tolist(), which.tolist(), at_work.tolist(), company.tolist(), strict=True,
            )
        )  # fmt: skip

    def role_email(self, persons: NDArray) -> Text:
        """The address that a company prints on its letters."""
        return _text(
            f"info@{_company_host(company)}"
            for company in self.population.household[persons].tolist()
        )

    def company(self, persons: NDArray) -> Text:
        """Name of the company that a contact works for, without its legal form."""
        company = self.population.household[persons]
        family = draw_family(self.draws, "company", company)
        business = self.draws.integers("business", company, len(_BUSINESSES))
        return family_names().writings[family, 0] + _text(_BUSINESSES)[business]

    def line_user_id(self, persons: NDArray) -> Text:
        """The person's LINE user id: U and 32 hexadecimal digits."""
        first, second = (self.draws.bits(f"line {half}", persons).tolist() for half in "ab")
        return _text(f"U{a:016x}{b:016x}" for a, b in zip(first, second, strict=True))


def _address(
    given: str, family: str, year: int, owner: int, pattern: int, domain: int, which: int,
    at_work: bool, company: int,
) -> str:  # fmt: skip
    """Local parts carry a token of the owner, so that no two people share one."""
    if at_work:
        return f"{given}.{family}.{_token(owner)}@{_company_host(company)}"
    local = (f"{given}.{family}", f"{given}{year % 100:02d}", f"{given[0]}.{family}")[pattern]
    provider = MAIL_DOMAINS[(domain + which) % len(MAIL_DOMAINS)]
    return f"{local}.{_token(owner)}@{provider}"


def _company_host(company: int) -> str:
    return f"c{_token(company)}.{COMPANY_DOMAIN}"


def _token(number: int) -> str:
    return np.base_repr(number * _STRIDE % _TOKENS, 36).lower()


def _text(values: object) -> Text:
    return np.array(list(values), dtype=object)
