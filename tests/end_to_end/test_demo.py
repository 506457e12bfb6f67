"""The sample through the real job: marts as worked out by hand."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from tests.conftest import Retailer

EXPECTED = Path(__file__).parent / "expected"

MEMBER_OF_KEY = """
    select distinct 'c' || substr(member_id_hash, 1, 24) as customer_key, member_id
    from warehouse.raw_pos.{table} where member_id is not null
"""
"""Published tables hold opaque keys only; raw says which member a key stands for."""

FILES = {
    "fct_sales_receipt": "select * from crm.marts.fct_sales_receipt",
    "fct_sales_line": "select * from crm.marts.fct_sales_line",
    "store_daily": "select * from crm.marts.store_daily",
    "kpi_daily": "select * from crm.marts.kpi_daily where scope_type = 'all'",
    "kpi_scorecard": "select * from crm.marts.kpi_scorecard",
    "support_ticket": "select * from crm.marts.support_ticket",
    "survey_nps": "select * from crm.marts.survey_nps where segment_type = 'all'",
    "campaign_performance": "select * from crm.marts.campaign_performance where segment = 'all'",
    "email_engagement": "select m.member_id, e.* from crm.marts.email_engagement e "
    "join members m using (customer_key)",
    "customer_rfm": "select m.member_id, r.* from crm.marts.customer_rfm r "
    "join members m using (customer_key) where rfm_window = 'lifetime'",
    "customer_ltv": "select m.member_id, l.* from crm.marts.customer_ltv l "
    "join members m using (customer_key)",
    "customer_360": "select m.member_id, c.* from crm.marts.customer_360 c "
    "join members m using (customer_key)",
    "dim_customer": "select m.member_id, c.* from crm.marts.dim_customer c "
    "join members m using (customer_key)",
    "dim_customer_history": "select m.member_id, h.* from crm.marts.dim_customer_history h "
    "join members m using (customer_key)",
}
KEYS = {
    "fct_sales_receipt": ["receipt_id"],
    "fct_sales_line": ["receipt_id", "line_no"],
    "store_daily": ["store_id", "business_date"],
    "kpi_daily": ["kpi", "business_date"],
    "kpi_scorecard": ["kpi", "scope_key", "period_start", "period_end"],
    "support_ticket": ["ticket_id"],
    "survey_nps": ["survey_id", "wave", "segment_type", "segment"],
    "campaign_performance": ["campaign_id", "variant"],
    "email_engagement": ["member_id"],
    "customer_rfm": ["member_id"],
    "customer_ltv": ["member_id"],
    "customer_360": ["member_id"],
    "dim_customer": ["member_id"],
    "dim_customer_history": ["member_id", "valid_from"],
}
WHOLE = {
    "campaign_performance",
    "dim_customer_history",
    "email_engagement",
    "fct_sales_receipt",
    "kpi_scorecard",
    "store_daily",
    "support_ticket",
    "survey_nps",
}
"""Tables of which every row is written out by hand."""


@pytest.fixture(scope="module")
def marts(published_demo: Retailer) -> duckdb.DuckDBPyConnection:
    """The published file and, for member ids, the warehouse behind it."""
    connection = duckdb.connect()
    connection.execute(f"attach '{published_demo.home.served}' as crm (read_only)")
    connection.execute(f"attach '{published_demo.home.current}' as warehouse (read_only)")
    union = " union ".join(MEMBER_OF_KEY.format(table=t) for t in ("members", "receipts"))
    connection.execute(f"create temp table members as {union}")
    return connection


@pytest.mark.parametrize("table", sorted(FILES))
def test_mart_is_as_worked_out_by_hand(marts: duckdb.DuckDBPyConnection, table: str) -> None:
    expected = _read(EXPECTED / f"{table}.csv")
    result = marts.execute(FILES[table])
    names = [column[0] for column in result.description]
    rows = [dict(zip(names, row, strict=True)) for row in result.fetchall()]
    actual = {_key(table, row): row for row in rows}
    wrong = [
        f"{_key(table, row)} {name}: by hand {value or 'NULL'}, published {found}"
        for row in expected
        for name, value in row.items()
        if not _is_equal(value, found := actual.get(_key(table, row), {}).get(name, "no row"))
    ]
    assert not wrong, "\n".join(wrong[:20])
    if table in WHOLE:
        assert len(actual) == len(expected)


COUNTS = {
    "dim_store": "dim_store",
    "dim_store_inferred": "dim_store where is_inferred",
    "dim_product": "dim_product",
    "dim_product_inferred": "dim_product where is_inferred",
    "dim_customer": "dim_customer",
    "dim_customer_members_of_the_master": "dim_customer where has_pos and not is_inferred",
    "dim_customer_inferred_members": "dim_customer where is_member and is_inferred",
    "dim_customer_subscribers_without_member": "dim_customer where not is_member and has_email",
    "dim_customer_requesters_without_member": "dim_customer where not is_member and has_support",
    "dim_customer_internal": "dim_customer where is_internal",
    "dim_customer_history": "dim_customer_history",
    "household": "household",
    "fct_sales_receipt": "fct_sales_receipt",
    "fct_sales_line": "fct_sales_line",
    "fct_email_event": "fct_email_event",
    "support_ticket": "support_ticket",
    "email_engagement": "email_engagement",
    "store_daily": "store_daily",
    "customer_360": "customer_360",
    "customer_rfm_a_window": "customer_rfm where rfm_window = '365d'",
    "customer_ltv": "customer_ltv",
    "guest_receipts": "fct_sales_receipt where customer_key is null",
}
TOTALS = {
    "net_sales_refund_dated": "sum(net_sales_refund_dated) from {receipts}",
    "net_sales_order_dated": "sum(net_sales_order_dated) from {receipts}",
    "total_inc_tax": "sum(total_inc_tax) from {receipts}",
    "tax_amount": "sum(tax_amount) from {receipts}",
    "net_sales_unidentified": "sum(net_sales_refund_dated) from {receipts} "
    "where customer_key is null",
    "net_sales_of_members": "sum(net_sales_lifetime) from crm.marts.customer_360",
    "unlinked_returns": "-sum(net_sales) from crm.marts.fct_sales_line where is_unlinked_return",
    "gift_cards_sold": "sum(amount_inc_tax) from crm.marts.fct_sales_line "
    "where line_type = 'gift_card_sale'",
}


def test_counts_are_as_worked_out_by_hand(marts: duckdb.DuckDBPyConnection) -> None:
    expected = {row["name"]: int(row["value"]) for row in _read(EXPECTED / "counts.csv")}
    counted = {
        name: marts.execute(f"select count(*) from crm.marts.{source}").fetchone()[0]
        for name, source in COUNTS.items()
    }
    assert counted == expected


def test_totals_are_as_worked_out_by_hand(marts: duckdb.DuckDBPyConnection) -> None:
    expected = {row["name"]: Decimal(row["value"]) for row in _read(EXPECTED / "totals.csv")}
    receipts = "crm.marts.fct_sales_receipt"
    summed = {
        name: marts.execute("select " + query.format(receipts=receipts)).fetchone()[0]
        for name, query in TOTALS.items()
    }
    assert summed == expected


def test_email_events_are_as_worked_out_by_hand(marts: duckdb.DuckDBPyConnection) -> None:
    found = marts.execute(
        "select event_type, count(*), count(*) filter (where is_machine), "
        "count(*) filter (where is_human_open) from crm.marts.fct_email_event group by 1"
    ).fetchall()
    expected = [
        (row["event_type"], *(int(row[n]) for n in ("events", "machine_events", "human_opens")))
        for row in _read(EXPECTED / "fct_email_event.csv")
    ]
    assert sorted(found) == sorted(expected)


def test_row_accounting_is_as_worked_out_by_hand(marts: duckdb.DuckDBPyConnection) -> None:
    found = {
        row[0]: row[1:]
        for row in marts.execute(
            "select table_name, rows_in, rows_staged, rows_superseded, rows_deleted, "
            "rows_unchanged, rows_quarantined from crm.ops.row_accounting"
        ).fetchall()
    }
    for row in _read(EXPECTED / "row_accounting.csv"):
        rows_in, staged, superseded, deleted, unchanged, quarantined = found[row["table_name"]]
        assert rows_in == int(row["rows_in"]), row
        assert (staged, superseded, unchanged, quarantined) == tuple(
            int(row[name]) for name in ("staged", "superseded", "unchanged", "quarantined")
        ), row
        assert rows_in == staged + superseded + deleted + unchanged + quarantined


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _key(table: str, row: dict[str, object]) -> tuple[str, ...]:
    return tuple(str(row[name]) for name in KEYS[table])


def _is_equal(by_hand: str, published: object) -> bool:
    if by_hand == "" or published is None:
        return by_hand == "" and published is None
    if isinstance(published, bool):
        return by_hand.lower() == str(published).lower()
    if isinstance(published, float):
        return abs(published - float(by_hand)) < 1e-6
    if isinstance(published, (int, Decimal)):
        return Decimal(str(published)) == Decimal(by_hand)
    return by_hand == str(published)
