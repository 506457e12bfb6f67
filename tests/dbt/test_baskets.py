"""Baskets counted night by night are those counted at once, whatever happens in between.

The compiled models run in DuckDB alone, on the columns that they read. Dates are literals in what
dbt compiles: each run gets its own in their place. `SEEDS=20` in the environment
draws twenty times.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

import duckdb
import numpy as np
import pyarrow
import pytest

from baskets import state
from evaluation.basket_speed import MODELS
from evaluation.compiled_models import compiled

AS_OF, DAYS, LEAST, LARGEST = date(1999, 3, 31), 10, 2, 6
SEEDS = int(os.environ.get("SEEDS", "2"))
PAIRS = "from marts.basket_pair order by all"
KEPT = """
select scopes.key as scope, a.kind, a.key as a, b.key as b, sum(n_baskets) as n
from baskets.pairs
left join baskets.keys as scopes on scope = scopes.number
join baskets.keys as a on item_a = a.number
join baskets.keys as b on item_b = b.number
group by all
"""


@dataclass(frozen=True)
class Statements:
    """Compiled models by whether they look at what was kept; the mart alone stands apart."""

    night: list[str]
    full: list[str]

    def of(self, as_of: date, *, full: bool) -> list[str]:
        first = AS_OF - timedelta(days=DAYS - 1)
        here = as_of - timedelta(days=DAYS - 1)
        return [
            text.replace(str(AS_OF), str(as_of)).replace(str(first), str(here))
            for text in (self.full if full else self.night)
        ]


@pytest.fixture(scope="module")
def statements(tmp_path_factory: pytest.TempPathFactory) -> Statements:
    path = tmp_path_factory.mktemp("baskets") / "warehouse.duckdb"
    variables = {
        "as_of_date": str(AS_OF),
        "basket_days": DAYS,
        "basket_min_receipts": LEAST,
        "basket_max_products": LARGEST,
    }
    both = [
        [
            statement.replace('"warehouse".', "")
            for statement in compiled(path, MODELS, variables, full_refresh=full)
        ]
        for full in (False, True)
    ]
    return Statements(*both)


@dataclass
class Shop:
    """Everything that ever happened, as the models would read it on a date."""

    connection: duckdb.DuckDBPyConnection
    receipts: dict[str, tuple[str, str, date, str | None, bool]] = field(default_factory=dict)
    lines: dict[str, list[tuple[str, str, float]]] = field(default_factory=dict)
    products: dict[str, tuple[str | None, bool]] = field(default_factory=dict)
    stores: dict[str, str] = field(default_factory=dict)

    def show(self, as_of: date) -> None:
        """Write the tables that the models read."""
        tables = {
            "products": [(p, *rest) for p, rest in self.products.items()],
            "stores": list(self.stores.items()),
            "receipts": [(r, *rest) for r, rest in self.receipts.items() if rest[2] <= as_of],
            "lines": [
                (r, number, *line)
                for r, lines in self.lines.items()
                for number, line in enumerate(lines)
            ],
        }
        for name, rows in tables.items():
            self.connection.execute(f"delete from shop_{name}")
            insert(self.connection, f"shop_{name}", rows)

    def run(self, statements: Statements, as_of: date, *, full: bool) -> list[tuple[object, ...]]:
        """Build the models; the pairs."""
        for statement in statements.of(as_of, full=full):
            self.connection.execute(statement)
        return self.connection.execute(PAIRS).fetchall()


@pytest.fixture
def shop() -> Iterator[Shop]:
    with duckdb.connect() as connection:
        connection.execute(_TABLES)
        state.prepare(connection)
        yield Shop(connection)


def insert(
    connection: duckdb.DuckDBPyConnection, table: str, rows: list[tuple[object, ...]]
) -> None:
    """Append rows of plain values."""
    if rows:
        columns = zip(*rows, strict=True)
        written = pyarrow.table({str(number): list(c) for number, c in enumerate(columns)})
        connection.register("written", written)
        connection.execute(f"insert into {table} from written")
        connection.unregister("written")


def sell(shop: Shop, name: str, day: date, *products: str, store: str = "S1") -> None:
    shop.receipts[name] = ("sale", store, day, None, False)
    shop.lines[name] = [(product, "sale", 1) for product in products]


def take_back(shop: Shop, name: str, day: date, sale: str, *products: str) -> None:
    shop.receipts[name] = ("return", "S1", day, sale, False)
    shop.lines[name] = [(product, "return", -1) for product in products]


def night(shop: Shop, statements: Statements, as_of: date) -> list[tuple[object, ...]]:
    """The pairs of a night, held against those of a full run on the same day."""
    shop.show(as_of)
    of_night = shop.run(statements, as_of, full=False)
    state.keep(shop.connection, full=False)
    kept = set(shop.connection.execute(KEPT).fetchall())
    shop.connection.execute("begin")
    in_full = shop.run(statements, as_of, full=True)
    state.keep_within(shop.connection, full=True)
    kept_in_full = set(shop.connection.execute(KEPT).fetchall())
    shop.connection.execute("rollback")
    assert of_night == in_full
    assert kept == kept_in_full
    return of_night


def test_a_late_return_an_older_date_and_another_category(
    shop: Shop, statements: Statements
) -> None:
    shop.products |= {"tea": ("drinks", True), "cup": ("china", True), "pot": ("china", True)}
    shop.stores |= {"S1": "store"}
    day = date(2024, 5, 20)
    for number in range(4):
        sell(shop, f"r{number}", day - timedelta(days=number), "tea", "cup")
    together = {row[3:6]: row[9] for row in night(shop, statements, day) if row[1] == "all"}
    assert together["product", "tea", "cup"] == 4
    assert together["category", "china", "drinks"] == 4
    take_back(shop, "back", day + timedelta(days=1), "r3", "cup")
    later = {row[3:6]: row[9] for row in night(shop, statements, day + timedelta(days=1))}
    assert later["product", "tea", "cup"] == 3
    before = {row[3:6]: row[9] for row in night(shop, statements, day)}
    assert before["product", "tea", "cup"] == 4
    shop.products["cup"] = ("drinks", True)
    moved = {row[3:6] for row in night(shop, statements, day)}
    assert ("category", "china", "drinks") not in moved
    shop.products["cup"] = ("drinks", False)
    assert night(shop, statements, day) == []


@pytest.mark.parametrize("seed", range(SEEDS))
def test_nights_of_accidents_equal_full_runs(shop: Shop, statements: Statements, seed: int) -> None:
    draw = random.Random(seed)
    goods = [f"P{number}" for number in range(12)]
    shop.products |= {product: (f"C{n % 4}", True) for n, product in enumerate(goods[:10])}
    shop.stores |= {"S1": "store", "S2": "store", "S3": "ec"}
    day, found = date(2024, 5, 20), 0
    for _ in range(12):
        for _ in range(15):
            _happen(shop, draw, day, goods)
        shown = day - timedelta(days=draw.choice([0, 0, 0, 0, 1, 6, 25]))
        found += len(night(shop, statements, shown))
        day += timedelta(days=draw.choice([0, 1, 1, 1, 2, 14]))
    assert found > 100


def _happen(shop: Shop, draw: random.Random, day: date, goods: list[str]) -> None:
    known = [name for name, receipt in shop.receipts.items() if receipt[0] == "sale"]
    what = draw.random()
    if what < 0.55 or not known:
        chosen = draw.choices(goods, k=draw.choice([1, 2, 2, 3, 4, 9]))
        when = day - timedelta(days=draw.choice([0, 0, 0, 1, 3]))
        sell(
            shop, f"r{len(shop.lines)}", when, *chosen, store=draw.choice(["S1", "S2", "S3", "S9"])
        )
        return
    name = draw.choice(known)
    kind, store, when, linked, is_internal = shop.receipts[name]
    if what < 0.70:
        product = draw.choice(shop.lines[name])[0]
        take_back(shop, f"r{len(shop.lines)}", day, name, product)
    elif what < 0.80:
        line = draw.randrange(len(shop.lines[name]))
        shop.lines[name][line] = (draw.choice(goods), draw.choice(["sale", "fee"]), 1)
    elif what < 0.84:
        del shop.receipts[name]
    elif what < 0.88:
        shop.receipts[name] = (kind, store, when, linked, not is_internal)
    elif what < 0.91:
        shop.receipts[name] = (kind, store, when - timedelta(days=1), linked, is_internal)
    elif what < 0.97:
        category = draw.choice([None, "C1", "C2", "C9"])
        shop.products[draw.choice(goods)] = (category, draw.random() < 0.8)
    else:
        shop.stores[draw.choice(["S1", "S2", "S9"])] = draw.choice(["store", "ec", "app"])


def test_popular_items_and_large_baskets_alone_are_no_affinity(
    shop: Shop, statements: Statements
) -> None:
    """Items drawn one by one for baskets of very different sizes, and one pair that belongs."""
    draw = np.random.default_rng(3)
    goods = np.array([f"P{number:02}" for number in range(30)])
    weights = 1 / np.arange(1, 31)
    shop.products |= {str(product): (None, True) for product in goods}
    shop.stores |= {"S1": "store"}
    day = date(2024, 5, 20)
    for number in range(4_000):
        size = draw.choice([1, 2, 3, 6], p=[0.5, 0.25, 0.15, 0.1])
        chosen = {
            str(p) for p in draw.choice(goods, size, replace=False, p=weights / weights.sum())
        }
        if "P20" in chosen and draw.random() < 0.5:
            chosen.add("P25")
        sell(shop, f"r{number}", day, *sorted(chosen))
    shop.show(day)
    shop.connection.execute("begin")
    shop.run(statements, day, full=True)
    pairs = shop.connection.execute(
        "select item_a, item_b, lift_low, is_affinity from marts.basket_pair "
        "where scope_type = 'all' and item_a < item_b and n_ab >= 20"
    ).fetchall()
    assert {(a, b) for a, b, _, is_affinity in pairs if is_affinity} == {("P20", "P25")}
    assert sum(low > 1 for _, _, low, _ in pairs) > len(pairs) / 4


def test_the_interval_of_the_lift_holds_the_true_one_as_often_as_it_says(
    shop: Shop, statements: Statements
) -> None:
    """Draws of one multinomial: 95 % of the intervals must hold the lift drawn from."""
    both, one, other = 0.02, 0.05, 0.10
    draws = np.random.default_rng(1).multinomial(
        5_000, [both, one - both, other - both, 1 - one - other + both], 4_000
    )
    shop.connection.execute(
        "create table intermediate.int_basket_pairs (scope integer, item_a integer, "
        "item_b integer, n_baskets bigint, n_a bigint, n_b bigint, n_ab bigint, "
        "expected_n_ab decimal(18, 6)); "
        "create table intermediate.int_basket_keys as "
        "select 'product' as kind, cast(range as varchar) as key, range as number from range(8000)"
    )
    rows = [
        (0, 2 * i, 2 * i + 1, 5_000, int(ab + a), int(ab + b), int(ab), 25)
        for i, (ab, a, b, _) in enumerate(draws)
    ]
    insert(shop.connection, "intermediate.int_basket_pairs", rows)
    shop.connection.execute(statements.of(AS_OF, full=True)[-1])
    ((held, above, below),) = shop.connection.execute(
        "select avg(cast($1 between lift_low and lift_high as integer)), "
        "avg(cast($1 < lift_low as integer)), avg(cast($1 > lift_high as integer)) "
        "from marts.basket_pair",
        [both / (one * other)],
    ).fetchall()
    assert 0.94 <= held <= 0.96
    assert 0.015 <= above <= 0.035
    assert 0.015 <= below <= 0.035


_TABLES = """
create schema staging; create schema intermediate; create schema marts;
create table shop_products (product_id varchar, category varchar, is_merchandise boolean);
create table shop_stores (store_id varchar, channel varchar);
create table shop_receipts (
    receipt_id varchar, receipt_type varchar, store_id varchar, business_date date,
    original_receipt_id varchar, is_internal boolean
);
create table shop_lines (
    receipt_id varchar, line_no bigint, product_id varchar, line_type varchar,
    quantity decimal(18, 3)
);
create view staging.stg_pos__receipt_lines as from shop_lines;
create view intermediate.int_stores as from shop_stores;
create view intermediate.int_products as
select product_id, category as category_1, null as category_2, null as category_3, is_merchandise,
    false as is_sample, cast(null as bigint) as membership_months
from shop_products;
create view intermediate.int_receipts as
select sold.*, originals.receipt_id as linked_receipt_id,
    originals.business_date as linked_business_date
from shop_receipts as sold
left join shop_receipts as originals on sold.original_receipt_id = originals.receipt_id;
create view intermediate.int_sales_receipts as
select receipts.*, (
    select bit_xor(hash(lines.receipt_id, line_no, product_id, line_type, quantity))
    from shop_lines as lines
    join intermediate.int_receipts as returns using (receipt_id)
    where lines.receipt_id = receipts.receipt_id or returns.linked_receipt_id = receipts.receipt_id
) as goods_hash
from intermediate.int_receipts as receipts;
"""
