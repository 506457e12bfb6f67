"""What each customer of the demo will buy, by the process that was planted in the person behind.

A warehouse sees a person through records: trips without a card are nobody's, and those of a person
with two unjoined records are two customers'. So the oracle speaks of customers, not of people: it
takes the person's own rate and drop-out and the share of the trips on which one of the customer's
records is shown, day by day of the shops' clock. Customers of several people are left out.

Which record is shown and what campaigns plant is not in the truth folder: the generator draws it
again from scale and seed.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from demo.calendar import HORIZON_DAYS, day_of
from demo.population import ONLINE, SECOND_CARD, SHOWS_CARD, USES_SECOND_CARD, Population
from demo.processes import Processes, clock
from demo.scale import SCALES
from demo.segments import SEGMENTS
from demo.world import World
from evaluation.truth import NoTruthError, open_current, warehouse_beside

if TYPE_CHECKING:
    import duckdb

Array = NDArray[np.float64]

YEAR_DAYS = 365
_BLOCK = 20_000
"""Customers worked out at once: a day each is a column, so this bounds the memory."""


@dataclass(frozen=True)
class Customers:
    """What the warehouse says of its customers of one person: arrays, by `customer_key`.

    `person` is the person behind, an index into the truth. `repeats`, `to_last`, `observed`: repeat
    purchase days, days from the first to the last, and from the first to the as-of date; `p_alive`
    and `expected` (purchase days of the next 365 days) are the predictions.
    """

    person: NDArray[np.int64]
    ltv_segment: NDArray[np.str_]
    repeats: Array
    to_last: Array
    observed: Array
    p_alive: Array
    expected: Array

    def __len__(self) -> int:
        return len(self.person)


@dataclass(frozen=True)
class Planted:
    """The truth about the same customers, in their order.

    `segment` is the planted one, `follows_model` false where no process of the books was planted.
    `is_alive`: whether the person had not dropped out at the end of the base history. `expected`:
    purchase days of the next 365 days by the person's own parameters, NaN without them; `drawn`:
    those that were drawn; `by_campaigns`: drawn purchase days that campaigns alone brought.
    `p_alive`: by the person's own parameters and the last purchase day seen, campaigns' apart.
    """

    segment: NDArray[np.str_]
    follows_model: NDArray[np.bool_]
    is_alive: NDArray[np.bool_]
    expected: Array
    drawn: Array
    by_campaigns: Array
    p_alive: Array


@dataclass(frozen=True)
class Judged:
    """Customers and the truth about them; `of_several` counts customers left out."""

    customers: Customers
    planted: Planted
    of_several: int


@dataclass(frozen=True)
class Records:
    """Member records of the customers: index into the generator's, and into the customers."""

    member: NDArray[np.int64]
    customer: NDArray[np.int64]


@dataclass(frozen=True)
class Demo:
    """Customers judged, and where the truth about them comes from; `as_of` is a demo's day."""

    world: World
    records: Records
    as_of: int
    judged: Judged


def read(home: Path) -> Demo:
    """Join the published predictions of a demo with what was planted.

    Raises:
        NoTruthError: no truth, no warehouse, no predictions, or a truth of another generator.
    """
    truth, state = home / "truth", home / "feeds/demo.json"
    files = (truth / "records.parquet", truth / "people.parquet", state)
    warehouse_beside(files, "what people will buy")
    made = json.loads(state.read_text(encoding="utf-8"))
    world = World(made["seed"], SCALES[made["scale"]])
    with open_current(home) as connection:
        as_of = _as_of(connection)
        _check_generator(connection, truth / "people.parquet", world.visits.processes)
        customers, records, of_several = _read_customers(connection, truth, world.population)
    planted = plant(world, customers, records, as_of)
    return Demo(world, records, as_of, Judged(customers, planted, of_several))


def plant(world: World, customers: Customers, records: Records, as_of: int) -> Planted:
    """The truth about customers as of a day of the demo's calendar."""
    population, processes = world.population, world.visits.processes
    segment = population.segment[customers.person]
    organic, by_campaigns, last = _drawn(world, records, len(customers), as_of)
    expected, p_alive = np.full((2, len(customers)), np.nan)
    for start in range(0, len(customers), _BLOCK):
        block = np.arange(start, min(start + _BLOCK, len(customers)))
        expected[block], p_alive[block] = _oracle(
            population, processes, customers.person[block], records, start, last[block], as_of
        )
    return Planted(
        segment=np.array([each.name for each in SEGMENTS])[segment],
        follows_model=~np.array([each.is_clumpy for each in SEGMENTS])[segment]
        & ~population.is_child[customers.person],
        is_alive=processes.is_alive[customers.person],
        expected=expected,
        drawn=organic + by_campaigns,
        by_campaigns=by_campaigns,
        p_alive=p_alive,
    )


