"""Tables that are kept between nights: after each night they are what a full rebuild gives."""

from __future__ import annotations

import random
import shutil
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar, TypeVar

import duckdb
import pytest

from ingestion.engine import connect
from ingestion.settings import Company, Identity, Metrics
from orchestration.compiled import FOLDER, compiled_project
from orchestration.transformation import build_tables, variables
from tests.dbt.conftest import Warehouse

MODELS = [
    "currency_minor_units",
    "stg_pos__stores",
    "stg_pos__products",
    "stg_arrival_prints",
    "stg_touched_keys",
    "stg_pos__receipts",
    "stg_pos__receipt_lines",
    "stg_pos__payments",
    "stg_pos__members",
    "stg_pos__member_versions",
    "stg_pos__coupons_issued",
    "stg_email__contacts",
    "stg_email__events",
    "stg_support__tickets",
    "stg_support__ticket_events",
    "stg_support__messages",
    "int_counted_receipts",
    "int_receipts",
    "int_products",
    "int_receipt_prints",
    "int_touched_receipts",
    "int_receipts_of_touched_customers",
    "int_receipt_lines",
    "int_line_allocations",
    "int_line_amounts",
    "int_line_taxes",
    "int_sales_lines",
    "int_sales_receipts",
    "fct_sales_line",
    "fct_sales_receipt",
]
KEPT = (
    "staging.stg_pos__receipts",
    "staging.stg_pos__receipt_lines",
    "staging.stg_email__contacts",
    "intermediate.int_line_allocations",
    "intermediate.int_sales_lines",
    "intermediate.int_sales_receipts",
    "marts.fct_sales_line",
    "marts.fct_sales_receipt",
)
PRODUCT = {"tax_rate": "DECIMAL", "is_merchandise": "BOOLEAN", "unit_cost": "DECIMAL"}
"""What sales take from the master, with its types."""
PEOPLE = """
    create schema intermediate;
    create table intermediate.int_customer_identity (
        source_system varchar, source_id varchar, customer_key varchar
    );
    insert into intermediate.int_customer_identity
    select 'pos', 'hash of m' || n, 'c' || n from range(6) as ids (n);
    create table intermediate.int_customers as
    select 'c' || n as customer_key, false as is_internal from range(6) as ids (n);
"""
FIRST_DAY = datetime(2024, 1, 1, 3)


