"""What campaigns really added within a week, and how much of it a warehouse can see.

The generator plants one more purchase in some of the treated, within days of the send. Whoever
would have bought that week anyway is no additional buyer. Three truths follow from that:

- of people: every purchase counts, whoever makes it;
- identified: purchases that name a member record;
- visible: those whose member record belongs to the very customer who stands in the audience. A
  subscription and a card of one person that the warehouse has not joined are two customers: the
  campaign is sent to one of them and the purchase is made by the other.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from demo.campaign_plan import CampaignPlan
from demo.campaigns import OF_MEMBERS
from demo.population import Population
from demo.purchases import Visits
from demo.segments import SEGMENTS
from demo.streams import stream
from demo.world import World

Array = NDArray[np.float64]
Index = NDArray[np.int64]

_DRAWS = 16
"""How often the record shown on a planted purchase is drawn: the share is a mean over thousands."""
_DAYS_TO_VISIT = 2
"""Days from the send to a planted purchase, about: cards hardly change within them."""


@dataclass(frozen=True)
class Customers:
    """Who is one customer: of each member record, subscription and person its customer, -1 for
    none. `count` customers are numbered 0, 1, ...; `is_internal` marks those left out."""

    of_member: Index
    of_subscriber: Index
    is_internal: NDArray[np.bool_]

    @property
    def count(self) -> int:
        return len(self.is_internal)


@dataclass(frozen=True)
class Lifts:
    """Arrays over campaigns: what they add to each measure, a treated customer; 0 in an A/A.

    `purchase_rate`, `orders_per_person`, `net_sales_per_person` in the window after the send;
    `n_treated` customers.
    """

    purchase_rate: Array
    orders_per_person: Array
    net_sales_per_person: Array
    n_treated: Index


def perfect_identity(world: World) -> Customers:
    """Every person is one customer."""
    population = world.population
    return Customers(
        of_member=population.members.person.astype(np.int64),
        of_subscriber=population.subscribers.person.astype(np.int64),
        is_internal=population.is_staff,
    )


def visible_lifts(world: World, customers: Customers, days: int) -> Lifts:
    """What the campaigns add as seen by who knows these customers, `days` from the send on."""
    visits = world.visits
    buyer = np.where(visits.member >= 0, customers.of_member[visits.member], -1)
    return _lifts(world, customers, buyer, days, shows_record=True)


def lifts_of_people(world: World, days: int) -> Lifts:
    """What the campaigns add to people's purchases, those without a card included."""
    visits = world.visits
    return _lifts(
        world, perfect_identity(world), visits.person.astype(np.int64), days, shows_record=False
    )


def audience_customers(plan: CampaignPlan, customers: Customers) -> Index:
    """The customer behind each contact: by the member's record where members are addressed."""
    audiences = plan.audiences
    of_members = np.isin(plan.campaigns.channel, OF_MEMBERS)[audiences.campaign]
    return np.where(
        of_members,
        customers.of_member[audiences.member],
        customers.of_subscriber[audiences.subscriber],
    )


def _lifts(
    world: World, customers: Customers, buyer: Index, days: int, *, shows_record: bool
) -> Lifts:
    plan, visits = world.plan, world.visits
    contact_customer = audience_customers(plan, customers)
    counts = len(plan.campaigns)
    found = np.zeros((3, counts))
    n_treated = np.zeros(counts, dtype=np.int64)
    for number in range(counts):
        rows = plan.audiences.rows_of(number)
        customer, person = contact_customer[rows], plan.audiences.person[rows]
        arms = _arms(customer, plan.audiences.is_holdout[rows], customers)
        treated = np.flatnonzero(arms)
        n_treated[number] = len(treated)
        first, last = np.searchsorted(
            visits.day, plan.campaigns.send_day[number] + np.array([0, days])
        )
        span = slice(int(first), int(last))
        anyway = np.zeros(customers.count + 1, dtype=bool)
        anyway[buyer[span][visits.campaign[span] != number]] = True
        is_treated = (customer >= 0) & arms[customer]
        pairs = np.unique(np.stack([person[is_treated], customer[is_treated]]), axis=1)
        shown = _shown(world, number, pairs, customers) if shows_record else 1.0
        planted = plan.campaigns.lift[number] / max(len(treated), 1)
        spend = np.nan_to_num(visits.processes.mean_spend[pairs[0]])
        found[:, number] = [
            planted * np.sum(shown * ~anyway[pairs[1]]),
            planted * np.sum(shown * np.ones(pairs.shape[1])),
            planted * np.sum(shown * spend),
        ]
    return Lifts(*found, n_treated)


def _arms(customer: Index, is_holdout: NDArray[np.bool_], customers: Customers) -> NDArray:
    """Of each customer whether they are treated: in no hold-out, and not internal."""
    arms = np.zeros((2, customers.count), dtype=bool)
    for arm, rows in enumerate((~is_holdout, is_holdout)):
        known = customer[rows]
        arms[arm, known[known >= 0]] = True
    return arms[0] & ~arms[1] & ~customers.is_internal


def _shown(world: World, number: int, pairs: Index, customers: Customers) -> Array:
    """Share of the purchases of each person that carry a record of the customer beside."""
    population, (person, customer) = world.population, pairs
    rng = stream(world.seed, "evaluation: records shown", number)
    day = np.full(len(person), world.plan.campaigns.send_day[number] + _DAYS_TO_VISIT, np.int16)
    found = np.zeros(len(person))
    for _ in range(_DRAWS):
        member = _draw_records(population, person, day, rng)
        found += (member >= 0) & (customers.of_member[member] == customer)
    return found / _DRAWS


def _draw_records(
    population: Population, person: Index, day: NDArray[np.int16], rng: np.random.Generator
) -> NDArray[np.int32]:
    """Mirrors the generator: online by those with an account who want to, else with a card."""
    share = np.array([segment.online_share for segment in SEGMENTS])[population.segment[person]]
    wants_online = rng.random(len(person)) < share
    everywhere = np.ones(len(person), dtype=bool)
    account = population.choose_member_record(person, day, everywhere, rng)
    card = population.choose_member_record(person, day, ~everywhere, rng)
    return np.where(wants_online & (account >= 0), account, card)


def buyers(visits: Visits, customers: Customers) -> Index:
    """The customer of each visit as the register knows them, -1 for a guest."""
    return np.where(visits.member >= 0, customers.of_member[visits.member], -1)
