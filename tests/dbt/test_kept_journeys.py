"""What is kept of journeys: after each night it is what a full rebuild gives.

The inputs are those of the generated demo, each a table that may be changed; nothing above them is
built here.
"""

from __future__ import annotations

import shutil
from itertools import cycle
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.dbt.conftest import Warehouse, in_one_file
from tests.dbt.test_kept_tables import FIRST_DAY, Shop, _another, assert_is_a_rebuild, was_slice
from tests.generated import GeneratedRetailer

_OF_SOMEBODY = "customer_key is not null"
_LOYAL = "rfm_window = 'lifetime' and rfm_group in ('CHAMPIONS', 'LOYAL')"
_LOYAL_SINCE_JUNE = (
    f"customer_key in (select customer_key from intermediate.int_rfm_states where {_LOYAL} "
    "group by customer_key having min(state_date) > date '2026-06-30' "
    "and max(state_date) = (select max(state_date) from intermediate.int_state_dates))"
)
_DORMANT = "lifecycle_status in ('dormant', 'lost')"
INPUTS = {
    "int_email_messages": ("message_id", _OF_SOMEBODY),
    "int_campaign_recipients": (
        "contact_key",
        f"{_OF_SOMEBODY} and campaign_id in (select campaign_id from intermediate.int_campaigns "
        "where channel in ('dm', 'event'))",
    ),
    "int_member_touches": ("member_id_hash", "left_at is not null"),
    "int_member_referrals": ("customer_key", "true"),
    "int_line_touches": ("link_id", "true"),
    "int_coupons_issued": ("coupon_code", _OF_SOMEBODY),
    "int_coupon_redemptions": ("redemption_id", _OF_SOMEBODY),
    "int_trial_receipts": ("product_id", _OF_SOMEBODY),
    "int_sales_receipts": ("receipt_id", _OF_SOMEBODY),
    "int_tickets": ("ticket_id", f"{_OF_SOMEBODY} and is_solved"),
    "int_ticket_ratings": ("rating_id", _OF_SOMEBODY),
    "int_survey_responses": ("response_id", _OF_SOMEBODY),
    "int_event_attendances": ("attendance_id", _OF_SOMEBODY),
    "int_customers": (
        "customer_key",
        "customer_key in (select customer_key from intermediate.int_member_referrals)",
    ),
    "int_stores": ("store_id", "true"),
    "int_rfm_states": ("customer_key", f"{_LOYAL} and state_date < date '2026-06-30'"),
    "int_rfm_group_changes": ("customer_key", f"rfm_window = 'lifetime' and {_LOYAL_SINCE_JUNE}"),
    "int_lifecycle_spells": ("customer_key", _DORMANT),
    "int_lifecycle_thresholds": (
        "customer_key",
        "next_date is null and customer_key in (select customer_key "
        f"from intermediate.int_lifecycle_spells where to_date is null and {_DORMANT})",
    ),
}
"""Tables that journeys are made of: what names a row, and which rows tell."""
PEOPLE = (
    "int_email_messages",
    "int_campaign_recipients",
    "int_member_touches",
    "int_coupons_issued",
    "int_coupon_redemptions",
    "int_sales_receipts",
    "int_tickets",
    "int_survey_responses",
)


class Journeys(Shop):
    """The published demo, of which journeys alone are built again."""

    models = (
        "dim_store",
        "dim_customer",
        "fct_campaign_contact",
        "support_ticket",
        "customer_rfm_history",
        "customer_rfm",
        "customer_lifecycle",
        "int_journey_prints",
        "int_touched_customers",
        "fct_touchpoint",
        "journey_stage",
        "journey_event",
    )
    kept = ("marts.fct_touchpoint", "marts.journey_stage", "marts.journey_event")

    def __init__(self, path: Path) -> None:
        self.warehouse = object.__new__(Warehouse)
        self.warehouse.path, self.warehouse.target = path, path.parent / "target"
        self.warehouse.threads = "2"
        query = "select max(state_date) from intermediate.int_state_dates"
        ((day,),) = self.warehouse.query(query)
        self.as_of = (day - FIRST_DAY.date()).days

    def hold_inputs(self) -> None:
        """Rows of views become rows of tables, and July and later no ends of months.

        Who became loyal since is told of by the change of their group alone.
        """
        with duckdb.connect(str(self.warehouse.path)) as connection:
            for name in INPUTS:
                view = f"intermediate.{name}"
                connection.execute(f"create table intermediate.held as from {view}")
                kind = connection.execute(
                    f"select count(*) from duckdb_views() where view_name = '{name}'"
                ).fetchone()
                connection.execute(f"drop {'view' if kind == (1,) else 'table'} {view}")
                connection.execute(f"alter table intermediate.held rename to {name}")
            connection.execute(
                "update intermediate.int_state_dates set is_month_end = false "
                "where state_date > date '2026-06-30'"
            )

    def build(self, warehouse: Warehouse, *, as_of: int | None = None, **options: Any) -> None:
        """One night's journeys."""
        super().build(warehouse, as_of=self.as_of if as_of is None else as_of, **options)

    def change(self, name: str) -> None:
        """Another value in each column of an input, each in another row that tells."""
        key, tells = INPUTS[name]
        table = f"intermediate.{name}"
        columns = self.warehouse.query(f"select column_name, column_type from (describe {table})")
        rows = self.warehouse.query(
            f"select min(rowid) from {table} where {tells} group by {key} order by {key}"
        )
        assert rows, f"{name}: no row that tells"
        with duckdb.connect(str(self.warehouse.path)) as connection:
            for (column, kind), (row,) in zip(columns, cycle(rows), strict=False):
                if column != key:
                    value = f"{column} + 1" if kind.endswith("INT") else _another(column, kind)
                    connection.execute(f"update {table} set {column} = {value} where rowid = {row}")

    def merge(self, into: str, gone: str) -> None:
        """Two customers are found to be one."""
        for name in PEOPLE:
            self._execute(
                f"update intermediate.{name} set customer_key = '{into}' "
                f"where customer_key = '{gone}'"
            )
        self._execute(f"delete from intermediate.int_customers where customer_key = '{gone}'")


