"""Visits: the processes keep what their parameters say, places and cards fit the people."""

from __future__ import annotations

import numpy as np
import pyarrow.compute as pc
import pytest

from demo.calendar import BASE_DAYS, HORIZON_DAYS, dates_of, weekdays_of
from demo.processes import clock
from demo.purchases import Visits, future_purchases, process_parameters
from demo.segments import COMPANY, SEGMENTS
from demo.world import World

BUYING = [
    number for number, segment in enumerate(SEGMENTS) if segment.r and segment.name != "child"
]
CLUMPY = next(number for number, segment in enumerate(SEGMENTS) if segment.is_clumpy)


@pytest.fixture(scope="module")
def visits(small_world: World) -> Visits:
    return small_world.visits


def joined_in_base(world: World, segment: int) -> np.ndarray:
    """People of a segment whose whole history lies in the base history."""
    people, found = world.population, world.visits.processes
    is_new = (people.first_day >= 0) & (people.first_day < BASE_DAYS - 1)
    return np.flatnonzero((people.segment == segment) & is_new & ~np.isnan(found.rate))


def exposure(world: World, people: np.ndarray, segment: int) -> np.ndarray:
    """Time on the clock from the day after the first purchase to the end of the base history."""
    readings = clock(segment == COMPANY)
    base_end = len(readings) - 1 - (HORIZON_DAYS - BASE_DAYS)
    start = base_end - BASE_DAYS + world.population.first_day[people].astype(int) + 1
    return readings[base_end] - readings[start]


def test_clock_keeps_the_calendars_pace() -> None:
    for is_office in (False, True):
        readings = clock(is_office)
        assert readings[-1 - HORIZON_DAYS + 1_095] - readings[-1 - HORIZON_DAYS] == pytest.approx(
            1_095, rel=0.01
        )


@pytest.mark.parametrize("segment", BUYING, ids=[SEGMENTS[number].name for number in BUYING])
def test_rates_and_dropouts_are_the_segments(small_world: World, segment: int) -> None:
    """Gamma(r, alpha) and Beta(a, b), by mean and variance."""
    found, spec = small_world.visits.processes, SEGMENTS[segment]
    rows = (small_world.population.segment == segment) & ~np.isnan(found.rate)
    check_moments(found.rate[rows], spec.r / spec.alpha, spec.r / spec.alpha**2)
    total = spec.a + spec.b
    variance = spec.a * spec.b / total**2 / (total + 1)
    check_moments(found.dropout[rows], spec.a / total, variance)


def check_moments(values: np.ndarray, mean: float, variance: float) -> None:
    """Mean and variance lie within four standard errors of what they should be."""
    count = len(values)
    assert abs(values.mean() - mean) < 4 * np.sqrt(variance / count)
    fourth = ((values - values.mean()) ** 4).mean()
    assert abs(values.var() - variance) < 4 * np.sqrt((fourth - values.var() ** 2) / count)


def test_purchases_follow_rate_and_dropout(small_world: World) -> None:
    """MBG/NBD: repeats until time T number (1 - p) / p (1 - exp(-rate p T)) on average, and
    (1 - p) exp(-rate p T) of the people are still there."""
    found = small_world.visits.processes
    in_base = found.day < BASE_DAYS
    bought = np.bincount(found.person[in_base], minlength=small_world.population.n)
    for segment in BUYING:
        people = joined_in_base(small_world, segment)
        rate, dropout = found.rate[people], found.dropout[people]
        left = np.exp(-rate * dropout * exposure(small_world, people, segment))
        expected = (1 - dropout) / dropout * (1 - left)
        error = 5 * np.sqrt((expected + expected**2).sum())
        assert abs((bought[people] - 1).sum() - expected.sum()) < error, SEGMENTS[segment].name
        alive = (1 - dropout) * left
        error = 4 * np.sqrt((alive * (1 - alive)).sum())
        assert abs(found.is_alive[people].sum() - alive.sum()) < error, SEGMENTS[segment].name


def test_one_segment_buys_in_seasons_and_clumps(small_world: World) -> None:
    """Its purchases crowd into days next to each other, far more than a Poisson process would."""
    found, people = small_world.visits.processes, small_world.population
    in_season = np.isin(
        dates_of(found.day).astype("datetime64[M]").astype(int) % 12 + 1, (3, 7, 12)
    )
    shares, crowded = {}, {}
    for segment in (CLUMPY, BUYING[1]):
        rows = (people.segment[found.person] == segment) & (found.day > 30)
        shares[segment] = in_season[rows].mean()
        person, day = found.person[rows].astype(int), found.day[rows].astype(int)
        gap = np.diff(day)[np.diff(person) == 0]
        crowded[segment] = (gap < SEGMENTS[CLUMPY].clump_days).mean()
    assert shares[CLUMPY] > 1.8 * shares[BUYING[1]]
    assert crowded[CLUMPY] > 0.55
    assert np.isnan(found.rate[people.segment == CLUMPY]).all()


def test_children_do_not_buy_and_offices_rest(small_world: World, visits: Visits) -> None:
    people = small_world.population
    assert not people.is_child[visits.person].any()
    organic = visits.campaign < 0
    later = visits.day > people.first_day[visits.person]
    offices = people.is_company[visits.person] & organic & later
    assert (weekdays_of(visits.day[offices]) < 5).all()


