"""Rules that are written for speed count what the plain words for them count, whatever the rows."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from expectations.contract_rules import _hashed
from expectations.model import Rule, in_set, refers_to, unique
from expectations.receipts_sql import COUNTED
from expectations.registry import find_suite

SEEDS = range(0, 40, 4)


@pytest.fixture(params=SEEDS)
def rows(request: pytest.FixtureRequest) -> Iterator[duckdb.DuckDBPyConnection]:
    """`here` and `master` of few rows with few values, so that anything meets anything, or NULL."""
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute(f"select setseed({request.param / 50})")
        count = 3 + request.param
        connection.execute(
            f"create table here as select {_some(4)} as id, {_some(5)} as name, "
            "cast(case when random() < 0.1 then null else floor(random() * 260) - 65 end as int) "
            "as number, repeat('a', cast(31 + floor(random() * 2) as int)) as hash "
            f"from range({count})"
        )
        connection.execute("update here set hash = null where random() < 0.2")
        connection.execute(
            f"create table master as select {_some(4)} as id from range({request.param % 5})"
        )
        yield connection


def _some(values: int) -> str:
    number = f"cast(floor(random() * {values + 1}) as int)"
    return f"nullif('v' || {number}, 'v{values}')"


def _measured(connection: duckdb.DuckDBPyConnection, rule: Rule, table: str = "here") -> int:
    filled = rule.measure.replace("{table}", table).replace("{row_id}", "1")
    return connection.execute(f"select count(*), {filled} from {table}").fetchone()[1]


def _counted(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    return connection.execute(f"select count(*) from ({query})").fetchone()[0]


@pytest.mark.parametrize("key", [("id", "number"), ("id", "name", "number")])
def test_a_key_is_unique_by_slots_and_by_sorted_hashes_as_by_groups(rows, key):
    def found(**how: object) -> int:
        return _measured(rows, unique(key, where="name is not null", **how))

    assert found(sort=True) == found()
    for slot in ("number", "number % 3", "cast(hash(number) % 63 as bigint)"):
        assert found(slot=slot) == found()


def test_a_set_holds_what_a_list_of_conditions_holds(rows):
    said = "select 1 from here where name not in ('v0', 'v1')"

    assert _measured(rows, in_set("name", ("v0", "v1"))) == _counted(rows, said)


def test_a_reference_is_known_where_its_row_exists(rows):
    said = (
        "select 1 from here where id is not null "
        "and not exists (select 1 from master where master.id = here.id)"
    )

    rule = refers_to("id", "main.master", "id", explain="unknown")

    assert _measured(rows, rule) == _counted(rows, said)


def test_a_hash_that_many_rows_have_is_judged_as_each_of_them(rows):
    one, many = (
        _measured(rows, _hashed("name", "hash", refers=refers)) for refers in (False, True)
    )

    assert one == many


def _rule(suite: str, name: str) -> Rule:
    return next(rule for rule in find_suite(suite).rules if rule.name == name)


@pytest.mark.parametrize("seed", SEEDS)
def test_events_are_numbered_without_gap(seed):
    with duckdb.connect() as connection:
        connection.execute(f"select setseed({seed / 50})")
        connection.execute(
            "create table here as select 'c' || person as customer_key, number as event_no "
            "from range(1, 101) as numbers(number), range(5) as people(person) "
            "where number <= [3, 62, 63, 64, 100][person + 1]"
        )
        # One number of one person becomes that of another event, or none that may be.
        connection.execute(
            "update here set event_no = cast(floor(random() * 66) as bigint) where rowid = "
            f"(select rowid from here order by hash(rowid + {seed}) limit 1)"
        )
        said = (
            "select customer_key from here group by customer_key having max(event_no) <> count(*) "
            "or min(event_no) <> 1 or count(*) <> count(distinct event_no)"
        )
        rule = _rule("marts.journey_event", "events_numbered_without_gap")

        assert _measured(connection, rule) == _counted(connection, said)


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_is_offered_that_was_bought(seed):
    with duckdb.connect() as connection:
        connection.execute(f"select setseed({seed / 50})")
        connection.execute(
            "create schema marts; create table marts.fct_sales_line as select "
            f"{_some(5)} as customer_key, {_some(5)} as product_id, "
            "random() < 0.7 as is_merchandise from range(6)"
        )
        connection.execute(
            f"create table here as select {_some(5)} as customer_key, {_some(5)} as product_id, "
            "1 as product_rank, if(random() < 0.3, 'replenish', 'popular') as reason from range(20)"
        )
        said = (
            "select 1 from here where reason <> 'replenish' and exists (select 1 "
            "from marts.fct_sales_line as line where line.is_merchandise "
            "and line.customer_key = here.customer_key and line.product_id = here.product_id)"
        )
        rule = _rule("marts.customer_next_product", "nothing_they_had_but_what_is_used_up")

        assert _measured(connection, rule) == _counted(connection, said)


@pytest.mark.parametrize("seed", SEEDS)
def test_receipts_count_unless_voided_and_need_lines(seed):
    with duckdb.connect() as connection:
        connection.execute(f"select setseed({seed / 50})")
        connection.execute(
            "create schema staging; create table staging.stg_pos__receipts as select "
            f"{_some(9)} as receipt_id, {_some(9)} as original_receipt_id, "
            "if(random() < 0.6, 'sale', 'void') as receipt_type, "
            "date '2026-01-25' + cast(floor(random() * 10) as int) as business_date, "
            "cast(floor(random() * 2) as int) as total_inc_tax from range(12)"
        )
        connection.execute(
            "create table staging.stg_pos__receipt_lines as "
            f"select {_some(9)} as receipt_id from range(4)"
        )
        counted = (
            "select 1 from staging.stg_pos__receipts as receipts where receipt_type = 'sale' "
            "and business_date <= date '2026-01-31' "
            "and not exists (select 1 from staging.stg_pos__receipts as voids "
            "where voids.receipt_type = 'void' and voids.business_date <= date '2026-01-31' "
            "and voids.original_receipt_id = receipts.receipt_id)"
        )
        without_lines = (
            "select 1 from staging.stg_pos__receipts as here where receipt_type = 'sale' "
            "and total_inc_tax {sign} 0 and not exists (select 1 "
            "from staging.stg_pos__receipt_lines as lines where lines.receipt_id = here.receipt_id)"
        )
        now = COUNTED.replace("{as_of}", "date '2026-01-31'")

        assert _counted(connection, now) == _counted(connection, counted)
        for name, sign in (("receipts_have_lines", "<>"), ("empty_receipts_have_lines", "=")):
            rule = _rule("staging.stg_pos__receipts", name)
            found = _measured(connection, rule, "staging.stg_pos__receipts")

            assert found == _counted(connection, without_lines.replace("{sign}", sign))