@pytest.fixture(scope="module")
def built(generated_demo: GeneratedRetailer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse with the demo's inputs and journeys."""
    path = in_one_file(generated_demo.home, tmp_path_factory.mktemp("journeys"))
    made = Journeys(path)
    made.hold_inputs()
    made.build(made.warehouse)
    return path


@pytest.fixture
def journeys(built: Path, tmp_path: Path) -> Journeys:
    """A copy of it that a test may change."""
    path = tmp_path / "warehouse.duckdb"
    shutil.copyfile(built, path)
    return Journeys(path)


def touched(warehouse: Warehouse) -> int:
    """Customers whose journeys the last night worked out."""
    return warehouse.query("select count(*) from intermediate.int_touched_customers")[0][0]


def assert_a_slice_is_a_rebuild(journeys: Journeys, tmp_path: Path, **options: Any) -> None:
    """The night worked out touched customers alone, and the tables hold what a rebuild gives."""
    journeys.build(journeys.warehouse, **options)
    assert was_slice(journeys.warehouse, "int_journey_prints")
    assert_is_a_rebuild(journeys, tmp_path, **options)


@pytest.mark.parametrize("name", INPUTS)
def test_whatever_journeys_read_is_in_the_print(
    journeys: Journeys, tmp_path: Path, name: str
) -> None:
    """One column that the print left out would leave its customer's journey as it was."""
    journeys.change(name)
    assert_a_slice_is_a_rebuild(journeys, tmp_path)
    assert touched(journeys.warehouse) > 0


def test_the_store_of_a_receipt_reaches_whose_coupon_it_was(
    journeys: Journeys, tmp_path: Path
) -> None:
    journeys._execute(
        "update intermediate.int_coupon_redemptions set customer_key = (select "
        "max(customer_key) from intermediate.int_customers where not is_internal)"
    )
    assert_a_slice_is_a_rebuild(journeys, tmp_path)
    journeys._execute(
        "update intermediate.int_sales_receipts set store_id = 'another' "
        "where receipt_id in (select receipt_id from intermediate.int_coupon_redemptions)"
    )
    assert_a_slice_is_a_rebuild(journeys, tmp_path)


def test_a_merge_and_a_split_reach_both(journeys: Journeys, tmp_path: Path) -> None:
    query = (
        "select customer_key from intermediate.int_sales_receipts "
        "where customer_key is not null "
        "group by customer_key order by count(*) desc, customer_key limit 2"
    )
    (into,), (gone,) = journeys.warehouse.query(query)
    before = journeys.warehouse.path.with_suffix(".before")
    shutil.copyfile(journeys.warehouse.path, before)
    journeys.merge(into, gone)
    assert_a_slice_is_a_rebuild(journeys, tmp_path)
    with duckdb.connect(str(journeys.warehouse.path)) as connection:
        connection.execute(f"attach '{before}' as before (read_only)")
        for name in ("int_customers", *PEOPLE):
            table = f"intermediate.{name}"
            connection.execute(f"create or replace table {table} as from before.{table}")
    assert_a_slice_is_a_rebuild(journeys, tmp_path)


def test_another_as_of_date_moves_what_is_of_late(journeys: Journeys, tmp_path: Path) -> None:
    """Forth, and back to a date behind which nothing lies."""
    for days in (40, 0):
        assert_a_slice_is_a_rebuild(journeys, tmp_path, as_of=journeys.as_of + days)
        assert touched(journeys.warehouse) > 0


def test_a_night_without_news_touches_nothing(journeys: Journeys) -> None:
    journeys.build(journeys.warehouse)
    assert was_slice(journeys.warehouse, "int_journey_prints")
    assert touched(journeys.warehouse) == 0


def test_a_table_left_behind_is_made_up_for(journeys: Journeys, tmp_path: Path) -> None:
    journeys.change("int_email_messages")
    journeys.build(journeys.warehouse, without=("journey_event",))
    journeys.change("int_sales_receipts")
    assert_a_slice_is_a_rebuild(journeys, tmp_path)