def test_weeks_and_years_have_their_pace(small_world: World, visits: Visits) -> None:
    private = ~small_world.population.is_company[visits.person]
    per_day = np.bincount(visits.day[private], minlength=HORIZON_DAYS)[:BASE_DAYS]
    by_weekday = np.bincount(weekdays_of(np.arange(BASE_DAYS)), per_day)
    assert by_weekday[5:].min() > 1.1 * by_weekday[:4].max()
    dates = dates_of(np.arange(BASE_DAYS))
    last_week = (dates >= np.datetime64("2025-12-26")) & (dates <= np.datetime64("2025-12-31"))
    february = dates.astype("datetime64[M]") == np.datetime64("2026-02")
    assert per_day[last_week].mean() > 1.3 * per_day[february].mean()
    assert per_day[dates == np.datetime64("2026-01-01")] < 0.7 * per_day.mean()


def test_nobody_buys_before_the_first_day(small_world: World, visits: Visits) -> None:
    organic = visits.campaign < 0
    first = small_world.population.first_day[visits.person[organic]]
    assert (visits.day[organic] >= first).all()


def test_visits_are_in_order_and_in_open_stores(small_world: World, visits: Visits) -> None:
    stores = small_world.stores
    key = (visits.day.astype(int) * len(stores) + visits.store) * 2_048 + visits.minute
    assert (np.diff(key) >= 0).all()
    assert stores.is_open(visits.store, visits.day).all()
    closes = stores.last_hour[visits.store].astype(int) * 60
    assert (visits.minute < closes).all()
    assert (visits.minute >= stores.first_hour[visits.store].astype(int) * 60).all()


def test_cards_are_those_of_the_person(small_world: World, visits: Visits) -> None:
    people = small_world.population
    shown = visits.member >= 0
    assert (people.members.person[visits.member[shown]] == visits.person[shown]).all()
    in_shop = visits.store < small_world.stores.physical
    assert (visits.member[~in_shop] >= 0).all()
    assert 0.2 < (visits.member[in_shop] < 0).mean() < 0.32
    at_home = visits.store == people.home_store[visits.person]
    assert at_home[in_shop].mean() > 0.8


def test_planted_visits_are_those_of_the_plan(small_world: World, visits: Visits) -> None:
    extra = small_world.plan.extra_visits()
    grown = ~small_world.population.is_child[extra.person]
    planted = visits.campaign >= 0
    wanted = sorted(zip(extra.person[grown], extra.day[grown], extra.campaign[grown], strict=True))
    rows = (visits.person[planted], visits.day[planted], visits.campaign[planted])
    assert sorted(zip(*rows, strict=True)) == wanted


def test_spend_has_the_persons_mean(small_world: World) -> None:
    found, people = small_world.visits.processes, small_world.population
    for number, segment in enumerate(SEGMENTS):
        rows = people.segment[found.person] == number
        if rows.any():
            ratio = found.spend[rows] / found.mean_spend[found.person[rows]]
            assert ratio.mean() == pytest.approx(1, abs=0.05), segment.name
            assert ratio.var() == pytest.approx(1 / segment.spend_p, rel=0.25), segment.name


def test_truth_names_every_person(small_world: World) -> None:
    table, people = process_parameters(small_world), small_world.population
    assert table.num_rows == people.n
    kinds = np.array(table["process"].to_pylist())
    assert ((kinds == "none") == people.is_child).all()
    has_rate = np.array(pc.is_valid(table["purchase_rate"]).to_pylist())
    assert (has_rate == (kinds == "mbg_nbd")).all()
    assert (
        np.array(pc.is_valid(table["clumps_per_year"]).to_pylist()) == (kinds == "clumps")
    ).all()


def test_future_purchases_are_the_organic_visits_to_come(small_world: World) -> None:
    table, visits = future_purchases(small_world), small_world.visits
    organic = (visits.campaign < 0) & (visits.day >= BASE_DAYS)
    assert sum(table["purchases"].to_pylist()) == np.count_nonzero(organic)
    key = list(zip(table["person_id"].to_pylist(), table["business_date"].to_pylist(), strict=True))
    assert key == sorted(set(key))
    assert min(date for _, date in key) >= dates_of(BASE_DAYS).item()


def test_points_in_hand_were_earned_before(small_world: World, visits: Visits) -> None:
    """At half a point a hundred net yen, nobody would use more than earlier visits brought."""
    shown = visits.member >= 0
    count = small_world.population.n
    brought = np.bincount(visits.person[shown], visits.spend[shown] / 200, count)
    used = np.bincount(visits.person, visits.points, count)
    assert (used <= brought).all()
    assert 0.02 < (visits.points > 0).mean() < 0.1


def test_same_seed_same_visits(small_world: World) -> None:
    seed, scale = small_world.seed, small_world.scale
    again = World(seed, scale).visits
    for name in ("person", "member", "day", "minute", "store", "spend", "points", "coupon"):
        assert np.array_equal(getattr(again, name), getattr(small_world.visits, name)), name
    assert len(World(seed + 1, scale).visits) != len(again)
