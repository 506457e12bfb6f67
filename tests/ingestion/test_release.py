"""Rows in quarantine: released into their old place, discarded, corrected by a later file."""

from __future__ import annotations

import json

import pytest

from ingestion.decisions import Action
from ingestion.personal import keyed_hash
from tests.ingestion.conftest import KEY, Shop

PAID = "receipt_id,payment_no,method,amount\n"
PRODUCTS = "product_id,name,list_price\n"
MEMBERS = "member_id,name,email,birth_date,updated_at\n"
LINES = "receipt_id,line_no,product_id,quantity,unit_price,line_amount,line_type\n"
FILES = "select file, rows_in, rows_unchanged, rows_quarantined, rows_stored from ledger.files"


def line(number: int, line_no: int, amount: int | str) -> str:
    return f"R{number},{line_no},P1,1,{amount},{amount},sale\n"


def test_a_released_row_stands_where_it_came_and_is_counted_once(shop: Shop) -> None:
    shop.put("payments_20260701.csv", PAID + "R1,1,cash,1\nR2,1,cash,二百\n")
    shop.load()
    shop.put("payments_20260702.csv", PAID + "R3,1,cash,3\n")
    decision = shop.decide("payments_20260701.csv", 3, amount="200")
    report = shop.load()
    assert report.tables["payments"].released == 1
    assert report.tables["payments"].rows_in == report.tables["payments"].stored == 1
    assert report.decided == [
        "raw_pos.payments payments_20260701.csv line 3: release: released",
    ]
    assert shop.rows("from raw_pos.payments where receipt_id = 'R2'") == [
        ("R2", 1, "cash", 200, None, "payments_20260701.csv", 3, "night1")
    ]
    assert shop.rows(FILES + " order by all")[0] == ("payments_20260701.csv", 2, 0, 0, 2)
    assert shop.outcome(decision) == "released"
    assert shop.states() == {("payments_20260701.csv", 3): "released"}
    assert shop.load().tables["payments"].released == 0, "a decision is heard once"
    assert shop.rows("select count(*) from raw_pos.payments") == [(3,)]


def test_a_row_that_is_still_bad_stays_and_says_why(shop: Shop) -> None:
    shop.put("payments.csv", PAID + "R1,1,cash,x\n")
    shop.load()
    first = shop.decide("payments.csv", 2)
    second = shop.decide("payments.csv", 2, amount="1.234")
    shop.load()
    assert shop.outcome(first) == "overtaken by a later decision"
    assert (
        shop.outcome(second)
        == "still bad: amount: not an amount with at most 2 decimals and 16 digits before them"
    )
    assert shop.states() == {("payments.csv", 2): "open"}
    assert shop.rows(FILES) == [("payments.csv", 1, 0, 1, 0)]
    shop.decide("payments.csv", 2, amount="¥1,234")
    shop.load()
    assert shop.rows("select amount::int from raw_pos.payments") == [(1234,)]


def test_a_discarded_row_is_heard_of_no_more_but_can_be_taken_back(shop: Shop) -> None:
    shop.put("payments.csv", PAID + "R1,1,cash,x\n")
    shop.load()
    shop.decide("payments.csv", 2, Action.DISCARD)
    assert shop.load().tables["payments"].discarded == 1
    assert shop.states() == {("payments.csv", 2): "discarded"}
    assert shop.rows(FILES) == [("payments.csv", 1, 0, 1, 0)], "it counts as quarantined"
    shop.decide("payments.csv", 2, amount="1")
    shop.load()
    assert shop.states() == {("payments.csv", 2): "released"}


