"""A store that opens after the base history: the master knows of it, nobody bought there before."""

from __future__ import annotations

import numpy as np
import pytest

from demo.calendar import BASE_DAYS, date_of
from demo.scale import Scale
from demo.stores import OPENING_DAY, store_rows
from demo.world import World

NEW = 2


@pytest.fixture(scope="module")
def world() -> World:
    return World(4, Scale("tiny", people=400, stores=3, openings=1))


def test_the_master_hears_of_it_before_it_opens(world: World) -> None:
    base = store_rows(world.stores, 0, BASE_DAYS - 1)
    assert base["store_id"].to_pylist() == ["S001", "S002", "S901", "S902"]
    later = store_rows(world.stores, BASE_DAYS, OPENING_DAY - 1).to_pylist()
    assert [(row["store_id"], row["opened_on"]) for row in later] == [
        ("S003", date_of(OPENING_DAY))
    ]


def test_people_buy_there_from_the_first_day_on(world: World) -> None:
    days = world.visits.day[world.visits.store == NEW]
    assert days.min() >= OPENING_DAY
    assert np.count_nonzero(days < OPENING_DAY + 14) > 0


def test_the_demo_as_it_is_has_no_such_store() -> None:
    stores = World(4, Scale("tiny", people=400, stores=3)).stores
    assert (stores.opened_day < BASE_DAYS).all()