def _as_of(connection: duckdb.DuckDBPyConnection) -> int:
    (as_of,) = connection.execute(
        "select max(as_of_date) from warehouse.prediction.clv_params where status = 'fitted'"
    ).fetchone()
    if as_of is None:
        raise NoTruthError("nothing is predicted in this warehouse: see prediction_status.")
    if day_of(as_of) + YEAR_DAYS >= HORIZON_DAYS:
        raise NoTruthError(f"a year after {as_of} lies beyond what the demo has drawn.")
    return day_of(as_of)


def _check_generator(
    connection: duckdb.DuckDBPyConnection, people: Path, processes: Processes
) -> None:
    """The generator of today draws the people of the truth."""
    rate = connection.execute(
        f"select coalesce(purchase_rate, -1) as rate from '{people}' order by person_id"
    ).fetchnumpy()["rate"]
    if not np.array_equal(rate, np.nan_to_num(processes.rate, nan=-1.0)):
        raise NoTruthError(
            f"{people} was written by another version of the generator: remove the demo and "
            "generate it again."
        )


def _read_customers(
    connection: duckdb.DuckDBPyConnection, truth: Path, population: Population
) -> tuple[Customers, Records, int]:
    connection.execute(
        "create temp table records as select identity.customer_key, planted.person_id, "
        "planted.source_id from warehouse.staging.stg_pos__members as members "
        f"join '{truth / 'records.parquet'}' as planted on planted.source_system = 'pos' "
        "and planted.source_id = members.member_id "
        "join warehouse.intermediate.int_customer_identity as identity on "
        "identity.source_system = 'pos' and identity.source_id = members.member_id_hash"
    )
    connection.execute(
        "create temp table customers as select customer_key, min(person_id) as person, "
        "count(distinct person_id) as people, any_value(ltv_segment) as ltv_segment, "
        "any_value(purchase_days) - 1 as repeats, "
        "any_value(date_diff('day', first_q_date, last_q_date)) as to_last, "
        "any_value(days_observed) as observed, any_value(p_alive) as p_alive, "
        "any_value(expected_orders_365d) as expected from records "
        "join marts.customer_ltv using (customer_key) "
        "join warehouse.intermediate.int_ltv_inputs using (customer_key, ltv_segment, "
        "first_q_date, last_q_date, purchase_days) "
        "where prediction_status = 'predicted' group by customer_key"
    )
    (of_several,) = connection.execute("select count(*) from customers where people > 1").fetchone()
    found = connection.execute(
        "select person, ltv_segment, repeats, to_last, observed, p_alive, expected "
        "from customers where people = 1 order by customer_key"
    ).fetchnumpy()
    linked = connection.execute(
        "with numbered as (select customer_key, row_number() over (order by customer_key) - 1 "
        "as customer from customers where people = 1) "
        "select source_id, customer from records join numbered using (customer_key) "
        "order by customer, source_id"
    ).fetchnumpy()
    customers = Customers(
        person=found["person"].astype(np.int64),
        ltv_segment=found["ltv_segment"].astype(str),
        **{
            name: found[name].astype(float)
            for name in ("repeats", "to_last", "observed", "p_alive", "expected")
        },
    )
    ids = population.members.source_id
    order = np.argsort(ids)
    member = order[np.searchsorted(ids, linked["source_id"].astype(str), sorter=order)]
    return customers, Records(member, linked["customer"].astype(np.int64)), of_several


def _drawn(
    world: World, records: Records, count: int, as_of: int
) -> tuple[Array, Array, NDArray[np.int64]]:
    """Of each customer: organic purchase days of the next year, those that campaigns alone brought,
    and the last organic day seen up to the as-of date (-1 for none)."""
    visits, customer = world.visits, customer_of_visits(world, records)
    seen, organic = customer >= 0, visits.campaign < 0
    ahead = seen & (visits.day > as_of) & (visits.day <= as_of + YEAR_DAYS)
    days = [_days_of(customer[rows], visits.day[rows], count) for rows in (ahead, ahead & organic)]
    last = np.full(count, -1, dtype=np.int64)
    past = seen & organic & (visits.day <= as_of)
    np.maximum.at(last, customer[past], visits.day[past])
    return days[1], days[0] - days[1], last


