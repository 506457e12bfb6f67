"""Rows of `email.subscribers` and `email.consents`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from demo.campaign_plan import CampaignPlan
from demo.columns import SECONDS_A_DAY, ids, instants, words
from demo.history import NOT_YET, History, instants_of
from demo.identities import OTHER, PRIMARY
from demo.member_values import KANA, KANJI, SCRIPTS, MemberValues, blank
from demo.names import Text
from demo.population import ACCOUNT
from demo.spelling import Spelling
from demo.streams import Draws

SOURCE = "subscribers"
NAMES_MEMBER = 0.20
"""Share of the subscribers, among those whose person has an account, that carry its member id."""
NEWSLETTER_HAS_EMAIL, NEWSLETTER_USES_OTHER_MAIL = 0.99, 0.35
HAS_NAME = 0.80
STATUSES = ("subscribed", "bounced", "unsubscribed", "complained")
_IS_VERIFIED = 0.80
WITHDRAWING = ("unsubscribed", "complained")
WORDING_CHANGED_DAY = 330
"""Consents from that day on were given to the second wording."""


@dataclass(frozen=True)
class SubscriberRows:
    """Rows of a population's subscribers, at any day and in any pieces. The account of a
    subscriber and the subscriber itself have the same address: the mail tool copied it."""

    members: MemberValues
    plan: CampaignPlan

    @cached_property
    def history(self) -> History:
        subscribers = self.members.population.subscribers
        created = instants_of(self._draws, SOURCE, subscribers.created_day)
        ended = np.full(len(subscribers), NOT_YET)
        changes = self.plan.subscriber_changes()
        ended[changes.subscriber] = changes.day.astype(np.int64) * SECONDS_A_DAY + changes.second
        return History({"created": created, "ended": ended})

    @cached_property
    def _ending(self) -> NDArray[np.int8]:
        """Index into STATUSES of how each subscription ends, 0 if it does not."""
        found = np.zeros(len(self.members.population.subscribers), dtype=np.int8)
        changes = self.plan.subscriber_changes()
        for status, word in enumerate(STATUSES):
            found[changes.subscriber[changes.status == word]] = status
        return found

    def table(self, index: NDArray, last_day: int) -> pa.Table:
        """Rows of these subscribers as they stand at the end of the day."""
        population = self.members.population
        status = np.where(self.history.is_past("ended", index, last_day), self._ending[index], 0)
        created = self.history.at["created"][index]
        verified = self._draws.chance("verified", index, _IS_VERIFIED)
        return pa.table(
            {
                "subscriber_id": pa.array(population.subscribers.source_id[index]),
                "status": words(STATUSES, status),
                "email": pa.array(self.emails(index), pa.string()),
                "email_verified_at": instants(created, ~verified),
                "member_id": pa.array(self._member_ids(index), pa.string()),
                "name": pa.array(self._names(index), pa.string()),
                "consented_at": instants(created),
                "consent_source": pa.array(self._sources(index), pa.string()),
                "updated_at": instants(self.history.updated_at(index, last_day)),
            }
        )

    def consents(self, first_day: int, last_day: int) -> pa.Table:
        """One row a consent granted or withdrawn in these days (all before them too, on day 0)."""
        withdraws = np.isin(self._ending, [STATUSES.index(word) for word in WITHDRAWING])
        created = History({"created": self.history.at["created"]})
        ended = History({"created": np.where(withdraws, self.history.at["ended"], NOT_YET)})
        parts = [
            self._consents(created, "granted", 1, first_day, last_day),
            self._consents(ended, "withdrawn", 2, first_day, last_day),
        ]
        return pa.concat_tables(parts)

    def _consents(
        self, history: History, action: str, number: int, first_day: int, last_day: int
    ) -> pa.Table:
        index = history.changed(first_day, last_day)
        at = history.at["created"][index]
        granted_day = self.members.population.subscribers.created_day[index]
        wording = np.where(granted_day >= WORDING_CHANGED_DAY, 1, 0)
        source = self._sources(index) if action == "granted" else np.full(len(index), "link")
        return pa.table(
            {
                "consent_id": ids("G", index * 10 + number, 8),
                "subscriber_id": pa.array(self.members.population.subscribers.source_id[index]),
                "purpose": pa.repeat("marketing", len(index)),
                "channel": pa.repeat("email", len(index)),
                "action": pa.repeat(action, len(index)),
                "occurred_at": instants(at),
                "source": pa.array(source, pa.string()),
                "wording_version": words(("v1", "v2"), wording),
            }
        )

    def emails(self, index: NDArray) -> Text:
        """The account's address, or the one given to the newsletter."""
        population, person = self.members.population, self._person(index)
        is_account = population.subscribers.kind[index] == ACCOUNT
        other = self._draws.chance("newsletter other mail", index, NEWSLETTER_USES_OTHER_MAIL)
        true = self.members.identities.email(person, np.where(other, OTHER, PRIMARY))
        typed = self._spelling.email(index, true, may_slip=np.ones(len(index), dtype=np.bool_))
        given = self._draws.chance("newsletter mail", index, NEWSLETTER_HAS_EMAIL)
        found = blank(typed, given)
        found[is_account] = self.members.emails(population.account_of[person[is_account]])
        return found

    def _names(self, index: NDArray) -> Text:
        person, identities = self._person(index), self.members.identities
        family, given = identities.family(person), identities.given[person]
        script = self._draws.choice(f"{SOURCE} script", index, SCRIPTS)
        kanji = self._spelling.kanji(index, family, identities.writing(person), given)
        kana = self._spelling.kana(index, family, given)
        romaji = self._spelling.romaji(index, family, given)
        name = np.select([script == KANJI, script == KANA], [kanji, kana], romaji)
        return blank(name, self._draws.chance(f"{SOURCE} name", index, HAS_NAME))

    def _member_ids(self, index: NDArray) -> Text:
        """The id of the person's account, where the mail tool knows it."""
        population = self.members.population
        account = population.account_of[self._person(index)]
        created = population.subscribers.created_day[index]
        known = (account >= 0) & (population.members.created_day[account] <= created)
        known &= self._draws.chance(f"{SOURCE} member id", index, NAMES_MEMBER)
        return blank(population.members.source_id[account].astype(object), known)

    def _sources(self, index: NDArray) -> Text:
        is_account = self.members.population.subscribers.kind[index] == ACCOUNT
        at_shop = self._draws.chance(f"{SOURCE} at shop", index, 0.4)
        return np.select([is_account, at_shop], ["account", "register"], "web_form").astype(object)

    @property
    def _draws(self) -> Draws:
        return self.members.identities.draws

    @cached_property
    def _spelling(self) -> Spelling:
        return Spelling(self._draws, SOURCE)

    def _person(self, index: NDArray) -> NDArray[np.int32]:
        return self.members.population.subscribers.person[index]
