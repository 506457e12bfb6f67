"""Feeds of the sittings: sizes, long histories, late corrections; and those of the other stack."""

from __future__ import annotations

import shutil
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest

from benchmarks import corrections, homes
from benchmarks.history import PERIOD_DAYS, write_history
from benchmarks.homes import Size
from benchmarks.usual_stack import TABLES
from ingestion.contract import FEEDS
from tests.generated import GeneratedRetailer

LAST = date(2026, 9, 30)


def rows(folder: Path, table: str, query: str) -> list[tuple]:
    options = "all_varchar = true, filename = true, quote = '\"'"
    files = f"read_csv('{folder}/feeds/pos/{table}_*.csv', {options})"
    with duckdb.connect() as connection:
        return connection.execute(query.format(files)).fetchall()


@pytest.fixture(scope="module")
def long(generated_demo: GeneratedRetailer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The generated demo's feeds with three copies of the register's years."""
    folder = tmp_path_factory.mktemp("bench") / "long"
    write_history(generated_demo.root, folder, 3)
    return folder


def test_sizes_are_named_by_millions_of_lines() -> None:
    assert (Size.parse("3").lines, Size.parse("10x5").lines) == (3, 50)
    assert Size.parse("0.38").scale.name == "small"
    assert Size.parse("3").scale.people == pytest.approx(164_000, rel=0.01)
    assert Size.parse("10x5").scale == Size.parse("10").scale
    assert [Size.parse(text).name for text in ("10", "10x5")] == ["10M", "10Mx5"]
    for text in ("x", "0", "3x0", "3x1.5"):
        with pytest.raises(ValueError):
            Size.parse(text)


def test_a_home_has_links_to_its_feeds_and_a_state_of_its_own(
    generated_demo: GeneratedRetailer, tmp_path: Path
) -> None:
    home = homes.fresh_home(generated_demo.root, tmp_path / "home")
    file = "pos/receipts_20241031.csv"
    assert (home.feeds / file).samefile(generated_demo.home.feeds / file)
    assert not (home.feeds / "demo.json").samefile(generated_demo.home.feeds / "demo.json")
    assert homes.last_day(home) == LAST
    assert not (home.root / "truth").exists()


def test_a_long_history_repeats_the_years_with_other_ids(
    long: Path, generated_demo: GeneratedRetailer
) -> None:
    count = "select count(distinct receipt_id), count(*), min(closed_at)::timestamp::date from {}"
    ((ids, _, first),) = rows(generated_demo.root, "receipts", count)
    ((all_ids, _, earliest),) = rows(long, "receipts", count)
    assert 2.9 * ids < all_ids <= 3 * ids
    assert earliest == first - timedelta(days=2 * PERIOD_DAYS)
    orphans = (
        "select count(*) from {} as lines anti join "
        f"read_csv('{long}/feeds/pos/receipts_*.csv', all_varchar = true, quote = '\"') "
        "using (receipt_id)"
    )
    for table in ("receipt_lines", "payments"):
        assert rows(long, table, orphans) == [(0,)]


def test_copies_of_a_history_do_not_overlap(long: Path, generated_demo: GeneratedRetailer) -> None:
    # A register sends a closing again when it was wrong: that alone may stand twice.
    twice = (
        "select store_id, register_id, business_date::date from {} group by all having count(*) > 1"
    )
    corrected = {
        (store, register, day - timedelta(days=copy * PERIOD_DAYS))
        for store, register, day in rows(generated_demo.root, "register_closings", twice)
        for copy in range(3)
    }
    assert set(rows(long, "register_closings", twice)) <= corrected
    sent = "select count(*), max(opened_on) from {} where filename like '%20241031.csv'"
    ((stores, latest),) = rows(long, "stores", sent)
    assert stores and latest < "2021"


def test_corrections_send_whole_receipts_again_with_their_amounts(
    generated_demo: GeneratedRetailer, tmp_path: Path
) -> None:
    shutil.copytree(generated_demo.home.feeds, tmp_path / "feeds")
    changed = corrections.deliver_corrections(tmp_path / "feeds" / "pos", LAST)
    assert changed > 0
    newest = "_20260930_2.csv"
    sent = f"select receipt_id, total_inc_tax, member_id from {{}} where filename like '%{newest}'"
    again = {r: (total, member) for r, total, member in rows(tmp_path, "receipts", sent)}
    before = {
        r: (total, member)
        for r, total, member in rows(
            generated_demo.root,
            "receipts",
            "select receipt_id, max_by(total_inc_tax, updated_at), max_by(member_id, updated_at) "
            "from {} group by all",
        )
    }
    assert len(again) == changed
    assert all(total == before[r][0] for r, (total, _) in again.items())
    assert any(member != before[r][1] for r, (_, member) in again.items())
    count = (
        "select receipt_id, count(*), sum(line_amount::decimal(18, 2)) from {} where filename "
        f"{{}} like '%{newest}' group by all"
    )
    mine = {r: rest for r, *rest in rows(tmp_path, "receipt_lines", count.format("{}", ""))}
    theirs = rows(
        tmp_path,
        "receipt_lines",
        f"select receipt_id, count(*), sum(line_amount::decimal(18, 2)) from {{}} "
        f"where filename not like '%{newest}' group by receipt_id, filename",
    )
    assert mine.keys() == again.keys()
    known = {(r, n, amount) for r, n, amount in theirs}
    assert all((r, *rest) in known for r, rest in mine.items())


def test_the_other_stack_reads_every_table_of_the_contract() -> None:
    contract = {name: {table.name for table in feed.tables} for name, feed in FEEDS.items()}
    assert {name: set(tables) for name, tables in TABLES.items()} == contract