def customer_of_visits(world: World, records: Records) -> NDArray[np.int64]:
    """The customer whose record is shown on each visit, -1 for none."""
    customer_of = np.full(len(world.population.members.person), -1, dtype=np.int64)
    customer_of[records.member] = records.customer
    member = world.visits.member
    return np.where(member >= 0, customer_of[member], -1)


def _days_of(customer: NDArray[np.int64], day: NDArray[np.int16], count: int) -> Array:
    """Distinct days of each customer."""
    keys = np.unique(customer * HORIZON_DAYS + day)
    return np.bincount(keys // HORIZON_DAYS, minlength=count).astype(float)


def _oracle(
    population: Population,
    processes: Processes,
    person: NDArray[np.int64],
    records: Records,
    start: int,
    last: NDArray[np.int64],
    as_of: int,
) -> tuple[Array, Array]:
    """Expected purchase days of the next year, and the probability of being alive."""
    inside = (records.customer >= start) & (records.customer < start + len(person))
    mine = Records(records.member[inside], records.customer[inside] - start)
    rate, dropout = processes.rate[person][:, None], processes.dropout[person][:, None]
    past, ahead = np.arange(as_of + 1), as_of + 1 + np.arange(YEAR_DAYS)
    silent = past[None, :] > last[:, None]
    trips = rate * _pace(population, person, past) * silent
    shown = _shown(population, person, mine, past)
    p_alive = still_alive(
        (trips * shown).sum(axis=1), (trips * (1 - shown)).sum(axis=1), dropout[:, 0]
    )
    trips = rate * _pace(population, person, ahead)
    days = expected_days(trips, _shown(population, person, mine, ahead), dropout)
    return processes.is_alive[person] * days, p_alive


def still_alive(seen: Array, unseen: Array, dropout: Array) -> Array:
    """Probability of being alive after a silence, for known parameters.

    After each purchase, seen or not, the person is gone with probability `dropout`. `seen` and
    `unseen` are the purchases that an alive person would have made since the last seen one, with
    and without a record. Alive: stayed at the last one, made none that is seen, survived the unseen
    ones; gone: at the last one, or at an unseen one before any was seen.
    """
    hazard = seen + dropout * unseen
    here = (1 - dropout) * np.exp(-hazard)
    with np.errstate(invalid="ignore"):
        unseen_first = np.where(hazard > 0, dropout * unseen / hazard, 0.0)
    gone = dropout + (1 - dropout) * unseen_first * -np.expm1(-hazard)
    return here / (here + gone)


def expected_days(trips: Array, shown: Array, dropout: Array) -> Array:
    """Days on which an alive person is seen to buy, given the trips of each day (a column each).

    Several trips of one day are one purchase day. The person is alive until the n-th trip with
    probability (1 - dropout) ** n, over a Poisson number of trips exp(-dropout * trips).
    """
    before = np.cumsum(trips, axis=1) - trips
    return (np.exp(-dropout * before) * -np.expm1(-trips * shown)).sum(axis=1)


def _pace(population: Population, person: NDArray[np.int64], days: NDArray[np.int64]) -> Array:
    """How far the shops' clock goes on each day, a row a person: offices have their own."""
    paces = [np.diff(clock(is_office))[-HORIZON_DAYS:][days] for is_office in (False, True)]
    return np.where(population.is_company[person][:, None], paces[1], paces[0])


def _shown(
    population: Population, person: NDArray[np.int64], records: Records, days: NDArray[np.int64]
) -> Array:
    """Share of a person's trips on which a record of the customer is shown, by day.

    Mirrors `Population.choose_member_record`: online by those with an account, else a card.
    """
    online_share = np.array([each.online_share for each in SEGMENTS])
    members, of = population.members, person[records.customer]
    online = online_share[population.segment[of]][:, None] * _usable(
        population, population.account_of[of], days
    )
    second = USES_SECOND_CARD * _usable(population, population.second_card_of[of], days)
    kind = members.kind[records.member][:, None]
    in_shop = (1 - online) * SHOWS_CARD * np.where(kind == SECOND_CARD, second, 1 - second)
    share = np.where(kind == ONLINE, online, in_shop)
    shown = np.zeros((len(person), len(days)))
    np.add.at(shown, records.customer, share * _usable(population, records.member, days))
    return shown


def _usable(
    population: Population, member: NDArray[np.int64], days: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Whether each member record (-1 for none) can be used on each day."""
    made = population.members.created_day[member][:, None] <= days
    left = population.members.left_day[member][:, None]
    return (member >= 0)[:, None] & made & ((left < 0) | (left > days))