def test_personal_values_and_unknown_columns_come_with_the_row(shop: Shop) -> None:
    header = MEMBERS[:-1] + ",備考\n"
    rest = "山田 太郎,taro@shop.jp,１９９０/1/2,"
    shop.put(
        "members.csv", f"{header}M1,{rest}2026-13-01,要注意\nM2,{rest}2026-07-01T00:00Z,要注意\n"
    )
    shop.load()
    shop.decide("members.csv", 2, updated_at="2026-07-01 09:00")
    shop.load()
    assert shop.rows("select name, email, _extra, _line, _load_id from pii.pos_members") == [
        ("山田 太郎", "taro@shop.jp", '{"備考":"要注意"}', line, "night1") for line in (3, 2)
    ]
    alike = "exclude (member_id, member_id_hash, _line)"
    assert shop.rows(f"select count(*) from (select distinct * {alike} from raw_pos.members)") == [
        (1,)
    ]
    assert shop.rows("select distinct name_hash from raw_pos.members") == [
        (keyed_hash(KEY, "name", "山田 太郎"),)
    ]


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_the_settings_words_and_names_are_read_once(shop: Shop, ending: str) -> None:
    """A payload has the contract's words: `sale` must not be translated to `return`."""
    shop.toml = (
        '[feeds.pos]\npath = "pos"\nsettle_seconds = 0\ndate_formats = ["%d.%m.%Y"]\n'
        '[feeds.pos.tables.receipts.columns]\n"番号" = "receipt_id"\n'
        '[feeds.pos.tables.receipts.values]\nreceipt_type = { "A" = "sale", "sale" = "return" }\n'
    )
    names = ["番号", "store_id", "closed_at", "business_date", "receipt_type"]
    names += ["total_inc_tax", "updated_at"]
    values = ["R1", "S1", "2026-07-01 10:00", "01.07.2026", "A", "x", "2026-07-01T10:00+09:00"]
    if ending == "csv":
        content: str | bytes = ",".join(names) + "\n" + ",".join(values) + "\n"
    elif ending == "jsonl":
        content = json.dumps(dict(zip(names, values, strict=True)), ensure_ascii=False) + "\n"
    else:
        content = _parquet(names, values)
    shop.put(f"receipts.{ending}", content)
    shop.load()
    (row,) = shop.aside
    assert json.loads(row.payload)["receipt_type"] == "sale"
    shop.decide(row.file, row.line, total_inc_tax="100")
    shop.load()
    assert shop.rows(
        "select receipt_id, closed_at::varchar, business_date::varchar, receipt_type, "
        "total_inc_tax::int, updated_at::varchar, _extra from raw_pos.receipts"
    ) == [
        ("R1", "2026-07-01 01:00:00", "2026-07-01", "sale", 100, "2026-07-01 01:00:00", None),
    ]


def test_what_is_set_is_said_in_the_words_of_the_file(shop: Shop) -> None:
    shop.toml = '[feeds.pos.tables.payments.values]\nmethod = { "現金" = "cash" }\n'
    shop.put("payments.csv", PAID + "R1,1,元金,1\n")
    shop.load()
    shop.decide("payments.csv", 2, method="現金")
    shop.load()
    assert shop.rows("select method from raw_pos.payments") == [("cash",)]


def test_a_broken_row_cannot_be_released(shop: Shop) -> None:
    shop.put("payments.csv", PAID + "R1,1\nR2,1,cash,1\n")
    shop.load()
    decision = shop.decide("payments.csv", 2)
    shop.load()
    assert shop.outcome(decision).startswith("still bad: the row could not be split into columns")


def test_a_later_correction_wins_and_the_row_shows_as_corrected(shop: Shop) -> None:
    shop.put("products_20260701.csv", PRODUCTS + "P1,tea,100\n")
    shop.load()
    shop.put("products_20260702.csv", PRODUCTS + "P1,tea,12O\n")
    shop.load()
    assert shop.states() == {("products_20260702.csv", 2): "open"}
    shop.put("products_20260703.csv", PRODUCTS + "P1,tea,100\n")
    assert shop.counts("products") == (1, 0, 0, 1), "equal to the day before yesterday is news"
    assert shop.states() == {("products_20260702.csv", 2): "corrected"}
    shop.decide("products_20260702.csv", 2, list_price="120")
    shop.put("products_20260704.csv", PRODUCTS + "P1,tea,100\nP2,milk,5\n")
    assert shop.counts("products") == (2, 1, 0, 1), "once corrected, equal is equal"
    assert _staged(shop, "products", "product_id") == [("P1", 100), ("P2", 5)]
    assert shop.rows("select count(*) from raw_pos.products") == [(4,)]


def test_an_older_version_that_comes_late_corrects_nothing(shop: Shop) -> None:
    shop.put("members_20260701.csv", MEMBERS + "M1,a,,,2026-07-01\n")
    shop.load()
    shop.put("members_20260703.csv", MEMBERS + "M1,b,,1990-13-13,2026-07-03\n")
    shop.load()
    shop.put("members_20260704.csv", MEMBERS + "M1,a,,,2026-07-01\nM2,x,,,2026-07-01\n")
    assert shop.counts("members") == (2, 1, 0, 1)
    assert shop.states() == {("members_20260703.csv", 2): "open"}


