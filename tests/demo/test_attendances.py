"""Guests of events: invited or not, before they pay, and the same however the days are cut."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from demo.attendances import ACTIONS, ATTENDED, attendance_rows, campaign_attendances
from demo.calendar import base_periods, dates_of
from demo.campaigns import WINDOW
from demo.world import World


@pytest.fixture(scope="module")
def rows(small_world: World) -> pa.Table:
    return pa.concat_tables([attendance_rows(small_world, *period) for period in base_periods()])


@pytest.fixture(scope="module")
def attendances(rows: pa.Table) -> pd.DataFrame:
    return rows.to_pandas()


def events_of(world: World) -> list[int]:
    return np.flatnonzero(world.plan.campaigns.channel == "event").tolist()


def test_rows_obey_the_contract(rows: pa.Table, breaches: Callable) -> None:
    assert breaches("email.attendances", rows) == []


def test_nights_bring_the_rows_of_their_own_day(small_world: World) -> None:
    first_day = int(small_world.plan.campaigns.send_day[events_of(small_world)[1]])
    last_day = first_day + WINDOW
    whole = attendance_rows(small_world, first_day, last_day)
    nights = [
        attendance_rows(small_world, day, day).to_pandas() for day in range(first_day, last_day + 1)
    ]
    for day, night in enumerate(nights, first_day):
        assert (night["occurred_at"].dt.normalize() == pd.Timestamp(dates_of(day))).all()
    assert pd.concat(nights, ignore_index=True).equals(whole.to_pandas())


def test_each_row_names_one_id_and_a_campaign_that_is_an_event(
    small_world: World, attendances: pd.DataFrame
) -> None:
    assert attendances["attendance_id"].is_unique
    assert (attendances["member_id"].notna() != attendances["subscriber_id"].notna()).all()
    campaigns = small_world.plan.campaigns
    events = {campaigns.campaign_id[number] for number in events_of(small_world)}
    assert set(attendances["campaign_id"]) <= events
    assert set(attendances["action"]) == set(ACTIONS)


def test_people_register_then_cancel_or_come_or_stay_away(attendances: pd.DataFrame) -> None:
    person = attendances["member_id"].fillna(attendances["subscriber_id"])
    at = attendances.assign(person=person).pivot(
        index=["campaign_id", "person"], columns="action", values="occurred_at"
    )
    assert not (at["cancelled"].notna() & at["attended"].notna()).any()
    assert (at["cancelled"].isna() | (at["registered"] < at["cancelled"])).all()
    both = at.dropna(subset=["registered", "attended"])
    assert (both["registered"] < both["attended"]).all()
    stays_away = at["registered"].notna() & at["cancelled"].isna() & at["attended"].isna()
    assert stays_away.mean() > 0.1
    assert at["registered"].isna().mean() > 0.05


def test_who_buys_because_of_the_event_mostly_tastes_before(small_world: World) -> None:
    plan, visits = small_world.plan, small_world.visits
    tasted, planted = 0, 0
    for number in events_of(small_world):
        found = campaign_attendances(small_world, number)
        guests = dict(
            zip(
                found.person[found.action == ATTENDED],
                found.second[found.action == ATTENDED],
                strict=True,
            )
        )
        for visit in np.flatnonzero(visits.campaign == number):
            planted += 1
            paid = int(visits.day[visit]) * 86_400 + int(visits.minute[visit]) * 60
            tasted += paid - 3_600 < guests.get(visits.person[visit], 0) < paid
    assert planted == np.isin(plan.extra_visits().campaign, events_of(small_world)).sum()
    assert 0.5 < tasted / planted < 0.9


def test_some_walk_in_and_nobody_who_was_held_out_comes(small_world: World) -> None:
    audiences, walk_ins = small_world.plan.audiences, 0
    for number in events_of(small_world):
        rows = audiences.rows_of(number)
        person, held = audiences.person[rows], audiences.is_holdout[rows]
        guests = campaign_attendances(small_world, number).person
        assert not np.isin(guests, person[held]).any()
        walk_ins += np.count_nonzero(~np.isin(guests, person))
    assert walk_ins > 10


def test_guests_come_to_open_shops(small_world: World) -> None:
    stores = small_world.stores
    for number in events_of(small_world):
        found = campaign_attendances(small_world, number)
        came = found.action == ATTENDED
        store, second = found.store[came], found.second[came]
        assert (store < stores.physical).all()
        day, of_day = second // 86_400, second % 86_400
        after_midnight = of_day < 4 * 3_600
        assert stores.is_open(store, day - after_midnight).all()
        opening = stores.first_hour[store].astype(int) * 3_600
        assert (after_midnight | (of_day >= opening)).all()
