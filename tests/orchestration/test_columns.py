"""Columns of all tables: as the engine sees them, explained, and traced to what they come from."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from ingestion.contract import all_tables
from orchestration.columns import Personal, TableFacts, ensure_columns
from orchestration.columns.describing import by_name, complete
from orchestration.columns.model import ColumnName, Origin
from orchestration.columns.tracing import trace
from orchestration.project import read_manifest

TYPES = {
    "raw": {"lines": {"receipt": "varchar", "amount": "bigint", "kind": "varchar"}},
    "marts": {"stores": {"store": "varchar", "name": "varchar"}},
}
KEYS = {"raw.lines": ("receipt",), "marts.stores": ("store",)}
LINES = '"warehouse"."raw"."lines"'
STORES = '"warehouse"."marts"."stores"'
AMOUNT, KIND, RECEIPT = (ColumnName("raw.lines", name) for name in ("amount", "kind", "receipt"))
STORE, NAME = ColumnName("marts.stores", "store"), ColumnName("marts.stores", "name")


@pytest.fixture(scope="module")
def facts() -> Mapping[str, TableFacts]:
    return ensure_columns()


@pytest.mark.parametrize(
    ("sql", "sources"),
    [
        (f"select amount as x from {LINES}", {AMOUNT}),
        (f"select 1 as x from {LINES}", set()),
        (f"select sum(case when kind = 'a' then amount end) as x from {LINES}", {AMOUNT, KIND}),
        (f"select sum(amount) as x from {LINES} where kind = 'a'", {AMOUNT}),
        (f"select count(*) as x from {LINES}", {RECEIPT}),
        (f"with a as (select * from {LINES}) select count(*) as x from a", {RECEIPT}),
        (f"select l.amount as x from {LINES} as l join {STORES} as s on store = kind", {AMOUNT}),
        (f"select row_number() over (partition by kind order by amount) as x from {LINES}",
         {KIND, AMOUNT}),
        (f"with a as (select *, amount * 2 as b from {LINES}) select b as x from a", {AMOUNT}),
        (f"select amount as x from {LINES} union all select 0 from {LINES}", {AMOUNT}),
        (f"select kind as x from {LINES} union all select name from {STORES}", {KIND, NAME}),
        (f"select (select max(s.name) from {STORES} as s where s.store = l.kind) as x "
         f"from {LINES} as l", {NAME}),
        (f"select t.x from (select amount as x from {LINES}) as t", {AMOUNT}),
        ("with recursive a as (select receipt as x, amount as n from " + LINES + " union all "
         "select x, n - 1 from a where n > 0) select x from a", {RECEIPT}),
        (f"select u.v as x from {LINES} as l, unnest([l.amount, 1]) as u(v)", {AMOUNT}),
    ],
)  # fmt: skip
def test_a_column_comes_from_what_its_value_is_worked_out_from(
    sql: str, sources: set[ColumnName]
) -> None:
    assert trace(sql, TYPES, KEYS)["x"].sources == sources


@pytest.mark.parametrize(
    ("expression", "same"),
    [
        ("kind", KIND),
        ("cast(kind as varchar)", KIND),
        ("coalesce(kind, 'a')", None),
        ("upper(kind)", None),
    ],
)
def test_a_column_is_the_same_only_when_nothing_was_done_to_it(
    expression: str, same: ColumnName | None
) -> None:
    assert trace(f"select {expression} as x from {LINES}", TYPES, KEYS)["x"].same == same


def test_a_meaning_is_taken_from_above_else_from_below_else_from_the_name() -> None:
    above, between, below = (ColumnName(table, "x") for table in ("a.a", "b.b", "c.c"))
    origins = {
        between: Origin(frozenset({above}), above),
        below: Origin(frozenset({between}), between),
    }
    assert complete({above: "told above"}, origins)[below] == "told above"
    assert complete({below: "told below"}, origins)[above] == "told below"
    assert complete({above: "one", below: "other"}, origins)[between] == "one"
    texts = {ColumnName(f"t{n}", "x"): text for n, text in enumerate("aabc")}
    assert by_name(texts) == {}
    assert by_name(texts | {ColumnName("t9", "x"): "a"}) == {"x": "a"}


def test_the_types_of_the_engine_are_those_of_the_contracts(
    facts: Mapping[str, TableFacts],
) -> None:
    declared = {
        f"{node['schema']}.{node['name']}": [
            (column["name"], column["data_type"].replace(" ", ""))
            for column in node["columns"].values()
        ]
        for node in read_manifest()["nodes"].values()
        if node["resource_type"] == "model" and node["schema"] in ("staging", "marts")
    }
    assert len(declared) > 80
    assert declared == {
        name: [(column.name, column.type) for column in facts[name].columns] for name in declared
    }
    for table in all_tables():
        assert [column.name for column in facts[table.qualified_name].columns] == list(
            table.raw_columns
        )


def test_every_column_that_a_person_meets_is_explained(facts: Mapping[str, TableFacts]) -> None:
    """Of intermediate tables most are; the others say at least where they come from."""
    unexplained = {
        f"{name}.{column.name}"
        for name, table in facts.items()
        for column in table.columns
        if not column.description and not name.startswith(("intermediate.", "ledger."))
    }
    assert unexplained == set()
    steps = [c for name, t in facts.items() if name.startswith("intermediate.") for c in t.columns]
    assert sum(not column.description for column in steps) < 0.25 * len(steps)


def test_a_column_comes_from_tables_that_its_model_reads(facts: Mapping[str, TableFacts]) -> None:
    manifest = read_manifest()
    nodes = manifest["nodes"] | manifest["sources"]
    for node in manifest["nodes"].values():
        if node["resource_type"] != "model":
            continue
        read = {f"{nodes[name]['schema']}.{nodes[name]['name']}"
                for name in node["depends_on"]["nodes"]}  # fmt: skip
        for column in facts[f"{node['schema']}.{node['name']}"].columns:
            assert {table for table, _ in column.sources} <= read, (node["name"], column.name)
            for table, name in column.sources:
                assert name in {one.name for one in facts[table].columns}


def roots(facts: Mapping[str, TableFacts], name: ColumnName) -> set[ColumnName]:
    """Columns without sources that a column comes from in the end."""
    found, waiting, seen = set(), [name], set()
    while waiting:
        one = waiting.pop()
        if one in seen:
            continue
        seen.add(one)
        column = next(c for c in facts[one.table].columns if c.name == one.column)
        waiting += column.sources
        if not column.sources:
            found.add(one)
    return found


@pytest.mark.parametrize(
    ("column", "direct", "root"),
    [
        (
            "customer_360.net_sales_lifetime",
            "marts.fct_sales_receipt.net_sales_refund_dated",
            "raw_pos.receipt_lines.line_amount",
        ),
        (
            "customer_360.net_sales_lifetime",
            "marts.fct_sales_receipt.net_sales_refund_dated",
            "raw_pos.receipts.points_used",
        ),
        (
            "store_daily.net_sales",
            "marts.fct_sales_receipt.net_sales_refund_dated",
            "raw_pos.receipt_lines.discount_amount",
        ),
        (
            "customer_360.rfm_group",
            "marts.customer_rfm.rfm_group",
            "intermediate.int_rfm_cells.rfm_group",
        ),
        ("dim_customer.age_band", "", "raw_pos.members.birth_date"),
        ("support_ticket.first_reply_min_calendar", "", "raw_support.messages.created_at"),
        ("email_engagement.customer_key", "", "raw_email.subscribers.subscriber_id_hash"),
    ],
)
def test_columns_trace_to_what_was_sent(
    facts: Mapping[str, TableFacts], column: str, direct: str, root: str
) -> None:
    table, _, name = f"marts.{column}".rpartition(".")
    sources = next(one.sources for one in facts[table].columns if one.name == name)
    assert not direct or {".".join(source) for source in sources} == {direct}
    assert root in {".".join(found) for found in roots(facts, ColumnName(table, name))}


def test_no_column_of_a_mart_is_a_plain_personal_value(facts: Mapping[str, TableFacts]) -> None:
    """Nothing comes from `pii`, and what raw holds plain ends before the marts."""
    plain = {name for name, table in facts.items() if table.personal is Personal.PLAIN}
    assert {"pii.pos_members", "raw_pos.members", "staging.stg_pos__receipts"} <= plain
    assert not {name for name in plain if name.startswith("marts.")}
    read = {source.table for table in facts.values() for c in table.columns for source in c.sources}
    assert not {name for name in read if name.startswith("pii.")}
    assert facts["marts.customer_360"].personal is Personal.KEYED
    assert facts["marts.kpi_daily"].personal is Personal.NONE
