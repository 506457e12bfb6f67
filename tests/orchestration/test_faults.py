"""What comes of single rows and files, in the journal and to the last count.

Faults of every kind are tried by `evaluation.faults`, a sample of them end to end.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from orchestration.quarantine import list_rows, release
from tests.conftest import Retailer

NIGHT = "20261002"


def test_a_text_in_an_amount_sets_the_row_aside_and_the_run_goes_on(demo: Retailer) -> None:
    path = demo.feeds / "pos" / "payments_20260930.csv"
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    amount = lines[0].split(",").index("amount")
    row = lines[5].split(",")
    row[0], row[amount] = "A9999", "abc"
    path.with_name(f"payments_{NIGHT}.csv").write_text(
        "\n".join([lines[0], ",".join(row)]) + "\n", encoding="utf-8"
    )
    assert demo.refresh() == 0
    quarantined = demo.journal.query(
        "select file, line, reason from ops.quarantined_rows where table_name = 'raw_pos.payments'"
    )
    assert quarantined == [
        (
            f"payments_{NIGHT}.csv",
            2,
            "amount: not an amount with at most 2 decimals and 16 digits before them",
        )
    ]
    assert _accounting(demo, "raw_pos.payments") == (1, 0, 1, 0)
    summary = demo.journal.query("select payload from pii.quarantined_payloads")
    assert json.loads(summary[0][0])["amount"] == "abc"
    assert "abc" not in str(demo.journal.query("from ops.quarantined_rows"))


def test_a_released_row_counts_once_as_though_it_had_been_good(
    new_retailer: Callable[[str], Retailer], published_demo: Retailer
) -> None:
    """A ticket's newest version cannot be read; released with its date, nothing tells it apart."""
    retailer = new_retailer("shop")
    path = retailer.feeds / "support" / "tickets_20260930.csv"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("2026-08-24T13:00:00+09:00", "yesterday", 1), encoding="utf-8")
    assert retailer.refresh() == 0, retailer.message()
    assert retailer.digests() != published_demo.digests()
    (row,) = list_rows(retailer.home)
    assert (row.file, row.line, row.state) == ("tickets_20260930.csv", 2, "open")
    release(retailer.home, [row], {"created_at": "2026-08-24T13:00:00+09:00"})
    assert retailer.refresh() == 0, retailer.message()
    assert retailer.digests() == published_demo.digests()
    query = (
        "select * exclude (feed) from ops.row_accounting where table_name = 'raw_support.tickets'"
    )
    assert retailer.published(query) == published_demo.published(query)
    assert [row.state for row in list_rows(retailer.home)] == ["released"]


def test_rows_that_are_known_count_once(demo: Retailer) -> None:
    """A file that came again by another name is not loaded, one that overlaps is compared."""
    digests = demo.digests()
    source = demo.feeds / "pos" / "receipts_20260930.csv"
    text = source.read_text(encoding="utf-8")
    source.with_name("receipts_20261001.csv").write_bytes(source.read_bytes())
    _deliver(demo, "receipts", text.replace("\n", "\r\n"))
    assert demo.refresh() == 0
    assert demo.status() == "unchanged"
    assert demo.digests() == digests
    rows = len(text.splitlines()) - 1
    rows_in, unchanged, quarantined, stored = _accounting(demo, "raw_pos.receipts")
    assert (rows_in, quarantined) == (rows, 0)
    assert unchanged + stored == rows
    assert unchanged > stored


def _deliver(retailer: Retailer, table: str, text: str) -> Path:
    path = retailer.feeds / "pos" / f"{table}_{NIGHT}.csv"
    path.write_text(text, encoding="utf-8", newline="")
    return path


def _accounting(retailer: Retailer, table: str) -> tuple[int, int, int, int]:
    """Rows in, unchanged, quarantined, stored of the last run; they always add up."""
    run = retailer.journal.last_runs(1)[0].run_id
    row = retailer.journal.query(
        "select rows_in, rows_unchanged, rows_quarantined, rows_stored from ops.row_accounting "
        "where run_id = ? and table_name = ?",
        [run, table],
    )[0]
    assert row[0] == sum(row[1:])
    return row


@pytest.fixture(autouse=True)
def _no_waiting(demo: Retailer) -> None:
    assert "settle_seconds = 0" in demo.config.read_text(encoding="utf-8")
