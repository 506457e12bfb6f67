"""A feed arrives whole or not at all, and its report says what became of it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from ingestion.contract import FEEDS, all_tables
from ingestion.discovery import FoundFile
from ingestion.errors import FeedStoppedError
from ingestion.reading import Reader
from tests.ingestion.conftest import Shop

STORES = "store_id,name,channel,timezone,currency\nS1,Ginza,store,Asia/Tokyo,JPY\n"
PAID = "receipt_id,payment_no,method,amount\n"
HOLD = '[feeds.pos]\npath = "pos"\nsettle_seconds = 0\non_failure = "hold"\n'


def test_a_held_feed_loads_nothing_and_leaves_nothing_in_landing(shop: Shop) -> None:
    shop.toml = HOLD
    shop.put("stores.csv", STORES)
    shop.put("members.csv", "member_id,name,updated_at\nM1,x,2026-07-01\n")
    shop.put("payments.csv", "receipt_id,payment_no\nR1,1\n")
    report = shop.load()
    assert [held.table for held in report.held] == ["raw_pos.payments"]
    assert not shop.landing.exists() or not list(shop.landing.glob("*/*"))
    assert shop.rows("select count(*) from raw_pos.stores") == [(0,)]
    assert shop.rows("select count(*) from ledger.files") == [(0,)]
    assert all(table.stored == table.files == 0 for table in report.tables.values())
    shop.put("payments.csv", PAID + "R1,1,cash,1\n")
    assert shop.load().held == []
    assert shop.rows("select table_name from ledger.files order by 1") == [
        ("raw_pos.members",),
        ("raw_pos.payments",),
        ("raw_pos.stores",),
    ]


def test_every_refused_file_is_named_at_once(shop: Shop) -> None:
    shop.put("stores_1.csv", "")
    shop.put("stores_2.csv", "x\n")
    shop.put("payments.csv", PAID + 'R1,1,"cash\n')
    with pytest.raises(FeedStoppedError) as stopped:
        shop.load()
    assert {held.file for held in stopped.value.held} == {
        "stores_1.csv",
        "stores_2.csv",
        "payments.csv",
    }
    assert "3 file(s) cannot be taken" in str(stopped.value)
    assert 'set on_failure = "hold" for [feeds.pos]' in str(stopped.value)
    assert not (shop.root / "scratch").exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_that_may_not_be_read_is_held(shop: Shop) -> None:
    shop.toml = HOLD
    shop.put("stores.csv", STORES).chmod(0)
    assert "cannot be opened" in shop.load().held[0].message


def test_a_link_to_nowhere_is_held(shop: Shop) -> None:
    shop.toml = HOLD
    shop.put("payments.csv", PAID)
    (shop.root / "pos" / "stores.csv").symlink_to(shop.root / "gone.csv")
    assert [held.file for held in shop.load().held] == ["stores.csv"]


def test_an_absent_feed_has_empty_tables(shop: Shop) -> None:
    report = shop.load("support")
    assert all(table.files == 0 for table in report.tables.values())
    for table in all_tables():
        assert shop.rows(f"select count(*) from {table.qualified_name}") == [(0,)]


def test_files_without_rows_are_remembered(shop: Shop) -> None:
    shop.put("payments.csv", PAID)
    assert shop.counts("payments") == (0, 0, 0, 0)
    assert shop.rows("select file, rows_in from ledger.files") == [("payments.csv", 0)]
    assert shop.load().tables["payments"].files_known == 1


def test_the_report_tells_unknown_columns_and_unrecognised_files(shop: Shop) -> None:
    shop.put("payments_1.csv", PAID[:-1] + ",memo\nR1,1,cash,1,x\n")
    shop.put("payments_2.csv", PAID[:-1] + ",note\nR2,1,cash,1,x\n")
    shop.put(
        "payments_2.jsonl", '{"receipt_id":"R3","payment_no":1,"method":"cash","amount":1,"k":2}'
    )
    shop.put("sales.xlsx", "x")
    report = shop.load()
    assert report.tables["payments"].unknown_columns == ["k", "memo", "note"]
    assert report.unrecognised == ["sales.xlsx"]


def test_a_new_unknown_column_is_a_new_version(shop: Shop) -> None:
    shop.put("stores_20260701.csv", STORES)
    shop.load()
    shop.put("stores_20260702.csv", STORES.replace("\n", ",area\n", 1).replace("JPY", "JPY,"))
    assert shop.counts("stores") == (1, 1, 0, 0)
    shop.put("stores_20260703.csv", STORES.replace("\n", ",area\n", 1).replace("JPY", "JPY,east"))
    assert shop.counts("stores") == (1, 0, 0, 1)


def test_every_feed_of_the_contract_loads_its_own_tables(shop: Shop) -> None:
    shop.put(
        "subscribers.csv", "subscriber_id,status,updated_at\nE1,subscribed,2026-07-01\n", "email"
    )
    shop.put(
        "tickets.csv",
        "ticket_id,requester_id,channel,status,created_at,updated_at\n"
        "T1,Q1,phone,open,2026-07-01,2026-07-01\n",
        "support",
    )
    for feed in FEEDS:
        shop.load(feed)
    assert shop.rows("select feed, table_name, load_number from ledger.files order by all") == [
        ("email", "raw_email.subscribers", 1),
        ("support", "raw_support.tickets", 2),
    ]


def test_a_file_that_vanishes_after_it_was_hashed_is_held(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once before its header is read, once before its rows are."""
    shop.toml = HOLD
    for name in ("read", "stage"):
        path = shop.put("payments.csv", PAID + "R1,1,cash,1\n")
        usual = getattr(Reader, name)

        def vanish(reader: Reader, *given: Any, usual: Any = usual, path: Path = path) -> Any:
            path.unlink()
            return usual(reader, *given)

        with monkeypatch.context() as patch:
            patch.setattr(Reader, name, vanish)
            (held,) = shop.load().held
        assert held.message.startswith("payments.csv: the file could not be read to its end")
    shop.put("payments.csv", PAID + "R1,1,cash,1\n")
    assert shop.counts("payments") == (1, 0, 0, 1)


