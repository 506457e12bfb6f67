"""What is new in a delivery: corrections, repetitions, late rows, sets of a receipt, deletions."""

from __future__ import annotations

import random

import pytest

from ingestion import landing
from ingestion.errors import FeedStoppedError
from tests.ingestion.conftest import Shop

RECEIPTS = "receipt_id,store_id,closed_at,receipt_type,total_inc_tax,updated_at\n"
LINES = "receipt_id,line_no,product_id,quantity,unit_price,line_amount,line_type\n"
PRODUCTS = "product_id,name,list_price\n"
STAFF = "staff_id,name,store_id\n"
SNAPSHOT = '[feeds.pos.tables.staff]\nmode = "snapshot"\n'


def receipt(number: int, total: int, day: int = 1) -> str:
    return f"R{number},S1,2026-07-01 10:00,sale,{total},2026-07-{day:02} 10:00\n"


def line(number: int, line_no: int, amount: int) -> str:
    return f"R{number},{line_no},P1,1,{amount},{amount},sale\n"


def test_unchanged_new_and_corrected_rows(shop: Shop) -> None:
    shop.put("receipts_20260701.csv", RECEIPTS + receipt(1, 100) + receipt(2, 200))
    assert shop.counts("receipts") == (2, 0, 0, 2)
    shop.put(
        "receipts_20260702.csv",
        RECEIPTS + receipt(1, 100) + receipt(2, 250, day=2) + receipt(3, 300, day=2),
    )
    assert shop.counts("receipts") == (3, 1, 0, 2)
    assert shop.rows(
        "select receipt_id, total_inc_tax::int from raw_pos.receipts order by all"
    ) == [("R1", 100), ("R2", 200), ("R2", 250), ("R3", 300)]


@pytest.mark.parametrize("hashed", ["hash", "0 * hash"])
def test_hashes_only_choose_what_is_compared(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, hashed: str
) -> None:
    """Where all keys had one hash, every row would be compared, and nothing else would change."""
    real = landing.Landing.key_hash
    monkeypatch.setattr(landing.Landing, "key_hash", lambda *a: real(*a).replace("hash", hashed, 1))
    first = receipt(1, 100) + receipt(2, 200) + receipt(1, 999) + receipt(4, 1)
    shop.put("receipts_20260701.csv", RECEIPTS + first)
    shop.put("receipts_20260702.csv", RECEIPTS + receipt(2, 200) + receipt(3, 5))
    assert shop.counts("receipts") == (6, 1, 1, 4)
    shop.put("receipts_20260703.csv", RECEIPTS + receipt(3, 5) + receipt(4, 2, day=3))
    assert shop.counts("receipts") == (2, 1, 0, 1)


def test_a_late_row_is_stored_and_does_not_hide_a_repetition(shop: Shop) -> None:
    shop.put("receipts_20260703.csv", RECEIPTS + receipt(1, 300, day=3))
    shop.load()
    shop.put("receipts_20260702.csv", RECEIPTS + receipt(1, 200, day=2))
    assert shop.counts("receipts") == (1, 0, 0, 1)
    shop.put("receipts_20260704.csv", RECEIPTS + receipt(1, 300, day=3) + receipt(2, 1))
    assert shop.counts("receipts") == (2, 1, 0, 1)


def test_repetitions_within_one_load(shop: Shop) -> None:
    shop.put("receipts_20260701.csv", RECEIPTS + receipt(1, 100))
    shop.put("receipts_20260702.csv", RECEIPTS + receipt(1, 100) + receipt(2, 1))
    shop.put("receipts_20260703.csv", RECEIPTS + receipt(1, 50, day=3))
    assert shop.counts("receipts") == (4, 1, 0, 3)
    assert shop.rows("select file, rows_in, rows_unchanged, rows_stored from ledger.files") == [
        ("receipts_20260701.csv", 1, 0, 1),
        ("receipts_20260702.csv", 2, 1, 1),
        ("receipts_20260703.csv", 1, 0, 1),
    ]


