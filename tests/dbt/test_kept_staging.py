"""Staging of members, coupons and tickets is kept: after each night it is what a rebuild gives."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.dbt.conftest import Warehouse
from tests.dbt.test_kept_tables import FIRST_DAY, STAGED, Shop, assert_is_a_rebuild, was_slice


class Desk(Shop):
    """A counter where members enrol and a desk where they ask."""

    models = STAGED
    kept = (
        "staging.stg_pos__members",
        "staging.stg_pos__member_versions",
        "staging.stg_pos__coupons_issued",
        "staging.stg_support__tickets",
        "staging.stg_support__ticket_events",
        "staging.stg_support__messages",
    )
    people = ""

    def open(self) -> None:
        """Eight of each."""
        self._arrive(range(8))

    def next_night(self) -> None:
        """One that is new, one that changed, and an older version of a third."""
        self.night += 1
        self._arrive([7 + self.night, self.night])
        self.night += 1
        self._arrive([self.night], days=-9)

    def lose(self, table: str, *key: str) -> None:
        """A snapshot lacks what was there."""
        self.night += 1
        self.warehouse.delete(table, *key, load_number=self.night + 1)

    def _arrive(self, numbers: Any, days: int | None = None) -> None:
        at = FIRST_DAY + timedelta(days=self.night if days is None else days)
        word = f"night {self.night}"
        for table, key, columns in (
            ("raw_pos.members", "member_id", {"tier": word, "joined_at": at, "updated_at": at}),
            ("raw_pos.coupons_issued", "coupon_code", {"member_id": "m", "issued_at": at}),
            ("raw_support.tickets", "ticket_id", {"created_at": at, "updated_at": at}),
            ("raw_support.ticket_events", "ticket_event_id", {"occurred_at": at}),
            ("raw_support.messages", "message_id", {"created_at": at, "intent": word}),
        ):
            self._deliver(table, [columns | {key: f"{key} {number}"} for number in numbers])


@pytest.fixture
def desk(warehouse: Warehouse) -> Desk:
    """A desk whose first load is built."""
    made = Desk(warehouse, seed=1)
    made.open()
    made.build(warehouse)
    return made


def assert_a_slice_is_a_rebuild(desk: Desk, tmp_path: Path, touched: int) -> None:
    """The night worked out so many keys alone, and the tables hold what a rebuild gives."""
    desk.build(desk.warehouse)
    assert was_slice(desk.warehouse, "stg_arrival_prints")
    assert desk.warehouse.query("select count(*) from staging.stg_touched_keys") == [(touched,)]
    assert_is_a_rebuild(desk, tmp_path)


def test_a_night_of_news_is_a_rebuild(desk: Desk, tmp_path: Path) -> None:
    desk.next_night()
    assert_a_slice_is_a_rebuild(desk, tmp_path, touched=15)
    tiers = desk.warehouse.query(
        "select tier from staging.stg_pos__members order by member_id limit 3"
    )
    assert tiers == [("night 0",), ("night 1",), ("night 0",)]
    versions = "select count(*) from staging.stg_pos__member_versions"
    assert desk.warehouse.query(versions) == [(11,)]


def test_what_is_gone_is_gone(desk: Desk, tmp_path: Path) -> None:
    desk.lose("raw_pos.members", "member_id 3")
    desk.lose("raw_pos.coupons_issued", "coupon_code 4", "m")
    desk.lose("raw_support.tickets", "ticket_id 5")
    assert_a_slice_is_a_rebuild(desk, tmp_path, touched=3)
    for table in ("members", "member_versions", "coupons_issued"):
        assert desk.warehouse.query(f"select count(*) from staging.stg_pos__{table}") == [(7,)]


def test_a_night_without_news_touches_nothing(desk: Desk, tmp_path: Path) -> None:
    assert_a_slice_is_a_rebuild(desk, tmp_path, touched=0)


def test_dates_are_those_of_the_companys_clocks(desk: Desk) -> None:
    """Tokyo's are an addition today; they were an hour ahead of it in the summer of 1950."""
    dates = {
        datetime(2024, 1, 1, 14, 59, 59): date(2024, 1, 1),
        datetime(2024, 1, 1, 15): date(2024, 1, 2),
        datetime(1950, 7, 1, 14, 30): date(1950, 7, 2),
        datetime(2100, 1, 1, 15): date(2100, 1, 2),
        None: None,
    }
    rows = [
        {"member_id": f"clock {number}", "joined_at": instant, "updated_at": FIRST_DAY}
        for number, instant in enumerate(dates)
    ]
    desk.night += 1
    desk._deliver("raw_pos.members", rows)
    desk.build(desk.warehouse)
    query = "from staging.stg_pos__members where member_id like 'clock%' order by member_id"
    found = desk.warehouse.query(f"select joined_date {query}")
    assert found == [(day,) for day in dates.values()]
