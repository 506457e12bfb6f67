"""Visits: who comes when to which store, with which card; and the truth about it.

What belongs here: the place, the minute and the member of each purchase, and those that
campaigns plant. What does not: on which days people buy (`demo.processes`), what they take
(`demo.baskets`). Everything of the horizon is drawn at once; the index of a visit is its id.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from demo.calendar import BASE_DAYS, HORIZON_DAYS, dates_of
from demo.campaign_plan import CampaignPlan
from demo.loyalty import club_years, coupons_redeemed, points_in_hand
from demo.population import APP, Population
from demo.processes import Processes, draw_processes
from demo.segments import SEGMENTS
from demo.stores import Stores, build_stores
from demo.streams import stream

if TYPE_CHECKING:
    from demo.world import World

_ELSEWHERE = 0.12
"""Share of the visits to another shop than the own one."""
_APP_SHARE = 0.6
"""Share of the online purchases that those with an app card make in the app."""
_HOURS_SHOP = (1, 2, 3, 4, 4, 3, 3, 4, 6, 7, 5, 3, 2, 1.5, 1, 0.6, 0.4)
"""Weights of the hours from 9 o'clock on; a shop uses those in which it is open."""
_HOURS_ONLINE = (2, 1, 0.5, 0.3, 0.3, 0.5, 1, 2, 3, 3, 3, 3, 5, 4, 3, 3, 3, 4, 5, 6, 8, 9, 8, 5)
_FIRST_SHOP_HOUR = 9


@dataclass(frozen=True)
class Visits:
    """Arrays over visits of the horizon, by day, store and minute.

    `person` int32; `member` int32: index of the member record shown, -1 for a guest; `day` int16:
    business day; `minute` int16 from its midnight, may lie beyond 1440; `store` int16; `spend`
    float32: net yen aimed at; `points` int16: points that would be used; `joins_club`: whether a
    year of the club is bought; `campaign`, `coupon` int16: the campaign that planted the visit, and
    whose coupon is redeemed, -1 for none. `processes` are those that the visits come from.
    """

    person: NDArray[np.int32]
    member: NDArray[np.int32]
    day: NDArray[np.int16]
    minute: NDArray[np.int16]
    store: NDArray[np.int16]
    spend: NDArray[np.float32]
    points: NDArray[np.int16]
    joins_club: NDArray[np.bool_]
    campaign: NDArray[np.int16]
    coupon: NDArray[np.int16]
    processes: Processes

    def __len__(self) -> int:
        return len(self.person)

    @cached_property
    def day_starts(self) -> NDArray[np.int64]:
        """Index of the first visit of each day; one more entry than days."""
        return np.searchsorted(self.day, np.arange(HORIZON_DAYS + 1))

    def between(self, first_day: int, last_day: int) -> NDArray[np.int64]:
        """Indexes of the visits of these business days, both ends included."""
        ends = np.clip([first_day, last_day + 1], 0, HORIZON_DAYS)
        return np.arange(*self.day_starts[ends])


def visits(population: Population, plan: CampaignPlan) -> Visits:
    """Every visit of the horizon, organic or planted by a campaign."""
    stores = build_stores(population.seed, population.scale)
    processes = draw_processes(population)
    person, day, spend, campaign = _with_campaigns(population, plan, processes)
    rng = stream(population.seed, "visits")
    member, store = _places(rng, population, stores, person, day)
    minute = _minutes(rng, stores, store, population.is_company[person])
    order = np.argsort((day.astype(np.int64) * len(stores) + store) * 2_048 + minute, kind="stable")
    person, member, day, spend = person[order], member[order], day[order], spend[order]
    campaign = campaign[order]
    return Visits(
        person=person,
        member=member,
        day=day,
        minute=minute[order],
        store=store[order],
        spend=spend,
        points=points_in_hand(population.seed, person, member, spend),
        joins_club=club_years(population, person, member, day),
        campaign=campaign,
        coupon=coupons_redeemed(plan, person, member, day, campaign),
        processes=processes,
    )


def process_parameters(world: World) -> pa.Table:
    """One row a person: the process and its parameters; NULL of what a process does not have.

    `process` mbg_nbd, clumps or none (children); `purchase_rate` per day of the shops' clock, whose
    days are calendar days on average over a year; `dropout_probability` after each purchase;
    `clumps_per_year`; `mean_spend` net yen a purchase; `is_alive` at the end of the base history.
    """
    found, population = world.visits.processes, world.population
    is_clumpy = np.array([segment.is_clumpy for segment in SEGMENTS])[population.segment]
    process = np.where(is_clumpy, "clumps", "mbg_nbd")
    return pa.table(
        {
            "person_id": pa.array(np.arange(population.n, dtype=np.int32)),
            "process": pa.array(np.where(population.is_child, "none", process)),
            "purchase_rate": pa.array(found.rate, from_pandas=True),
            "dropout_probability": pa.array(found.dropout, from_pandas=True),
            "clumps_per_year": pa.array(found.clumps, from_pandas=True),
            "mean_spend": pa.array(found.mean_spend, from_pandas=True),
            "is_alive": pa.array(found.is_alive),
        }
    )


