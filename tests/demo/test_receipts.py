"""Rows of the registers: every receipt adds up, closings reconcile at every delivery, what is
planted can be found, and nothing depends on how the days are cut into deliveries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from demo import receipts, shop
from demo.baskets import affinities
from demo.calendar import BASE_DAYS, base_periods, date_of
from demo.scale import Scale
from demo.world import World
from ingestion.contract import find_table

MONTHS, NIGHTS = 5, 4
TABLES = ("receipts", "receipt_lines", "payments", "coupon_redemptions", "register_closings")
SPANS = [*base_periods()[-MONTHS:], *((day, day) for day in range(BASE_DAYS, BASE_DAYS + NIGHTS))]


class Warehouse:
    """What a warehouse would know after some deliveries: the winning version of every row."""

    def __init__(self, world: World, spans: Iterable[tuple[int, int]]) -> None:
        self.world = world
        self.connection = duckdb.connect()
        self.deliveries = 0
        for span in spans:
            self.deliver(*span)

    def deliver(self, first_day: int, last_day: int) -> None:
        for name, rows in receipts.deliver(self.world, first_day, last_day):
            table = name.removeprefix("pos.")
            self.connection.register("rows", rows)
            numbered = (
                f"select *, {self.deliveries} as delivery, '{date_of(last_day)}'::date as on_"
            )
            if self.deliveries:
                self.connection.execute(f"insert into all_{table} {numbered} from rows")
            else:
                self.connection.execute(f"create table all_{table} as {numbered} from rows")
        self.deliveries += 1
        self.choose_winners()

    def choose_winners(self) -> None:
        """Headers and closings: the last version. What belongs to a receipt: the set that came
        with the winning header, else the last one before."""
        for table, key, order in (
            ("receipts", "receipt_id", "updated_at desc, delivery desc"),
            ("register_closings", "store_id, register_id, business_date", "delivery desc"),
        ):
            self.connection.execute(
                f"create or replace view {table} as select * from all_{table} qualify "
                f"row_number() over (partition by {key} order by {order}) = 1"
            )
        for table in ("receipt_lines", "payments", "coupon_redemptions"):
            self.connection.execute(
                f"create or replace view {table} as from all_{table} where (receipt_id, delivery) "
                f"in (select receipt_id, max(delivery) from all_{table} group by all)"
            )

    def rows(self, sql: str) -> list[tuple]:
        return self.connection.execute(sql).fetchall()

    def one(self, sql: str) -> object:
        return self.rows(sql)[0][0]


@pytest.fixture(scope="module")
def warehouse(small_world: World) -> Iterator[Warehouse]:
    """Some months of the base history and nights after it."""
    built = Warehouse(small_world, SPANS)
    yield built
    built.connection.close()


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


def test_rows_keep_the_contract(small_world: World) -> None:
    parts = [*shop.deliver(small_world, 0, 30), *receipts.deliver(small_world, 0, 30)]
    assert {name for name, _ in parts} >= {"pos.stores", "pos.staff", "pos.products"}
    for name, rows in parts:
        table = find_table(f"raw_{name}")
        known = {column.name: column for column in table.columns}
        assert set(rows.column_names) <= set(known), name
        for column in table.columns:
            if column.required:
                assert rows[column.name].null_count == 0, (name, column.name)
            if column.allowed:
                assert {*rows[column.name].to_pylist()} <= {*column.allowed}, (name, column.name)
        key = list(zip(*(rows[column].to_pylist() for column in table.key), strict=True))
        assert len(key) == len(set(key)), name


def test_lines_multiply_out(warehouse: Warehouse) -> None:
    assert (
        warehouse.one(
            "select count(*) from receipt_lines where line_amount + discount_amount <> "
            "sign(quantity) * floor(abs(quantity)::decimal(12, 3) * unit_price + 0.5)"
        )
        == 0
    )
    assert (
        warehouse.one("select count(*) from receipt_lines where quantity <> round(quantity)") > 99
    )


def test_every_receipt_adds_up(warehouse: Warehouse) -> None:
    """Total and tax, counted receipt by receipt in another way than the generator's."""
    heads = {
        row[0]: row[1:]
        for row in warehouse.rows(
            "select receipt_id, total_inc_tax, tax_total, discount_total, points_used from receipts"
        )
    }
    lines: dict[str, list[tuple]] = {}
    for receipt_id, *line in warehouse.rows(
        "select receipt_id, line_amount, discount_amount, round(l.tax_rate * 100)::int, "
        "tax_included, line_type, coalesce(is_merchandise, true) from receipt_lines l "
        "left join products using (product_id) order by receipt_id, line_no"
    ):
        lines.setdefault(receipt_id, []).append(tuple(line))
    assert len(lines) > 15_000
    wrong = [
        key for key, found in lines.items() if add_up(found, *heads[key][2:]) != heads[key][:2]
    ]
    assert wrong == []


