"""Rows of `pos.members`: cards, second cards, cards of the app, online accounts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from demo.addresses import addresses
from demo.columns import SECONDS_A_DAY, instants
from demo.history import NOT_YET, History, instants_of, learned_at, until
from demo.identities import Identities
from demo.member_values import SOURCE, MemberValues, blank

RISES = 0.15
"""Share of the members who reach the next tier at some time."""
_RISES_AFTER_DAYS = (90, 790)


@dataclass(frozen=True)
class MemberRows:
    """Rows of a population's members, at any day and in any pieces."""

    identities: Identities

    @cached_property
    def values(self) -> MemberValues:
        return MemberValues(self.identities)

    @cached_property
    def history(self) -> History:
        """All changes of all members."""
        draws, life = self.identities.draws, self.identities.life
        members = self.identities.population.members
        created, ids = members.created_day.astype(np.int64), np.arange(len(members))
        left = np.where(members.left_day < 0, NOT_YET, instants_of(draws, "left", members.left_day))
        changes = {
            change: learned_at(draws, f"{SOURCE} {change}", created, days[members.person])
            for change, days in life.days.items()
        }
        low, high = _RISES_AFTER_DAYS
        rises = created + low + draws.integers("rises after", ids, high - low)
        changes["rises"] = np.where(
            draws.chance("rises", ids, RISES), instants_of(draws, "rises", rises), NOT_YET
        )
        return History(
            {
                "created": instants_of(draws, "created", created),
                **{change: until(at, left) for change, at in changes.items()},
                "left": left,
            }
        )

    def table(self, index: NDArray, last_day: int) -> pa.Table:
        """Rows of these members as they stand at the end of the day, in the contract's words."""
        population, values, history = self.identities.population, self.values, self.history
        person = population.members.person[index]
        is_maiden = self.identities.life.marries(person)
        is_maiden &= ~history.is_past("marriage", index, last_day)
        kanji, kana, romaji = values.names(index, is_maiden)
        home = addresses(population, person, history.is_past("move", index, last_day))
        has_home = values.has_address(index)
        has_left = history.is_past("left", index, last_day)
        columns = {
            "member_id": population.members.source_id[index].astype(object),
            "card_number": values.card_numbers(index),
            "name": kanji,
            "name_kana": kana,
            "name_romaji": romaji,
            "company": values.company(index),
            "phone": values.phones(index, history.is_past("number", index, last_day)),
            "email": values.emails(index),
            "gender": values.genders(index),
            "postal_code": blank(home.postal_code(), has_home),
            "prefecture": blank(home.prefecture, has_home),
            "city": blank(home.city, has_home),
            "address": blank(home.written(self.identities.draws, SOURCE, index), has_home),
            "occupation": values.occupations(index),
            "line_user_id": values.line_user_ids(index),
            "app_user_id": values.app_user_ids(index),
            "tier": values.tiers(index, history.is_past("rises", index, last_day)),
            "home_store_id": values.stores(index),
            "referred_by_member_id": values.referrers(index),
        }
        texts = {name: pa.array(value, pa.string()) for name, value in columns.items()}
        joined = population.members.created_day[index].astype(np.int64) * SECONDS_A_DAY
        left = np.where(has_left, history.at["left"][index], 0)
        is_internal = population.is_staff[person] & ~values.is_account(index)
        return pa.table(
            {
                **texts,
                "birth_date": pa.array(values.birth_days(index)),
                "joined_at": instants(joined),
                "left_at": instants(left, ~has_left),
                "is_internal": pa.array(is_internal),
                "updated_at": instants(history.updated_at(index, last_day)),
            }
        )
