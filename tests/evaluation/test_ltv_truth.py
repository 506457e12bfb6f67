"""The oracle: formulas by hand, and what it expects against what the generator draws."""

from __future__ import annotations

import numpy as np
import pytest

from demo.calendar import BASE_DAYS
from demo.scale import Scale
from demo.segments import SEGMENTS
from demo.world import World
from evaluation.ltv_truth import Customers, Planted, Records, expected_days, plant, still_alive

AS_OF = BASE_DAYS - 1


def test_right_after_a_purchase_only_that_one_can_have_been_the_last() -> None:
    assert still_alive(np.zeros(1), np.zeros(1), np.array([0.3])) == pytest.approx(0.7)


def test_silence_speaks_against_being_alive_as_much_as_purchases_are_seen() -> None:
    # Ten purchases were due; alive: .9 e^-10, gone: .1.
    seen = still_alive(np.array([10.0]), np.zeros(1), np.array([0.1]))
    assert seen == pytest.approx(0.9 * np.exp(-10) / (0.9 * np.exp(-10) + 0.1))
    # Nobody ever shows a card: silence says nothing, yet each purchase was a chance to go.
    unseen = still_alive(np.zeros(1), np.array([10.0]), np.array([0.1]))
    assert unseen == pytest.approx(0.9 * np.exp(-1))


def test_two_trips_of_a_day_are_one_purchase_day() -> None:
    trips, shown, stays = np.array([[1.0, 1.0]]), np.ones((1, 2)), np.array([[0.0]])
    assert expected_days(trips, shown, stays) == pytest.approx(2 * (1 - np.exp(-1)))


def test_who_may_drop_out_comes_less_often_as_time_goes_by() -> None:
    trips, shown, leaves = np.full((1, 2), 0.01), np.ones((1, 2)), np.array([[0.5]])
    day = 1 - np.exp(-0.01)
    assert expected_days(trips, shown, leaves) == pytest.approx(day * (1 + np.exp(-0.005)))


@pytest.fixture(scope="module")
def world() -> World:
    return World(5, Scale("tiny", people=8_000, stores=4))


def _customers(person: np.ndarray) -> Customers:
    none = np.zeros(len(person))
    return Customers(person, none.astype(str), none, none, none, none, none)


def _planted(world: World, records: Records, person: np.ndarray) -> Planted:
    return plant(world, _customers(person), records, AS_OF)


@pytest.fixture(scope="module")
def joined(world: World) -> tuple[Planted, Records, np.ndarray]:
    """Every person with a member record is a customer with all of them."""
    members = world.population.members
    known = np.flatnonzero(members.created_day < BASE_DAYS)
    person, customer = np.unique(members.person[known], return_inverse=True)
    records = Records(known, customer.ravel())
    return _planted(world, records, person.astype(np.int64)), records, person


def test_expected_is_what_is_drawn(joined: tuple[Planted, Records, np.ndarray]) -> None:
    planted = joined[0]
    follows = planted.follows_model
    organic = (planted.drawn - planted.by_campaigns)[follows].sum()
    assert planted.expected[follows].sum() == pytest.approx(organic, rel=0.03)
    assert organic > 5_000
    for name in ("loyal", "regular", "occasional"):
        rows = planted.segment == name
        drawn = (planted.drawn - planted.by_campaigns)[rows].sum()
        assert planted.expected[rows].sum() == pytest.approx(drawn, rel=0.08), name


def test_the_gone_are_expected_to_do_nothing_and_campaigns_reach_them_all_the_same(
    joined: tuple[Planted, Records, np.ndarray],
) -> None:
    planted = joined[0]
    gone = planted.follows_model & ~planted.is_alive
    assert planted.expected[gone].sum() == 0
    assert (planted.drawn - planted.by_campaigns)[gone].sum() == 0
    assert planted.by_campaigns[gone].sum() > 0


def test_probabilities_of_the_oracle_are_right_on_average(
    joined: tuple[Planted, Records, np.ndarray],
) -> None:
    planted = joined[0]
    follows = planted.follows_model & ~np.isnan(planted.p_alive)
    probability, alive = planted.p_alive[follows], planted.is_alive[follows]
    for low, high in ((0.2, 0.5), (0.5, 0.8), (0.8, 0.95)):
        rows = (probability > low) & (probability <= high)
        assert alive[rows].mean() == pytest.approx(probability[rows].mean(), abs=0.06)


def test_two_customers_of_a_person_share_what_the_person_will_buy(
    world: World, joined: tuple[Planted, Records, np.ndarray]
) -> None:
    whole, records, person = joined
    of_person = np.bincount(records.customer, minlength=len(person))
    both = np.flatnonzero(of_person == 2)
    kept = np.isin(records.customer, both)
    alone = Records(records.member[kept], np.arange(kept.sum()))
    parts = _planted(world, alone, person[records.customer[kept]].astype(np.int64))
    follows = whole.follows_model[both]
    assert len(both) > 500
    # A day on which both are shown counts for both, and that is rare.
    assert parts.expected[parts.follows_model].sum() == pytest.approx(
        whole.expected[both][follows].sum(), rel=0.03
    )


def test_who_buys_in_clumps_has_no_parameters(
    joined: tuple[Planted, Records, np.ndarray],
) -> None:
    planted = joined[0]
    clumpy = np.isin(planted.segment, [each.name for each in SEGMENTS if each.is_clumpy])
    assert clumpy.any()
    assert not planted.follows_model[clumpy].any()
    assert np.isnan(planted.expected[clumpy]).all()
    assert planted.drawn[clumpy].sum() > 0
