"""Audiences of the campaigns: contacts, arms, variants, and who leaves the list because of one."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from demo.campaigns import OF_MEMBERS, TARGETS, Campaigns
from demo.friends import is_friend
from demo.in_force import member_in_force
from demo.population import Population
from demo.streams import Draws, stream

STAYS, BOUNCES, UNSUBSCRIBES, COMPLAINS = range(4)
"""What a message makes of the subscription of a contact."""
MOST_CONTACTS = 30_000
"""Audiences of the large scales are cut to this size, so that mail stays in step with sales."""
DEAD_ADDRESSES = 0.03
"""Share of the subscriptions whose address does not exist (any more)."""
_BOUNCE_OF_DEAD, _BOUNCE, _UNSUBSCRIBE, _COMPLAINT = 0.8, 0.0008, 0.004, 0.0005
_DAYS_TO_LEAVE = (0.65, 0.2, 0.1, 0.05)
_NEWCOMER_DAYS, _LONGSTANDING_DAYS, _STORES_CHOSEN = 180, 365, 0.4


@dataclass(frozen=True)
class Audiences:
    """One row a contact, by campaign, then subscriber.

    `campaign` int16; `subscriber`, `person` int32; `member`: index of a member record of the person
    that is in force on the day of the send, -1 for none; `is_holdout`; `is_variant_b`; `leaves`:
    what the message makes of the subscription, with `leaving_day` and `leaving_second` of that day.
    """

    campaign: NDArray[np.int16]
    subscriber: NDArray[np.int32]
    person: NDArray[np.int32]
    member: NDArray[np.int32]
    is_holdout: NDArray[np.bool_]
    is_variant_b: NDArray[np.bool_]
    leaves: NDArray[np.int8]
    leaving_day: NDArray[np.int16]
    leaving_second: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.campaign)

    def rows_of(self, campaign: int) -> slice:
        """The rows of one campaign."""
        first, last = np.searchsorted(self.campaign, (campaign, campaign + 1))
        return slice(int(first), int(last))

    def keep(self, rows: NDArray[np.bool_]) -> Audiences:
        """These rows alone."""
        return replace(self, **{each.name: getattr(self, each.name)[rows] for each in fields(self)})


def pair_ids(campaign: NDArray[np.int16] | int, person: NDArray[np.int32]) -> NDArray[np.int64]:
    """One number for each pair of a campaign and a person (or a subscriber)."""
    return (np.asarray(campaign, dtype=np.int64) << 32) | person


def draw_audiences(population: Population, campaigns: Campaigns) -> Audiences:
    """Audiences of all campaigns; who has left the list is in none of the later ones."""
    parts = [_addressed(population, campaigns, number) for number in range(len(campaigns))]
    campaign = np.repeat(np.arange(len(parts), dtype=np.int16), [len(part) for part, _ in parts])
    subscriber = np.concatenate([part for part, _ in parts])
    member = np.concatenate([members for _, members in parts])
    return _without_leavers(_with_arms(population, campaigns, campaign, subscriber, member))


def _addressed(
    population: Population, campaigns: Campaigns, number: int
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Subscribers that a campaign picks, and a member record of each, -1 for none."""
    subscribers, day = population.subscribers, int(campaigns.send_day[number])
    rng = stream(population.seed, "audience", number)
    member = member_in_force(population, subscribers.person, day)
    may = (subscribers.created_day < day) & ~population.is_child[subscribers.person]
    channel = campaigns.channel[number]
    if channel in OF_MEMBERS:
        may &= (member >= 0) & _is_first_of_person(subscribers.person, may)
    if channel == "line":
        may &= is_friend(population, day)[subscribers.person]
    wanted = min(campaigns.audience_share[number] * np.count_nonzero(may), MOST_CONTACTS)
    may &= _is_target(population, TARGETS[campaigns.target[number]], day, rng)
    share = min(1.0, wanted / max(1, np.count_nonzero(may)))
    picked = np.flatnonzero(may & (rng.random(len(may)) < share)).astype(np.int32)
    return picked, member[picked]


