"""The models without campaigns: right on what they were made for, and blind to nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from demo.calendar import BASE_DAYS
from demo.scale import Scale
from demo.world import World
from evaluation.ltv_organic import _histories, without_campaigns
from evaluation.ltv_truth import Customers, Demo, Judged, Records, plant

AS_OF = BASE_DAYS - 1


@pytest.fixture(scope="module")
def demo() -> Demo:
    """Every person with a member record is a customer; newcomers are a segment."""
    world = World(6, Scale("tiny", people=8_000, stores=4))
    members = world.population.members
    known = np.flatnonzero(members.created_day < BASE_DAYS)
    person, customer = np.unique(members.person[known], return_inverse=True)
    records, none = Records(known, customer.ravel()), np.zeros(len(person))
    is_new = world.population.first_day[person] >= 0
    segment = np.where(is_new, "store-new", "store-existing")
    customers = Customers(person.astype(np.int64), segment, none, none, none, none, none)
    return Demo(
        world, records, AS_OF, Judged(customers, plant(world, customers, records, AS_OF), 0)
    )


def test_a_history_is_of_organic_days_that_were_seen(demo: Demo) -> None:
    customer, histories = _histories(demo)
    visits, members = demo.world.visits, demo.world.population.members
    mine = 3  # Any customer.
    shown = np.flatnonzero(visits.member >= 0)
    person = demo.judged.customers.person[customer[mine]]
    rows = shown[members.person[visits.member[shown]] == person]
    rows = rows[(visits.campaign[rows] < 0) & (visits.day[rows] <= AS_OF)]
    days = np.unique(visits.day[rows]).astype(int)
    assert histories.x[mine] == len(days) - 1
    assert histories.days_to_last[mine] == days[-1] - days[0]
    assert histories.days_observed[mine] == AS_OF - days[0]
    repeats = visits.spend[rows][visits.day[rows] > days[0]].sum()
    assert histories.repeat_sales[mine] == pytest.approx(repeats, rel=1e-5)


def test_the_models_foretell_the_total_and_hear_of_no_campaign(demo: Demo) -> None:
    judged = without_campaigns(demo)
    customers, planted = judged.customers, judged.planted
    follows = planted.follows_model
    assert planted.by_campaigns.sum() == 0
    assert len(customers) < len(demo.judged.customers)
    assert customers.expected[follows].sum() == pytest.approx(
        planted.expected[follows].sum(), rel=0.15
    )
    assert planted.expected[follows].sum() == pytest.approx(planted.drawn[follows].sum(), rel=0.05)


def test_rows_of_the_truth_stay_with_their_customer(demo: Demo) -> None:
    judged = without_campaigns(demo)
    alive = demo.world.visits.processes.is_alive[judged.customers.person]
    assert (judged.planted.is_alive == alive).all()
    assert judged.customers.p_alive[alive].mean() > judged.customers.p_alive[~alive].mean() + 0.1