def test_a_set_of_lines_is_stored_whole_or_not_at_all(shop: Shop) -> None:
    shop.put("receipt_lines_20260701.csv", LINES + line(1, 1, 100) + line(1, 2, 50) + line(2, 1, 9))
    assert shop.counts("receipt_lines") == (3, 0, 0, 3)
    shop.put(
        "receipt_lines_20260702.csv",
        LINES + line(1, 2, 50) + line(1, 1, 100) + line(2, 1, 9) + line(2, 2, 1),
    )
    assert shop.counts("receipt_lines") == (4, 2, 0, 2)
    shop.put("receipt_lines_20260703.csv", LINES + line(1, 1, 100))
    assert shop.counts("receipt_lines") == (1, 0, 0, 1), "a line that was taken off is a change"
    shop.put("receipt_lines_20260704.csv", LINES + line(1, 1, 100) + line(1, 2, 50))
    assert shop.counts("receipt_lines") == (2, 0, 0, 2), "what came before last is no repetition"


def test_redemptions_without_a_receipt_are_sets_of_one(shop: Shop) -> None:
    header = "redemption_id,coupon_code,receipt_id,discount_amount\n"
    shop.put("coupon_redemptions_20260701.csv", header + "X1,C,,5\nX2,C,,5\nX3,C,R1,5\n")
    shop.load()
    shop.put("coupon_redemptions_20260702.csv", header + "X1,C,,5\nX2,C,,6\nX3,C,R1,5\n")
    assert shop.counts("coupon_redemptions") == (3, 2, 0, 1)


def test_equal_files_are_loaded_once(shop: Shop) -> None:
    shop.put("receipts_20260701.csv", RECEIPTS + receipt(1, 100))
    shop.put("receipts_copy_20260701.csv", "not of the table")
    shop.put("receipts_20260702.csv", RECEIPTS + receipt(1, 100))
    report = shop.load()
    assert (report.tables["receipts"].files, report.tables["receipts"].files_known) == (1, 1)
    assert report.unrecognised == ["receipts_copy_20260701.csv"]
    shop.put("2026-07-03/receipts.csv", RECEIPTS + receipt(1, 100))
    report = shop.load()
    assert (report.tables["receipts"].files, report.tables["receipts"].files_known) == (0, 3)


@pytest.mark.parametrize(
    "names", [["products.csv"] * 3, [f"products_2026070{n}.csv" for n in "123"]]
)
def test_a_price_set_back_is_news_though_the_file_is_not(shop: Shop, names: list[str]) -> None:
    for name, price in zip(names, (100, 120, 100), strict=True):
        shop.put(name, PRODUCTS + f"P1,tea,{price}\n")
        assert shop.counts("products") == (1, 0, 0, 1)
    assert shop.counts("products") == (0, 0, 0, 0)
    shop.put("products_copy/products.csv", PRODUCTS + "P1,tea,120\n")
    assert shop.counts("products") == (0, 0, 0, 0), "a copy of an old file is not news"


def test_prices_of_three_days_in_one_load(shop: Shop) -> None:
    for day, price in enumerate((100, 120, 100), start=1):
        shop.put(f"products_2026070{day}.csv", PRODUCTS + f"P1,tea,{price}\n")
    assert shop.counts("products") == (3, 0, 0, 3)


def test_a_snapshot_deletes_what_it_lacks_and_takes_back_what_returns(shop: Shop) -> None:
    shop.toml = SNAPSHOT
    everyone = [f"T{n:02},name{n},S1\n" for n in range(30)]
    shop.put("staff_20260701.csv", STAFF + "".join(everyone))
    shop.load()
    shop.put("staff_20260702.csv", STAFF + "".join(everyone[1:]))
    report = shop.load()
    assert (report.tables["staff"].deleted, report.tables["staff"].unchanged) == (1, 29)
    assert shop.rows("select row_key, sequence, load_number from ledger.deletions") == [
        ("T00", "20260702", 2)
    ]
    shop.put("staff_20260703.csv", STAFF + "".join(everyone))
    assert shop.counts("staff") == (30, 29, 0, 1)
    shop.put("staff_20260704.csv", STAFF + "".join(everyone[:-1]))
    assert shop.load().tables["staff"].deleted == 1


