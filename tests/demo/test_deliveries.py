"""Deliveries of the registers: closings reconcile after each of them, late, repeated and corrected
rows are told apart, and nothing depends on how the days are cut."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow.compute as pc
import pytest

from demo import receipts
from demo.calendar import base_periods, date_of
from demo.scale import Scale
from demo.world import World
from tests.demo.registers import SPANS, Warehouse

TABLES = ("receipts", "receipt_lines", "payments", "coupon_redemptions", "register_closings")
LAST_MONTH = base_periods()[-1]
UNRECONCILED = """
with dated as (
    select r.*, coalesce(r.business_date, cast(closed_at - to_hours(s.day_cutover_hour) as date))
        as day
    from receipts r join stores s using (store_id)
),
voided as (
    select original_receipt_id as receipt_id, min(day) as voided_on from dated
    where receipt_type = 'void' and original_receipt_id is not null group by all
),
sold as (
    select store_id, register_id, day as business_date, count(*) as n,
        sum(total_inc_tax) filter (receipt_type = 'sale') as sales,
        sum(total_inc_tax) filter (receipt_type = 'return') as returns
    from dated left join voided using (receipt_id)
    where receipt_type in ('sale', 'return') and (voided_on is null or voided_on > day)
        and day >= '{since}'
    group by all
)
select store_id, register_id, business_date
from (from register_closings where business_date >= '{since}')
full join sold using (store_id, register_id, business_date)
where coalesce(receipt_count, -1) <> coalesce(n, 0)
    or coalesce(sales_inc_tax, 0) <> coalesce(sales, 0)
    or coalesce(returns_inc_tax, 0) <> coalesce(returns, 0)
"""


@pytest.fixture(scope="module")
def warehouse(small_world: World) -> Iterator[Warehouse]:
    """Some months of the base history and nights after it."""
    built = Warehouse(small_world, SPANS)
    yield built
    built.connection.close()


def test_closings_reconcile_at_every_delivery(small_world: World) -> None:
    """After each delivery: what is reported is what is there, by store, register and day, and
    every open store has reported the last day."""
    warehouse = Warehouse(small_world, [])
    since = date_of(SPANS[1][0])
    for number, (first_day, last_day) in enumerate(SPANS):
        warehouse.deliver(first_day, last_day)
        if number == 0:
            continue
        assert warehouse.rows(UNRECONCILED.format(since=since)) == []
        assert (
            warehouse.rows(
                "select store_id from stores where coalesce(closed_on, date '9999-01-01') >= "
                f"'{date_of(last_day)}' and store_id not in "
                "(select store_id from register_closings "
                f"where business_date = '{date_of(last_day)}')"
            )
            == []
        )
    assert (
        warehouse.one(
            "select count(*) - count(distinct (store_id, register_id, business_date)) "
            "from all_register_closings"
        )
        > 5
    )


@pytest.fixture(scope="module")
def daily(small_world: World) -> Iterator[Warehouse]:
    """The last month of the base history as nights would bring it."""
    first, last = LAST_MONTH
    built = Warehouse(small_world, [(day, day) for day in range(first, last + 1)])
    yield built
    built.connection.close()


def test_deliveries_may_be_cut_anywhere(small_world: World, daily: Warehouse) -> None:
    first, last = LAST_MONTH
    whole = Warehouse(small_world, [(first, last)])
    halves = Warehouse(small_world, [(first, first + 14), (first + 15, last)])
    for parts in (halves, daily):
        for table in TABLES:
            ours, theirs = (
                set(found.rows(f"select * exclude (delivery, on_) from {table}"))
                for found in (whole, parts)
            )
            assert ours == theirs, table


def test_same_seed_same_rows(small_world: World) -> None:
    again = World(small_world.seed, small_world.scale)
    span = base_periods()[3]
    for (name, ours), (_, theirs) in zip(
        receipts.deliver(small_world, *span), receipts.deliver(again, *span), strict=True
    ):
        assert ours.equals(theirs), name


def test_a_day_without_returns_or_sales_is_a_delivery_too() -> None:
    """A village shop: many days have nothing to tell but their closings."""
    village = World(3, Scale("village", people=60, stores=1))
    for day in range(40):
        found = dict(receipts.deliver(village, day, day))
        closings = found["pos.register_closings"]
        today = pc.equal(closings["business_date"], date_of(day))
        reported = closings.filter(today)["store_id"].to_pylist()
        assert set(reported) == set(village.stores.store_id)


def test_corrections_come_later_and_differ(warehouse: Warehouse) -> None:
    twice = warehouse.rows(
        "select a.receipt_id, a.total_inc_tax - b.total_inc_tax, "
        "(select count(*) from all_receipt_lines l where l.receipt_id = a.receipt_id "
        "and l.delivery = a.delivery) - (select count(*) from all_receipt_lines l "
        "where l.receipt_id = a.receipt_id and l.delivery = b.delivery) "
        "from all_receipts a join all_receipts b using (receipt_id) "
        "where a.delivery < b.delivery and a.updated_at < b.updated_at "
        "and b.receipt_type = 'sale'"
    )
    assert len(twice) > 5
    assert all(difference > 0 and lines == 1 for _, difference, lines in twice)


def test_rows_are_delivered_again_unchanged(warehouse: Warehouse) -> None:
    again = warehouse.rows(
        "select receipt_id from (select distinct on (receipt_id, delivery) * from all_receipts) "
        "group by all having count(*) > 1 and count(distinct updated_at) = 1"
    )
    assert len(again) > 3
    names = ", ".join(f"'{row[0]}'" for row in again)
    for table, key in (("receipts", "1"), ("receipt_lines", "line_no"), ("payments", "payment_no")):
        assert (
            warehouse.rows(
                "select receipt_id from (select distinct * exclude (delivery, on_) "
                f"from all_{table} where receipt_id in ({names})) "
                f"group by receipt_id, {key} having count(*) > 1"
            )
            == []
        )


def test_some_registers_report_late_together_with_their_receipts(daily: Warehouse) -> None:
    """A register that was offline brings its receipts and its closing together, one or two
    deliveries late; a shop's first register never does."""
    first_day = date_of(LAST_MONTH[0] + 2)
    late = daily.rows(
        "select c.register_id, c.on_ - c.business_date, "
        "(select min(on_) from all_receipts r where r.store_id = c.store_id "
        "and r.register_id = c.register_id and closed_at::date = c.business_date) = c.on_ "
        "from (select store_id, register_id, business_date, min(on_) as on_, "
        "arg_min(receipt_count, on_) as n from all_register_closings group by all) c "
        f"where on_ > business_date and business_date >= '{first_day}' and n > 0"
    )
    assert 0 < len(late) < 20
    assert {register for register, _, _ in late} <= {"R2", "R3", "R4"}
    assert {days for _, days, _ in late} <= {1, 2}
    assert all(together for _, _, together in late)
