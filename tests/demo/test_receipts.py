"""Rows of the registers: every receipt adds up, and what is planted can be found."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from demo import receipts, shop
from demo.baskets import affinities
from demo.calendar import BASE_DAYS, date_of
from demo.world import World
from ingestion.contract import find_table
from tests.demo.registers import SPANS, Warehouse


@pytest.fixture(scope="module")
def warehouse(small_world: World) -> Iterator[Warehouse]:
    """Some months of the base history and nights after it."""
    built = Warehouse(small_world, SPANS)
    yield built
    built.connection.close()


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
    online = "store_id in (select store_id from stores where channel <> 'store')"
    assert warehouse.one(f"select count(*) from receipts where {online}") > 100
    assert warehouse.one(f"select count(*) from receipts where {online} and member_id is null") == 0
    assert warehouse.one("select count(*) from receipts where business_date is null") > 0
    assert warehouse.one("select count(*) from receipts where business_date is not null") > 0


def test_companies_buy_more_and_staff_are_internal(small_world: World) -> None:
    people, visits = small_world.population, small_world.visits
    spend = visits.spend
    is_company = people.is_company[visits.person]
    assert spend[is_company].mean() > 3 * spend[~is_company].mean()
    staff = people.is_staff[visits.person] & (visits.member >= 0)
    assert np.count_nonzero(staff & (visits.day < BASE_DAYS)) > 20