class Shop:
    """A register that delivers a file a night, with every kind of late news.

    `models` are built each night, `kept` are the tables that a rebuild must give too, and `people`
    makes what comes from models that are not built here.
    """

    models: ClassVar[Sequence[str]] = MODELS
    kept: ClassVar[Sequence[str]] = KEPT
    people: ClassVar[str] = PEOPLE

    def __init__(self, warehouse: Warehouse, seed: int) -> None:
        self.warehouse = warehouse
        self.dice = random.Random(seed)
        self.night = 0
        self.receipts: dict[str, dict[str, Any]] = {}
        self.lines: dict[str, list[dict[str, Any]]] = {}
        with duckdb.connect(str(warehouse.path)) as connection:
            connection.execute(self.people)

    def open(self) -> None:
        """The masters and thirty receipts."""
        self._deliver("raw_pos.stores", [{"store_id": "s1", "timezone": "Asia/Tokyo"}])
        products = [{"product_id": f"p{n}", "unit_cost": 50 + n} for n in range(6)]
        self._deliver("raw_pos.products", products)
        contacts = [{"campaign_id": f"k{n}", "subscriber_id": "s"} for n in range(3)]
        self._deliver("raw_email.contacts", contacts)
        self._sell([self._sale(f"r{n}") for n in range(30)])

    def next_night(self) -> None:
        """New sales, and some of what may come late."""
        self.night += 1
        news = [self._sale(f"n{self.night}-{n}") for n in range(3)]
        old = self.dice.choice(sorted(self.lines))
        news.append(self._corrected(old))
        news.append(self._return_of(self.dice.choice(sorted(self.lines))))
        if self.night % 2:
            news.append(self._void_of(self.dice.choice(sorted(self.lines))))
        self._sell(news)

    def change_product(self) -> None:
        """Another cost, and no merchandise any more."""
        self.night += 1
        row = {"product_id": "p1", "unit_cost": 99, "is_merchandise": False, "tax_rate": 0.08}
        self._deliver("raw_pos.products", [row])

    def change_contacts(self) -> None:
        """A snapshot of an audience that lacks one and brings another."""
        self.night += 1
        self._deliver("raw_email.contacts", [{"campaign_id": "k2", "member_id": "m1"}])
        key = ("k1", "s", "")
        self.warehouse.delete("raw_email.contacts", *key, load_number=self.night + 1)

    def move_store(self) -> None:
        """Its days end in another zone, and with them those of its receipts."""
        self.night += 1
        self._deliver("raw_pos.stores", [{"store_id": "s1", "timezone": "Pacific/Honolulu"}])

    def move_member(self, member: int, customer: int) -> None:
        """As a merge or a split does."""
        self._execute(
            f"update intermediate.int_customer_identity set customer_key = 'c{customer}' "
            f"where source_id = 'hash of m{member}'"
        )

    def make_internal(self, customer: int) -> None:
        """Who works here is no customer."""
        self._execute(
            "update intermediate.int_customers set is_internal = true "
            f"where customer_key = 'c{customer}'"
        )

    def forget(self, file: str) -> None:
        """As though the file had never come."""
        for table in ("raw_pos.receipts", "raw_pos.receipt_lines", "ledger.files"):
            column = "file" if table.startswith("ledger") else "_file"
            self._execute(f"delete from {table} where {column} = '{file}'")

    def release(self, file: str) -> None:
        """A line that waited in quarantine is stored with the file that it came in."""
        self._execute(
            "insert into raw_pos.receipt_lines by name "
            "select * replace (9 as line_no, 1000 as _line) from raw_pos.receipt_lines "
            f"where _file = '{file}' limit 1"
        )
        self._execute(
            f"update ledger.files set rows_stored = rows_stored + 1 where file = '{file}' "
            "and table_name = 'raw_pos.receipt_lines'"
        )

    def change_each_column(self, table: str, keys: str, of: str) -> None:
        """Another value in each column of a built table but its keys, each in another `of`."""
        columns = self.warehouse.query(f"select column_name, column_type from (describe {table})")
        rows = self.warehouse.query(f"select distinct {of} from {table} order by 1")
        changed = [one for one in columns if one[0] not in keys.split()]
        assert len(rows) >= len(changed), f"{table}: more columns than rows to change"
        for (column, kind), (row,) in zip(changed, rows, strict=False):
            self._execute(
                f"update {table} set {column} = {_another(column, kind)} where {of} = '{row}'"
            )

    def build(
        self,
        warehouse: Warehouse,
        *,
        without: tuple[str, ...] = (),
        full: bool = False,
        code: str = "code",
        as_of: int = 60,
    ) -> None:
        """One night's models."""
        day = (FIRST_DAY + timedelta(days=as_of)).date()
        known = variables(Company(), Metrics(), Identity(), day, full=False)
        project = replace(compiled_project(known, FOLDER), code=code)
        tables = [one for one in project.tables.values() if one.name in self.models]
        chosen = {one.unique_id for one in tables if one.name not in without}
        with connect(warehouse.path) as connection:
            results = build_tables(connection, project, chosen, full=full)
        assert len(results) == len(chosen) and not any(one.is_bad for one in results), results

    def _sale(self, receipt: str) -> dict[str, Any]:
        count = self.dice.randint(1, 4)
        self.lines[receipt] = [self._line(receipt, number) for number in range(1, count + 1)]
        closed = FIRST_DAY + timedelta(days=self.dice.randint(0, 50))
        self.receipts[receipt] = {
            "receipt_id": receipt,
            "store_id": "s1",
            "receipt_type": "sale",
            "member_id": self.dice.choice([None, *(f"m{n}" for n in range(6))]),
            "discount_total": self.dice.choice([0, 0, 7]),
            "points_used": self.dice.choice([0, 0, 11]),
            "closed_at": closed,
            "updated_at": closed,
        }
        return self.receipts[receipt]

    def _line(self, receipt: str, number: int) -> dict[str, Any]:
        amount = self.dice.randint(1, 40) * 10
        return {
            "receipt_id": receipt,
            "line_no": number,
            "product_id": f"p{self.dice.randint(0, 7)}",
            "line_type": "sale",
            "quantity": 1,
            "unit_price": amount,
            "line_amount": amount,
            "tax_rate": self.dice.choice([None, 0.1]),
        }

    def _corrected(self, receipt: str) -> dict[str, Any]:
        before = self.receipts[receipt]
        self.lines[receipt] = [self._line(receipt, 1)]
        late = FIRST_DAY + timedelta(days=100 + self.night)
        self.receipts[receipt] = before | {"updated_at": late, "discount_total": 3}
        return self.receipts[receipt]

    def _return_of(self, receipt: str) -> dict[str, Any]:
        back = self._sale(f"back{self.night}") | {"original_receipt_id": receipt}
        back["receipt_type"] = "return"
        for line in self.lines[back["receipt_id"]]:
            line |= {"line_type": "return", "quantity": -1, "line_amount": -line["line_amount"]}
        self.receipts[back["receipt_id"]] = back
        return back

    def _void_of(self, receipt: str) -> dict[str, Any]:
        void = self._sale(f"void{self.night}") | {"original_receipt_id": receipt}
        return void | {"receipt_type": "void"}

    def _sell(self, receipts: list[dict[str, Any]]) -> None:
        self._deliver("raw_pos.receipts", receipts)
        lines = [line for receipt in receipts for line in self.lines[receipt["receipt_id"]]]
        self._deliver("raw_pos.receipt_lines", lines)

    def _deliver(self, table: str, rows: list[dict[str, Any]]) -> None:
        self.warehouse.deliver(
            table, rows, load_number=self.night + 1, file=f"night{self.night}.csv"
        )

    def _execute(self, statement: str) -> None:
        with duckdb.connect(str(self.warehouse.path)) as connection:
            connection.execute(statement)