def test_lines_of_a_receipt_stay_one_set(shop: Shop) -> None:
    """The second delivery adds a line that is bad: its set is stored whole for the release."""
    shop.put("receipt_lines_20260701.csv", LINES + line(1, 1, 10) + line(1, 2, 20))
    shop.load()
    more = LINES + line(1, 1, 10) + line(1, 2, 20) + line(1, 3, "thirty")
    shop.put("receipt_lines_20260702.csv", more)
    assert shop.counts("receipt_lines") == (3, 0, 1, 2)
    shop.decide("receipt_lines_20260702.csv", 4, unit_price="30", line_amount="30")
    shop.load()
    assert shop.rows(
        "select line_no, _load_id from raw_pos.receipt_lines where _file like '%0702%' order by 1"
    ) == [(1, "night2"), (2, "night2"), (3, "night2")]


def test_a_line_whose_receipt_was_unknown_does_not_tear_a_set_apart(shop: Shop) -> None:
    shop.put("receipt_lines_20260701.csv", LINES + line(1, 1, 10))
    shop.load()
    orphan = line(1, 2, 20).replace("R1", "")
    shop.put("receipt_lines_20260702.csv", LINES + line(1, 1, 10) + orphan + line(2, 1, 5))
    assert shop.counts("receipt_lines") == (3, 1, 1, 1)
    torn = shop.decide("receipt_lines_20260702.csv", 3, receipt_id="R1")
    shop.load()
    assert "tokui reload FILE" in shop.outcome(torn)
    shop.decide("receipt_lines_20260702.csv", 3, receipt_id="R2")
    shop.load()
    assert shop.states() == {("receipt_lines_20260702.csv", 3): "released"}


def test_a_key_that_stands_twice_is_released_with_another_key_only(shop: Shop) -> None:
    shop.put("payments.csv", PAID + "R1,1,cash,1\nR1,1,card,2\nR1,2,cash,x\n")
    shop.load()
    same = shop.decide("payments.csv", 3)
    taken = shop.decide("payments.csv", 4, payment_no="1", amount="3")
    shop.load()
    assert shop.outcome(same) == "still bad: the key stands twice in this file"
    assert shop.outcome(taken) == "still bad: the key stands twice in this file"
    shop.decide("payments.csv", 3, payment_no="3")
    shop.load()
    assert shop.rows("select payment_no, method from raw_pos.payments order by 1") == [
        (1, "cash"),
        (3, "card"),
    ]


def test_a_snapshot_deletes_a_key_that_it_only_knew_from_quarantine(shop: Shop) -> None:
    shop.toml = '[feeds.pos.tables.products]\nmode = "snapshot"\nmax_vanished_share = 1.0\n'
    shop.put("products_20260701.csv", PRODUCTS + "P1,tea,1\nP2,milk,x\n")
    shop.load()
    shop.put("products_20260702.csv", PRODUCTS + "P1,tea,1\n")
    assert shop.load().tables["products"].deleted == 1
    assert shop.states() == {("products_20260701.csv", 3): "corrected"}
    shop.put("products_20260703.csv", PRODUCTS + "P1,tea,1\n")
    assert shop.load().tables["products"].deleted == 0


def test_a_warehouse_from_a_backup_hears_the_decisions_again(shop: Shop) -> None:
    shop.put("payments.csv", PAID + "R1,1,cash,x\n")
    shop.load()
    shop.decide("payments.csv", 2, amount="1")
    shop.load()
    shop.warehouse.unlink()
    report = shop.load()
    assert (report.tables["payments"].quarantined, report.tables["payments"].released) == (1, 1)
    assert shop.rows("select _load_id from raw_pos.payments") == [("night3",)]


def test_a_held_feed_hears_nothing(shop: Shop) -> None:
    shop.toml = '[feeds.pos]\npath = "pos"\nsettle_seconds = 0\non_failure = "hold"\n'
    shop.put("payments_1.csv", PAID + "R1,1,cash,x\n")
    shop.load()
    decision = shop.decide("payments_1.csv", 2, amount="1")
    bad = shop.put("payments_2.csv", "")
    assert shop.load().held
    assert shop.outcome(decision) == ""
    bad.unlink()
    shop.load()
    assert shop.outcome(decision) == "released"


def _staged(shop: Shop, table: str, key: str) -> list[tuple]:
    """The winning price of each key, by delivery."""
    return shop.rows(
        f"select {key}, list_price::int from raw_pos.{table} r join ledger.files f "
        "on f.load_id = r._load_id and f.file = r._file qualify row_number() over "
        f"(partition by {key} order by sequence desc, load_number desc, _line desc) = 1 order by 1"
    )


def _parquet(names: list[str], values: list[str]) -> bytes:
    import io

    import pyarrow
    import pyarrow.parquet

    stream = io.BytesIO()
    columns = {name: [value] for name, value in zip(names, values, strict=True)}
    pyarrow.parquet.write_table(pyarrow.table(columns), stream)
    return stream.getvalue()