def add_up(lines: list[tuple], discount_total: int, points: int) -> tuple[int, int]:
    """Total and tax of one receipt."""
    due = [line[0] for line in lines]
    for wanted in (discount_total - sum(line[1] for line in lines), points):
        bears = [
            line[0] * wanted > 0 and line[4] in ("sale", "return") and line[5] for line in lines
        ]
        weights = [abs(line[0]) if bear else 0 for line, bear in zip(lines, bears, strict=True)]
        weights = weights if sum(weights) else [abs(line[0]) for line in lines]
        whole = [abs(wanted) * weight // (sum(weights) or 1) for weight in weights]
        rest = [abs(wanted) * weight % (sum(weights) or 1) for weight in weights]
        by_rest = sorted(range(len(lines)), key=lambda place: (-rest[place], place))
        for place in by_rest[: abs(wanted) - sum(whole)]:
            whole[place] += 1
        due = [d - w * (1 if wanted > 0 else -1) for d, w in zip(due, whole, strict=True)]
    tax, on_top = 0, 0
    for percent in (8, 10):
        for included in (True, False):
            base = sum(
                d
                for d, line in zip(due, lines, strict=True)
                if line[2:4] == (percent, included) and line[4] != "gift_card_sale"
            )
            size = abs(base) * percent // (100 + percent * included)
            tax += size if base > 0 else -size
            on_top += 0 if included else (size if base > 0 else -size)
    return sum(due) + on_top, tax


def test_payments_add_up(warehouse: Warehouse) -> None:
    assert (
        warehouse.rows(
            "select receipt_id from receipts left join (select receipt_id, sum(amount) as paid "
            "from payments group by all) using (receipt_id) "
            "where coalesce(paid, 0) <> total_inc_tax "
            "and receipt_id in (select receipt_id from receipt_lines)"
        )
        == []
    )
    methods = dict(warehouse.rows("select method, count(*) from payments group by all"))
    assert set(methods) == {
        "cash", "card", "code", "emoney", "gift_card", "voucher", "credit", "other"
    }  # fmt: skip
    assert warehouse.one("select count(*) from payments where payment_no > 1") > 100


def test_closings_reconcile_at_every_delivery(small_world: World) -> None:
    """After each delivery: what is reported is what is there, by store, register and day, and
    every open store has reported the last day."""
    warehouse = Warehouse(small_world, [])
    stores = shop_rows(small_world, "pos.stores")
    since = date_of(SPANS[1][0])
    for number, (first_day, last_day) in enumerate(SPANS):
        warehouse.deliver(first_day, last_day)
        warehouse.connection.register("stores", stores)
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


def shop_rows(world: World, name: str) -> pa.Table:
    """A master as it stands at the end of the base history."""
    parts = [
        dict(shop.deliver(world, *span))[name] for span in [*base_periods(), (BASE_DAYS, BASE_DAYS)]
    ]
    whole = pa.concat_tables(parts)
    key = whole[whole.column_names[0]].to_pylist()
    last = {value: place for place, value in enumerate(key)}
    return whole.take(sorted(last.values()))


@pytest.fixture(scope="module", autouse=True)
def masters(warehouse: Warehouse, small_world: World) -> None:
    for table in ("products", "stores"):
        warehouse.connection.register(table, shop_rows(small_world, f"pos.{table}"))


LAST_MONTH = base_periods()[-1]


@pytest.fixture(scope="module")
def daily(small_world: World) -> Iterator[Warehouse]:
    """The last month of the base history as nights would bring it."""
    built = Warehouse(small_world, [(day, day) for day in range(*LAST_MONTH)])
    built.deliver(LAST_MONTH[1], LAST_MONTH[1])
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
        registers = int(village.stores.registers.sum())
        assert registers - 4 <= found["pos.register_closings"].num_rows <= registers + 4
        counted = sum(found["pos.register_closings"]["receipt_count"].to_pylist())
        assert counted <= found["pos.receipts"].num_rows + 20


def test_planted_affinities_are_visible(warehouse: Warehouse) -> None:
    for pair in affinities().to_pylist():
        first, second, planted = pair.values()
        with_first, both, all_baskets, with_second = warehouse.rows(
            "with has as (select receipt_id, bool_or(product_id = $1) as a, "
            "bool_or(product_id = $2) as b from receipt_lines where line_type = 'sale' "
            "and quantity > 0 group by all) "
            "select count(*) filter (a), count(*) filter (a and b), count(*), "
            "count(*) filter (b and not a) from has".replace("$1", f"'{first}'").replace(
                "$2", f"'{second}'"
            )
        )[0]
        assert with_first > 50, pair
        error = 4 * np.sqrt(planted * (1 - planted) / with_first)
        by_chance = with_second / all_baskets
        assert planted - error < both / with_first < planted + 6 * by_chance + error, pair
        assert both / with_first > 3 * by_chance, pair


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


def test_voids_undo_what_they_name(warehouse: Warehouse) -> None:
    rows = warehouse.rows(
        "select v.total_inc_tax + o.total_inc_tax, v.tax_total + o.tax_total, "
        "v.closed_at > o.closed_at, o.receipt_type, v.store_id = o.store_id "
        "from receipts v join receipts o on v.original_receipt_id = o.receipt_id "
        "where v.receipt_type = 'void'"
    )
    assert len(rows) > 20
    assert set(rows) == {(0, 0, True, "sale", True)}
    assert (
        warehouse.one(
            "select count(*) from receipts "
            "where receipt_type = 'void' and original_receipt_id is null"
        )
        > 5
    )
    assert (
        warehouse.one(
            "select count(*) from receipts where receipt_type = 'training' and member_id is null"
        )
        > 5
    )


def test_returns_take_back_what_was_sold(warehouse: Warehouse) -> None:
    since = date_of(SPANS[1][0])
    linked = warehouse.rows(
        "select o.receipt_id is not null, r.closed_at > o.closed_at, r.store_id = o.store_id, "
        "r.member_id is not distinct from o.member_id, b.product_id = s.product_id, "
        "b.quantity = -s.quantity and b.unit_price = s.unit_price, "
        "b.discount_amount = -s.discount_amount "
        "from receipts r join receipt_lines b using (receipt_id) "
        "left join receipts o on r.original_receipt_id = o.receipt_id "
        "left join receipt_lines s on s.receipt_id = o.receipt_id "
        "and s.line_no = b.original_line_no "
        f"where b.line_type = 'return' and r.original_receipt_id is not null "
        f"and r.closed_at >= '{since}' and r.receipt_type <> 'void'"
    )
    assert len(linked) > 100
    assert set(linked) == {(True,) * 7}
    shares = warehouse.rows(
        "select count(*) filter (original_receipt_id is null) / count(*), "
        "max(total_inc_tax) filter (receipt_type = 'return') from receipts "
        "where receipt_id in (select receipt_id from receipt_lines where line_type = 'return')"
    )[0]
    assert 0.08 < shares[0] < 0.22
    assert shares[1] <= 0


def test_coupons_points_and_gift_cards_are_used(warehouse: Warehouse) -> None:
    assert (
        warehouse.rows(
            "select redemption_id from coupon_redemptions d join receipts r using (receipt_id) "
            "where d.discount_amount not between 1 and r.discount_total "
            "or d.member_id is distinct from r.member_id"
        )
        == []
    )
    assert warehouse.one("select count(*) from coupon_redemptions") > 50
    assert (
        warehouse.rows(
            "select receipt_id from receipts where (points_used > 0 or points_earned > 0) "
            "and member_id is null"
        )
        == []
    )
    earned, used = warehouse.rows("select sum(points_earned), sum(points_used) from receipts")[0]
    assert 0.1 * earned < used < earned
    assert (
        warehouse.one("select count(*) from receipt_lines where line_type = 'gift_card_sale'") > 20
    )
    assert warehouse.one("select count(*) from payments where method = 'gift_card'") > 20


def test_a_few_products_sell_before_the_master_knows_them(warehouse: Warehouse) -> None:
    unknown, lines = warehouse.rows(
        "select count(*) filter (product_id not in (select product_id from products)), count(*) "
        "from receipt_lines"
    )[0]
    assert 0 < unknown < 0.01 * lines


def test_baskets_are_those_of_a_grocery(warehouse: Warehouse) -> None:
    median_lines, median_total, guests = warehouse.rows(
        "select median(n), median(total_inc_tax), avg((member_id is null)::int) from receipts "
        "join (select receipt_id, count(*) as n from receipt_lines group by all) "
        "using (receipt_id) where receipt_type = 'sale'"
    )[0]
    assert 3 <= median_lines <= 4
    assert 1_500 < median_total < 4_000
    assert 0.2 < guests < 0.32
    assert warehouse.one("select count(distinct tax_included) from receipt_lines") == 2
    assert warehouse.one("select count(*) from receipts where business_date is null") > 0
    assert warehouse.one("select count(*) from receipts where business_date is not null") > 0


def test_companies_buy_more_and_staff_are_internal(small_world: World) -> None:
    people, visits = small_world.population, small_world.visits
    spend = visits.spend
    is_company = people.is_company[visits.person]
    assert spend[is_company].mean() > 3 * spend[~is_company].mean()
    staff = people.is_staff[visits.person] & (visits.member >= 0)
    assert np.count_nonzero(staff & (visits.day < BASE_DAYS)) > 20