AnyShop = TypeVar("AnyShop", bound=Shop)


@cache
def _first_load(kind: type[Shop]) -> tuple[bytes, Shop]:
    """The warehouse's file after the first load of such a shop, and the shop."""
    with TemporaryDirectory() as folder:
        warehouse = Warehouse(Path(folder) / "warehouse.duckdb", Path(folder) / "target")
        made = kind(warehouse, seed=1)
        made.open()
        made.build(warehouse)
        return warehouse.path.read_bytes(), made


def opened(kind: type[AnyShop], warehouse: Warehouse) -> AnyShop:
    """Such a shop whose first load is built: once a process, and copied into the warehouse."""
    content, first = _first_load(kind)
    warehouse.path.write_bytes(content)
    made = deepcopy(first)
    made.warehouse = warehouse
    return made


@pytest.fixture
def shop(warehouse: Warehouse) -> Shop:
    """A shop whose first load is built."""
    return opened(Shop, warehouse)


def _another(column: str, kind: str) -> str:
    """SQL: a value of the type that the column does not have, one that models make something of."""
    if column in ("line_type", "receipt_type"):
        return "'return'"
    if column == "event_type":
        return "'complaint'"
    if column == "channel":
        return "'line'"
    if kind == "BOOLEAN":
        return f"not coalesce({column}, false)"
    if kind == "DATE":
        return f"coalesce({column}, date '2024-01-05') + 1"
    if kind == "TIMESTAMP":
        return f"coalesce({column}, timestamp '2024-01-05 03:00:00') + interval 1 day"
    if kind == "VARCHAR":
        return f"coalesce({column}, '') || '1'"
    return f"coalesce({column}, 0) + 0.03"


def assert_is_a_rebuild(shop: Shop, tmp_path: Path, **options: Any) -> None:
    """The tables hold what a full rebuild of a copy gives."""
    copy = tmp_path / "copy"
    copy.mkdir(exist_ok=True)
    rebuilt = object.__new__(Warehouse)
    rebuilt.path, rebuilt.target = copy / "warehouse.duckdb", copy / "target"
    rebuilt.threads = "2"
    shutil.copyfile(shop.warehouse.path, rebuilt.path)
    shop.build(rebuilt, full=True, **options)
    for table in shop.kept:
        query = f"from {table} order by all"
        assert shop.warehouse.query(query) == rebuilt.query(query), table


def touched(warehouse: Warehouse) -> int:
    """Receipts that the last night worked out; 0 where it worked out all."""
    return warehouse.query("select count(*) from intermediate.int_touched_receipts")[0][0]


def was_slice(warehouse: Warehouse, prints: str = "int_receipt_prints") -> bool:
    """Whether the last night worked out the touched keys only."""
    return warehouse.query(
        f"select slice_from is not null from kept.tables where name = '{prints}'"
    )[0][0]