def _is_first_of_person(person: NDArray[np.int32], rows: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """True for the first of the chosen rows of each person."""
    index = np.flatnonzero(rows)
    first = np.zeros(len(person), dtype=bool)
    first[index[np.unique(person[index], return_index=True)[1]]] = True
    return first


def _is_target(
    population: Population, target: str, day: int, rng: np.random.Generator
) -> NDArray[np.bool_]:
    person, created = population.subscribers.person, population.subscribers.created_day
    if target == "newcomers":
        return created >= day - _NEWCOMER_DAYS
    if target == "longstanding":
        return created < day - _LONGSTANDING_DAYS
    if target == "women":
        return population.is_female[person]
    if target == "stores":
        chosen = rng.random(population.scale.stores) < _STORES_CHOSEN
        chosen[rng.integers(population.scale.stores)] = True
        return chosen[population.home_store[person]]
    return np.ones(len(person), dtype=bool)


def _with_arms(
    population: Population,
    campaigns: Campaigns,
    campaign: NDArray[np.int16],
    subscriber: NDArray[np.int32],
    member: NDArray[np.int32],
) -> Audiences:
    draws, person = Draws(population.seed), population.subscribers.person[subscriber]
    people, contacts = pair_ids(campaign, person), pair_ids(campaign, subscriber)
    is_holdout = draws.chance("held out", people, campaigns.holdout_share[campaign])
    can_leave = (campaigns.channel[campaign] == "email") & ~is_holdout
    leaves = np.where(can_leave, _leaving(draws, contacts, subscriber), STAYS).astype(np.int8)
    wait = np.where(leaves > BOUNCES, draws.choice("days to leave", contacts, _DAYS_TO_LEAVE), 0)
    return Audiences(
        campaign=campaign,
        subscriber=subscriber,
        person=person,
        member=member,
        is_holdout=is_holdout,
        is_variant_b=draws.chance("variant", people, 0.5),
        leaves=leaves,
        leaving_day=(campaigns.send_day[campaign] + wait).astype(np.int16),
        leaving_second=_leaving_seconds(draws, contacts, campaigns, campaign, leaves),
    )


def _leaving(
    draws: Draws, contacts: NDArray[np.int64], subscriber: NDArray[np.int32]
) -> NDArray[np.int64]:
    chance = draws.uniform("leaves", contacts)
    is_dead = draws.chance("dead address", subscriber, DEAD_ADDRESSES)
    bounce = np.where(is_dead, _BOUNCE_OF_DEAD, _BOUNCE)
    edges = (bounce, bounce + _UNSUBSCRIBE, bounce + _UNSUBSCRIBE + _COMPLAINT)
    return np.select(
        [chance < edge for edge in edges], [BOUNCES, UNSUBSCRIBES, COMPLAINS], default=STAYS
    )


def _leaving_seconds(
    draws: Draws,
    contacts: NDArray[np.int64],
    campaigns: Campaigns,
    campaign: NDArray[np.int16],
    leaves: NDArray[np.int8],
) -> NDArray[np.int32]:
    """Bounces come back with the send; people leave from two hours after it, until 23 o'clock."""
    sent = campaigns.send_second[campaign]
    chance = draws.uniform("second of leaving", contacts)
    by_hand = sent + 7_200 + chance * (23 * 3_600 - sent - 7_200)
    return np.where(leaves == BOUNCES, sent + 1_500 + chance * 300, by_hand).astype(np.int32)


def _without_leavers(all_contacts: Audiences) -> Audiences:
    """Without the contacts that come after the subscription ended."""
    leaving = np.flatnonzero(all_contacts.leaves != STAYS)
    subscriber, first = np.unique(all_contacts.subscriber[leaving], return_index=True)
    leaving_row = np.full(int(all_contacts.subscriber.max(initial=0)) + 1, len(all_contacts))
    leaving_row[subscriber] = leaving[first]
    row = np.arange(len(all_contacts))
    return all_contacts.keep(row <= leaving_row[all_contacts.subscriber])
