"""One corrupted file in good feeds: the outcome of the design's table, and a message that helps."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import Retailer

NIGHT = "20261002"
RECEIPTS = (
    "receipt_id,store_id,closed_at,receipt_type,register_id,total_inc_tax,tax_total,updated_at\n"
)
LINES = (
    "receipt_id,line_no,product_id,quantity,unit_price,line_amount,tax_rate,tax_included,"
    "line_type\n"
)


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
        (f"payments_{NIGHT}.csv", 2, "amount: not an amount with at most 2 decimals")
    ]
    assert _accounting(demo, "raw_pos.payments") == (1, 0, 1, 0)
    summary = demo.journal.query("select payload from pii.quarantined_payloads")
    assert json.loads(summary[0][0])["amount"] == "abc"
    assert "abc" not in str(demo.journal.query("from ops.quarantined_rows"))


def test_a_retyped_column_stops_the_run(demo: Retailer) -> None:
    rows = "".join(f"A99{n},P001,1,many,1000,1000,0.1,true,sale\n" for n in range(10, 20))
    _deliver(demo, "receipt_lines", LINES + rows)
    message = _stopped(demo)
    assert f"receipt_lines_{NIGHT}.csv, column line_no, lines 2, 3, 4" in message
    assert "10 of 10 rows cannot be taken" in message
    assert "not a whole number" in message


def test_a_truncated_file_stops_the_run(demo: Retailer) -> None:
    whole = (demo.feeds / "pos" / "receipts_20260930.csv").read_text(encoding="utf-8")
    _deliver(demo, "receipts", whole[: whole.rindex(",S") + 2])
    message = _stopped(demo)
    lines = whole.count("\n")
    assert f"receipts_{NIGHT}.csv, line {lines}" in message
    assert "cut off" in message


def test_a_truncated_archive_stops_the_run(demo: Retailer) -> None:
    import gzip

    whole = (demo.feeds / "pos" / "receipts_20260930.csv").read_bytes()
    path = demo.feeds / "pos" / f"receipts_{NIGHT}.csv.gz"
    path.write_bytes(gzip.compress(whole)[:-20])
    assert "ends too early" in _stopped(demo)


def test_a_missing_required_column_stops_the_run(demo: Retailer) -> None:
    header = RECEIPTS.replace("total_inc_tax,", "")
    _deliver(demo, "receipts", header)
    message = _stopped(demo)
    assert f"receipts_{NIGHT}.csv, column total_inc_tax, line 1" in message
    assert "lacks the required column total_inc_tax" in message


def test_an_empty_file_stops_the_run(demo: Retailer) -> None:
    _deliver(demo, "receipts", "")
    assert f"receipts_{NIGHT}.csv: the file is empty" in _stopped(demo)


def test_a_file_with_a_header_alone_stops_the_run_where_rows_are_certain(demo: Retailer) -> None:
    _deliver(demo, "receipts", RECEIPTS)
    assert "never empty" in _stopped(demo)


def test_a_wrong_encoding_stops_the_run_and_names_the_right_one(demo: Retailer) -> None:
    text = "store_id,name,channel,timezone,currency\nS003,銀座店,store,Asia/Tokyo,JPY\n"
    (demo.feeds / "pos" / f"stores_{NIGHT}.csv").write_bytes(text.encode("cp932"))
    message = _stopped(demo)
    assert f"stores_{NIGHT}.csv, line 2: the bytes are not utf-8" in message
    assert 'set encoding = "cp932"' in message


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


def test_a_held_feed_keeps_its_last_state_and_the_others_publish(demo: Retailer) -> None:
    demo.configure('path = "feeds/pos"', 'path = "feeds/pos"\non_failure = "hold"')
    before = demo.published("select count(*) from marts.fct_sales_receipt")
    _deliver(demo, "receipts", "")
    subscriber = "subscriber_id,status,updated_at\nE99,subscribed,2026-09-30T00:00:00Z\n"
    (demo.feeds / "email" / f"subscribers_{NIGHT}.csv").write_text(subscriber, encoding="utf-8")
    version = demo.version()
    assert demo.refresh() == 0
    assert demo.version() != version
    manifest = json.loads(demo.home.manifest.read_text(encoding="utf-8"))
    assert manifest["feeds_held"] == ["pos"]
    assert demo.published("select count(*) from marts.fct_sales_receipt") == before
    assert demo.published(
        "select bool_and(is_stale) from ops.source_freshness where feed = 'pos'"
    ) == [(True,)]


def _deliver(retailer: Retailer, table: str, text: str) -> Path:
    path = retailer.feeds / "pos" / f"{table}_{NIGHT}.csv"
    path.write_text(text, encoding="utf-8", newline="")
    return path


def _stopped(retailer: Retailer) -> str:
    """Run into the fault; the published version is untouched. The message of the run."""
    version, served = retailer.version(), retailer.home.served.read_bytes()
    assert retailer.refresh() == 1
    assert retailer.status() == "stopped"
    assert retailer.version() == version
    assert retailer.home.served.read_bytes() == served
    return retailer.message()


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