def future_purchases(world: World) -> pa.Table:
    """One row a person and business date after the base history: `purchases`, campaigns' not among
    them, and `spend`: the net yen that they aim at."""
    found = world.visits.processes
    after = found.day >= BASE_DAYS
    key = found.person[after].astype(np.int64) * HORIZON_DAYS + found.day[after]
    keys, place = np.unique(key, return_inverse=True)
    return pa.table(
        {
            "person_id": pa.array((keys // HORIZON_DAYS).astype(np.int32)),
            "business_date": pa.array(dates_of(keys % HORIZON_DAYS)),
            "purchases": pa.array(np.bincount(place, minlength=len(keys))),
            "spend": pa.array(np.bincount(place, found.spend[after], minlength=len(keys))),
        }
    )


def _with_campaigns(
    population: Population, plan: CampaignPlan, processes: Processes
) -> tuple[NDArray[np.int32], NDArray[np.int16], NDArray[np.float32], NDArray[np.int16]]:
    """Person, day, spend and campaign of organic visits and, behind them, of planted ones."""
    extra = plan.extra_visits()
    grown = ~population.is_child[extra.person] & (extra.day < HORIZON_DAYS)
    people = extra.person[grown]
    shape = np.array([segment.spend_p for segment in SEGMENTS])[population.segment[people]]
    noise = stream(population.seed, "planted spend").gamma(shape) / shape
    spend = (processes.mean_spend[people] * noise).astype(np.float32)
    organic = np.full(len(processes.person), -1, dtype=np.int16)
    return (
        np.r_[processes.person, people],
        np.r_[processes.day, extra.day[grown]],
        np.r_[processes.spend, spend],
        np.r_[organic, extra.campaign[grown]],
    )


def _places(
    rng: np.random.Generator,
    population: Population,
    stores: Stores,
    person: NDArray[np.int32],
    day: NDArray[np.int16],
) -> tuple[NDArray[np.int32], NDArray[np.int16]]:
    """Member record and store of each visit: online only with an account, else in a shop."""
    count = len(person)
    share = np.array([segment.online_share for segment in SEGMENTS])[population.segment[person]]
    wants_online = rng.random(count) < share
    everywhere = np.ones(count, dtype=bool)
    account = population.choose_member_record(person, day, everywhere, rng)
    card = population.choose_member_record(person, day, ~everywhere, rng)
    is_online = wants_online & (account >= 0)
    home = population.home_store[person].astype(np.int64)
    away = rng.random(count) < _ELSEWHERE
    shop = np.where(away, (home + rng.integers(1, 4, count)) % stores.physical, home)
    fallback = rng.choice(stores.always_open, count)
    shop = np.where(stores.is_open(shop, day), shop, fallback)
    card_of = population.card_of[person]
    has_app = (card_of >= 0) & (population.members.kind[card_of] == APP)
    in_app = has_app & (rng.random(count) < _APP_SHARE)
    store = np.where(is_online, np.where(in_app, stores.app, stores.online), shop)
    return np.where(is_online, account, card).astype(np.int32), store.astype(np.int16)


def _minutes(
    rng: np.random.Generator,
    stores: Stores,
    store: NDArray[np.int16],
    is_company: NDArray[np.bool_],
) -> NDArray[np.int16]:
    """Minute of the business day: shops have a noon and an evening, offices order by day."""
    share, minute = rng.random(len(store)), rng.integers(0, 60, len(store))
    hour = np.zeros(len(store), dtype=np.int64)
    for first, last in sorted(set(zip(stores.first_hour, stores.last_hour, strict=True))):
        weights = np.array(_HOURS_ONLINE)
        if (first, last) != (0, 24):
            weights = np.array(_HOURS_SHOP)[first - _FIRST_SHOP_HOUR : last - _FIRST_SHOP_HOUR]
        rows = (stores.first_hour[store] == first) & (stores.last_hour[store] == last)
        edges = np.cumsum(weights) / np.sum(weights)
        hour[rows] = first + np.searchsorted(edges[:-1], share[rows], side="right")
    hour = np.where(is_company, 10 + (share * 8).astype(np.int64), hour)
    return (hour * 60 + minute).astype(np.int16)