def test_a_snapshot_that_lacks_too_many_is_refused_until_it_is_allowed(shop: Shop) -> None:
    shop.toml = SNAPSHOT
    shop.put("staff_20260701.csv", STAFF + "".join(f"T{n},n,S1\n" for n in range(20)))
    shop.load()
    shop.put("staff_20260702.csv", STAFF + "".join(f"T{n},n,S1\n" for n in range(18)))
    with pytest.raises(FeedStoppedError, match="2 of 20 known keys are missing") as stopped:
        shop.load()
    assert "staff_20260702.csv" in str(stopped.value)
    assert "[feeds.pos.tables.staff]" in str(stopped.value)
    shop.put("staff_20260702.csv", STAFF + "".join(f"T{n},n,S1\n" for n in range(19)))
    assert shop.load().tables["staff"].deleted == 1, "five per cent is not more than five"
    shop.put("staff_20260703.csv", STAFF + "T0,n,S1\n")
    shop.toml += "max_vanished_share = 1.0\n"
    assert shop.load().tables["staff"].deleted == 18


def test_an_old_snapshot_and_an_unreadable_row_delete_nothing(shop: Shop) -> None:
    shop.toml = SNAPSHOT
    everyone = [f"T{n:02},name{n},S1,1\n" for n in range(40)]
    header = STAFF[:-1] + ",is_active\n"
    shop.put("staff_20260705.csv", header + "".join(everyone))
    shop.load()
    shop.put("staff_20260704.csv", header + "".join(everyone[1:]))
    assert shop.load().tables["staff"].deleted == 0, "a newer snapshot has the key"
    shop.put("staff_20260706.csv", header + "".join(everyone).replace("S1,1", "S1,maybe", 1))
    report = shop.load().tables["staff"]
    assert (report.quarantined, report.deleted) == (1, 0), "a row set aside is not a person gone"
    broken = "".join(everyone[2:]) + "T00\n"
    shop.put("staff_20260707.csv", header + broken)
    assert shop.load().tables["staff"].deleted == 0, "whose row it is cannot be read"


def test_two_snapshots_in_one_load(shop: Shop) -> None:
    shop.toml = SNAPSHOT
    everyone = [f"T{n:02},name{n},S1\n" for n in range(4)]
    shop.put("staff_20260701.csv", STAFF + "".join(everyone))
    shop.put("staff_20260702.csv", STAFF + "".join(everyone[1:]))
    assert shop.load().tables["staff"].deleted == 1


def test_parts_of_one_days_snapshot_are_one_snapshot(shop: Shop) -> None:
    shop.toml = SNAPSHOT
    for day in ("20260701", "20260702"):
        for part in (1, 2):
            rows = "".join(f"T{part}{n},x{day},S1\n" for n in range(5))
            shop.put(f"staff_{day}_{part}.csv", STAFF + rows)
        assert shop.load().tables["staff"].deleted == 0


def test_random_nights_leave_the_newest_version_on_top(shop: Shop) -> None:
    """Whatever is repeated, late or corrected: the winner is what a dictionary would hold."""
    source = random.Random(11)
    newest: dict[str, tuple[int, int]] = {}
    total_in = 0
    for night in range(1, 7):
        rows: dict[tuple[int, int], int] = {}
        for _ in range(12):
            number, day = source.randint(1, 6), source.randint(1, 4)
            rows[number, day] = number * 1000 + day * 10
        for (number, day), total in rows.items():
            newest[f"R{number}"] = max(newest.get(f"R{number}", (0, 0)), (day, total))
        text = "".join(receipt(number, total, day) for (number, day), total in rows.items())
        shop.put(f"receipts_202607{night:02}.csv", RECEIPTS + text)
        total_in += shop.counts("receipts")[0]
    won = shop.rows(
        "select receipt_id, max_by(total_inc_tax, updated_at)::int from raw_pos.receipts group by 1"
    )
    assert dict(won) == {key: total for key, (_, total) in newest.items()}
    stored, unchanged = shop.rows("select sum(rows_stored), sum(rows_unchanged) from ledger.files")[
        0
    ]
    assert stored + unchanged == total_in and unchanged > 0
    assert shop.rows("select count(*) from raw_pos.receipts") == [(stored,)]