def test_nights_of_late_news_are_rebuilds(shop: Shop, tmp_path: Path) -> None:
    warehouse = shop.warehouse
    for _ in range(2):
        shop.next_night()
        shop.build(warehouse)
        assert was_slice(warehouse, "stg_arrival_prints")
        assert was_slice(warehouse) and 5 <= touched(warehouse) <= 15
        assert_is_a_rebuild(shop, tmp_path)
    shop.move_member(1, 2)
    shop.make_internal(3)
    shop.change_product()
    shop.change_contacts()
    shop.next_night()
    shop.build(warehouse)
    assert was_slice(warehouse, "stg_arrival_prints") and was_slice(warehouse)
    assert_is_a_rebuild(shop, tmp_path)


def test_what_changes_old_rows_is_a_rebuild(shop: Shop, tmp_path: Path) -> None:
    """A file forgotten, a row released, an earlier date: staging is whole, sales need not be."""
    warehouse = shop.warehouse
    shop.next_night()
    shop.move_member(1, 2)
    shop.build(warehouse)
    shop.next_night()
    shop.move_member(1, 1)
    shop.forget("night1.csv")
    shop.release("night0.csv")
    shop.build(warehouse, as_of=40)
    assert not was_slice(warehouse, "stg_arrival_prints") and was_slice(warehouse)
    assert_is_a_rebuild(shop, tmp_path, as_of=40)


def test_a_store_that_moves_moves_its_receipts(shop: Shop, tmp_path: Path) -> None:
    shop.move_store()
    shop.build(shop.warehouse)
    assert not was_slice(shop.warehouse, "stg_arrival_prints")
    assert_is_a_rebuild(shop, tmp_path)


STAGED = tuple(name for name in MODELS if name.startswith("stg_"))


def test_whatever_a_model_reads_is_in_the_print(shop: Shop, tmp_path: Path) -> None:
    """One column that the print left out would leave its receipt as it was."""
    shop.change_each_column("staging.stg_pos__receipts", "receipt_id", of="receipt_id")
    shop.change_each_column(
        "staging.stg_pos__receipt_lines", "receipt_id line_no product_id", of="receipt_id"
    )
    shop.build(shop.warehouse, without=STAGED)
    assert was_slice(shop.warehouse) and 0 < touched(shop.warehouse) < 30
    assert_is_a_rebuild(shop, tmp_path, without=STAGED)


@pytest.mark.parametrize("column", ["tax_rate", "is_merchandise", "unit_cost"])
def test_what_a_product_gives_to_its_lines_is_in_the_print(
    shop: Shop, tmp_path: Path, column: str
) -> None:
    shop._execute(
        f"update staging.stg_pos__products set {column} = {_another(column, PRODUCT[column])} "
        "where product_id = 'p1'"
    )
    shop.build(shop.warehouse, without=STAGED)
    assert was_slice(shop.warehouse) and 0 < touched(shop.warehouse) < 30
    assert_is_a_rebuild(shop, tmp_path, without=STAGED)


def test_a_night_without_news_touches_nothing(shop: Shop) -> None:
    shop.build(shop.warehouse)
    assert was_slice(shop.warehouse) and touched(shop.warehouse) == 0


def test_a_table_left_behind_is_made_up_for(shop: Shop, tmp_path: Path) -> None:
    shop.next_night()
    shop.build(shop.warehouse, without=("int_sales_receipts", "int_sales_lines"))
    shop.next_night()
    shop.build(shop.warehouse)
    assert was_slice(shop.warehouse)
    assert_is_a_rebuild(shop, tmp_path)


@pytest.mark.parametrize(
    "doubt",
    [
        "drop table intermediate.int_line_allocations cascade",
        "delete from kept.tables where name = 'int_sales_lines'",
        "update kept.tables set code = 'other' where name = 'int_sales_receipts'",
    ],
)
def test_in_doubt_all_is_worked_out(shop: Shop, tmp_path: Path, doubt: str) -> None:
    shop._execute(doubt)
    shop.next_night()
    shop.build(shop.warehouse)
    assert not was_slice(shop.warehouse)
    assert_is_a_rebuild(shop, tmp_path)


def test_other_code_or_settings_keep_nothing(shop: Shop) -> None:
    shop.build(shop.warehouse, code="other")
    assert not was_slice(shop.warehouse)
    shop.build(shop.warehouse, code="other")
    assert was_slice(shop.warehouse)
