"""Rows of `support.requesters`: a name, and the one way by which the help desk knows a person."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from demo.columns import instants
from demo.history import History, instants_of, learned_at
from demo.identities import OTHER, PRIMARY, Identities
from demo.member_values import KANA, KANJI, SCRIPTS, blank
from demo.names import Text
from demo.population import BY_EMAIL, BY_LINE, BY_PHONE, Population
from demo.spelling import Spelling

SOURCE = "requesters"
NAMES_MEMBER = 0.10
"""Share of the requesters, among those whose person is a member, that carry a member id."""
CALLS_FROM_LANDLINE, USES_OTHER_MAIL = 0.30, 0.25
HAS_KANA = 0.20
"""Share of the kanji names with the reading beside them."""
HAS_COMPANY = 0.6
CHANGES = ("number", "marriage")


@dataclass(frozen=True)
class RequesterRows:
    """Rows of a population's requesters, at any day and in any pieces."""

    identities: Identities

    @property
    def population(self) -> Population:
        return self.identities.population

    @cached_property
    def history(self) -> History:
        draws, requesters = self.identities.draws, self.population.requesters
        created, days = requesters.created_day.astype(np.int64), self.identities.life.days
        learned = {
            change: learned_at(
                draws, f"{SOURCE} {change}", created, days[change][requesters.person]
            )
            for change in CHANGES
        }
        return History({"created": instants_of(draws, SOURCE, created), **learned})

    def table(self, index: NDArray, last_day: int) -> pa.Table:
        """Rows of these requesters as they stand at the end of the day."""
        requesters, identities = self.population.requesters, self.identities
        person, kind = requesters.person[index], requesters.kind[index]
        name, kana = self._names(index, last_day)
        is_company = self.population.is_company[person]
        is_company &= identities.draws.chance(f"{SOURCE} company", index, HAS_COMPANY)
        columns = {
            "requester_id": requesters.source_id[index].astype(object),
            "name": name,
            "name_kana": kana,
            "email": blank(self._emails(index), kind == BY_EMAIL),
            "phone": blank(self._phones(index, last_day), kind == BY_PHONE),
            "line_user_id": blank(identities.line_user_id(person), kind == BY_LINE),
            "member_id": self._member_ids(index),
            "company": blank(identities.company(person), is_company),
        }
        texts = {name: pa.array(values, pa.string()) for name, values in columns.items()}
        return pa.table({**texts, "updated_at": instants(self.history.updated_at(index, last_day))})

    def _names(self, index: NDArray, last_day: int) -> tuple[Text, Text]:
        """The name in one of three scripts, and the reading of some kanji names."""
        person, draws = self.population.requesters.person[index], self.identities.draws
        is_maiden = self.identities.life.marries(person)
        is_maiden &= ~self.history.is_past("marriage", index, last_day)
        family, given = self.identities.family(person, is_maiden), self.identities.given[person]
        script = draws.choice(f"{SOURCE} script", index, SCRIPTS)
        kanji = self._spelling.kanji(index, family, self.identities.writing(person), given)
        kana = self._spelling.kana(index, family, given)
        romaji = self._spelling.romaji(index, family, given)
        name = np.select([script == KANJI, script == KANA], [kanji, kana], romaji)
        has_kana = (script == KANJI) & draws.chance(f"{SOURCE} kana", index, HAS_KANA)
        return name, blank(kana, has_kana)

    def _emails(self, index: NDArray) -> Text:
        person, draws = self.population.requesters.person[index], self.identities.draws
        other = draws.chance(f"{SOURCE} other mail", index, USES_OTHER_MAIL)
        true = self.identities.email(person, np.where(other, OTHER, PRIMARY))
        # Mail arrives from the address itself: nobody types it.
        return self._spelling.email(index, true, may_slip=np.zeros(len(index), dtype=np.bool_))

    def _phones(self, index: NDArray, last_day: int) -> Text:
        person = self.population.requesters.person[index]
        is_new = self.history.is_past("number", index, last_day)
        mobile, landline = self.identities.mobile(person, is_new), self.identities.landline(person)
        at_home = self.identities.draws.chance(f"{SOURCE} landline", index, CALLS_FROM_LANDLINE)
        return self._spelling.phone(index, np.where(at_home, landline, mobile))

    def _member_ids(self, index: NDArray) -> Text:
        """The id of the person's card, else of the account, where the agent asked for it."""
        population, person = self.population, self.population.requesters.person[index]
        card, account = population.card_of[person], population.account_of[person]
        created = population.members.created_day
        known_from = population.requesters.created_day[index]
        card_known = (card >= 0) & (created[card] <= known_from)
        account_known = (account >= 0) & (created[account] <= known_from)
        member = np.where(card_known, card, account)
        named = self.identities.draws.chance(f"{SOURCE} member id", index, NAMES_MEMBER)
        ids = population.members.source_id[member].astype(object)
        return blank(ids, (card_known | account_known) & named)

    @cached_property
    def _spelling(self) -> Spelling:
        return Spelling(self.identities.draws, SOURCE)