def test_a_file_that_is_written_to_while_it_is_read_is_held(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.toml = HOLD
    path = shop.put("payments.csv", PAID + "R1,1,cash,1\n")
    usual = Reader.read

    def grow(reader: Reader, file: FoundFile) -> Any:
        path.write_text(PAID + "R1,1,cash,1\nR2,1,cash,1\n")
        return usual(reader, file)

    with monkeypatch.context() as patch:
        patch.setattr(Reader, "read", grow)
        (held,) = shop.load().held
    assert "was changed or moved while it was read" in held.message
    assert shop.counts("payments") == (2, 0, 0, 2)


def test_limits_are_settings(shop: Shop) -> None:
    shop.toml = HOLD + "[limits]\nmax_field_kib = 1\n"
    shop.put("payments.csv", PAID[:-1] + ",memo\nR1,1,cash,1," + "x" * 2000 + "\n")
    assert shop.counts("payments") == (1, 0, 1, 0)


def test_overlapping_files_count_once(shop: Shop) -> None:
    """Two yearly files that share nine days."""
    rows = [f"R{day},1,cash,{day}\n" for day in range(1, 31)]
    shop.put("payments_2025.csv", PAID + "".join(rows[:20]))
    assert shop.counts("payments") == (20, 0, 0, 20)
    shop.put("payments_2026.csv", PAID + "".join(rows[11:]))
    assert shop.counts("payments") == (19, 9, 0, 10)
    assert shop.rows("select count(*), count(distinct receipt_id) from raw_pos.payments") == [
        (30, 30)
    ]


@pytest.mark.parametrize(
    "name", ['payments "new" copy.csv', "支払 ２０２６/payments.csv", "payments;%20.csv"]
)
def test_names_of_files_with_spaces_quotes_and_kanji(shop: Shop, name: str) -> None:
    shop.toml = HOLD + '[feeds.pos.tables.payments]\nfiles = "*payments*"\n'
    shop.put(name, PAID + "R1,1,cash,1\n")
    assert shop.counts("payments") == (1, 0, 0, 1)
    assert shop.rows("select file, _file from ledger.files, raw_pos.payments") == [(name, name)]
