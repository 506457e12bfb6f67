"""A feed arrives whole or not at all, and its report says what became of it."""

from __future__ import annotations

import os

import pytest

from ingestion.contract import FEEDS, all_tables
from ingestion.errors import FeedStoppedError
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
