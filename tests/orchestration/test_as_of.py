"""The last complete business date, out of warehouses with a few rows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingestion import ledger
from ingestion.engine import connect
from orchestration.as_of import default_as_of

TODAY = date(2030, 1, 1)


class Warehouse:
    """Raw tables of stores and closings, filled a delivery at a time."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        self.loads = 0

    def deliver(self, table: str, *rows: dict[str, Any]) -> None:
        self.loads += 1
        load, file = f"load{self.loads}", f"{table}_{self.loads}.csv"
        self.connection.execute(
            "insert into ledger.files (load_id, load_number, table_name, file, sequence) "
            "values (?, ?, ?, ?, ?)",
            [load, self.loads, f"raw_pos.{table}", file, str(self.loads)],
        )
        for line, row in enumerate(rows, start=2):
            values = {**row, "_load_id": load, "_file": file, "_line": line}
            marks = ", ".join("?" * len(values))
            self.connection.execute(
                f"insert into raw_pos.{table} ({', '.join(values)}) values ({marks})",
                list(values.values()),
            )

    def stores(self, *stores: str, **settings: Any) -> None:
        known = {"timezone": "Asia/Tokyo", **settings}
        self.deliver("stores", *({"store_id": store, **known} for store in stores))

    def close(self, day: str, *stores: str) -> None:
        closings = ({"store_id": s, "register_id": "1", "business_date": day} for s in stores)
        self.deliver("register_closings", *closings)

    def as_of(self) -> str:
        return default_as_of(self.connection, TODAY).isoformat()


@pytest.fixture
def warehouse() -> Iterator[Warehouse]:
    with connect(Path(":memory:")) as connection:
        ledger.prepare(connection, "demo", "fingerprint")
        yield Warehouse(connection)


def test_the_newest_day_that_every_store_closed(warehouse: Warehouse) -> None:
    warehouse.stores("A", "B")
    warehouse.close("2026-09-29", "A", "B")
    warehouse.close("2026-09-30", "A", "B")
    warehouse.close("2026-10-01", "A")
    assert warehouse.as_of() == "2026-09-30"


def test_a_closed_store_is_not_waited_for(warehouse: Warehouse) -> None:
    warehouse.stores("A", "B")
    warehouse.close("2026-09-30", "A", "B")
    warehouse.close("2026-10-01", "A")
    accepted = [("B", date(2026, 10, 1))]
    assert default_as_of(warehouse.connection, TODAY, accepted) == date(2026, 10, 1)
    assert default_as_of(warehouse.connection, TODAY, [("A", accepted[0][1])]) == date(2026, 9, 30)


@pytest.mark.parametrize(
    ("closing", "as_of"),
    [
        ("'B', '2026-10-01', null", "2026-10-01"),
        ("'all', '2026-10-01', null", "2026-10-01"),
        ("'B', null, 4", "2026-10-01"),  # Thursdays
        ("'B', null, 3", "2026-09-30"),
        ("'A', '2026-10-01', null", "2026-09-30"),
    ],
)
def test_a_planned_closing_is_not_waited_for(
    warehouse: Warehouse, closing: str, as_of: str
) -> None:
    warehouse.stores("A", "B")
    warehouse.close("2026-09-30", "A", "B")
    warehouse.close("2026-10-01", "A")
    warehouse.connection.execute(
        "create schema plans; create table plans.store_closings "
        "(scope_key varchar, closed_on date, day_of_week integer); "
        f"insert into plans.store_closings values ({closing})"
    )
    assert warehouse.as_of() == as_of


def test_a_gap_behind_the_newest_complete_day_does_not_matter(warehouse: Warehouse) -> None:
    warehouse.stores("A", "B")
    warehouse.close("2026-09-29", "A")
    warehouse.close("2026-09-30", "A", "B")
    assert warehouse.as_of() == "2026-09-30"


def test_a_store_is_expected_from_its_opening_to_its_closing(warehouse: Warehouse) -> None:
    warehouse.stores("A")
    warehouse.stores("B", closed_on="2026-09-29")
    warehouse.stores("C", opened_on="2026-10-02")
    warehouse.close("2026-09-29", "A", "B")
    warehouse.close("2026-09-30", "A")
    warehouse.close("2026-10-01", "A")
    warehouse.close("2026-10-03", "C")
    assert warehouse.as_of() == "2026-10-01"


def test_a_store_is_expected_on_the_days_it_opens_and_closes(warehouse: Warehouse) -> None:
    warehouse.stores("A")
    warehouse.stores("B", closed_on="2026-09-30")
    warehouse.close("2026-09-29", "A", "B")
    warehouse.close("2026-09-30", "A")
    assert warehouse.as_of() == "2026-09-29"


def test_a_store_that_never_sends_closings_is_not_waited_for(warehouse: Warehouse) -> None:
    warehouse.stores("A", "online")
    warehouse.close("2026-09-30", "A")
    assert warehouse.as_of() == "2026-09-30"


def test_the_newest_version_of_a_store_counts(warehouse: Warehouse) -> None:
    warehouse.stores("A", "B")
    warehouse.close("2026-09-29", "A", "B")
    warehouse.close("2026-09-30", "A")
    assert warehouse.as_of() == "2026-09-29"
    warehouse.stores("B", closed_on="2026-09-29")
    assert warehouse.as_of() == "2026-09-30"


def test_a_store_that_its_master_dropped_is_waited_for_no_longer(warehouse: Warehouse) -> None:
    warehouse.stores("A", "B")
    warehouse.close("2026-09-29", "A", "B")
    warehouse.close("2026-09-30", "A")
    warehouse.connection.execute(
        "insert into ledger.deletions values ('raw_pos.stores', 'B', '4', 4, 'load4')"
    )
    assert warehouse.as_of() == "2026-09-30"
    warehouse.loads += 1
    warehouse.stores("B")
    assert warehouse.as_of() == "2026-09-29"


@pytest.mark.parametrize(
    ("newest", "expected"),
    [
        # Days of Tokyo end at 05:00 there, 20:00 UTC; those of Honolulu at midnight, 10:00 UTC.
        ("2026-09-30 20:00", "2026-09-29"),
        ("2026-10-01 09:59:59", "2026-09-29"),
        ("2026-10-01 10:00", "2026-09-30"),
        ("2026-10-01 19:59:59", "2026-09-30"),
    ],
)
def test_without_closings_the_last_cut_over_that_passed_everywhere(
    warehouse: Warehouse, newest: str, expected: str
) -> None:
    warehouse.stores("A", day_cutover_hour=5)
    warehouse.stores("B", timezone="Pacific/Honolulu")
    warehouse.deliver("members", {"member_id_hash": "m1", "updated_at": "2026-01-01"})
    warehouse.deliver("receipts", {"receipt_id": "R1", "updated_at": newest})
    assert warehouse.as_of() == expected


@pytest.mark.parametrize(
    ("newest", "expected"),
    [("2026-09-30 19:59:59", "2026-09-29"), ("2026-09-30 20:00", "2026-09-30")],
)
def test_the_day_ends_at_the_cut_over(warehouse: Warehouse, newest: str, expected: str) -> None:
    """Five in the morning of Tokyo, on 1 October."""
    warehouse.stores("A", day_cutover_hour=5)
    warehouse.deliver("receipts", {"receipt_id": "R1", "updated_at": newest})
    assert warehouse.as_of() == expected


def test_an_empty_warehouse_takes_the_day_before(warehouse: Warehouse) -> None:
    assert warehouse.as_of() == "2029-12-31"
    warehouse.stores("A")
    assert warehouse.as_of() == "2029-12-31"
