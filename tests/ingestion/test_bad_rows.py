"""Rows that are set aside, each with its line and a reason that holds no value."""

from __future__ import annotations

import json

import duckdb
import pytest

from ingestion.settings import Limits
from tests.ingestion.conftest import Bench, Shop

PAYMENTS = "raw_pos.payments"
PAID = "receipt_id,payment_no,method,amount,memo\n"
CAMPAIGNS = "raw_email.campaigns"
RECEIPTS = "raw_pos.receipts"
RECEIPT = {
    "receipt_id": "R1",
    "store_id": "S1",
    "closed_at": "2026-07-01 10:00",
    "receipt_type": "sale",
    "business_date": "2026-07-01",
    "total_inc_tax": "100",
    "currency": "JPY",
    "updated_at": "2026-07-01 10:00",
}


def receipts(*changes: dict[str, str]) -> str:
    rows = [RECEIPT | {"receipt_id": f"R{n}"} | change for n, change in enumerate(changes)]
    return "\n".join(",".join(row) for row in (RECEIPT, *(r.values() for r in rows))) + "\n"


def test_nul_bytes_in_every_format(bench: Bench) -> None:
    text = PAID + "R1,1,cash,1,\nR2,1,ca\0sh,1,\nR3,1,cash,1,x\0\n"
    aside = bench.land(PAYMENTS, {"payments.csv": text}).aside
    assert [(line, reason) for _, line, reason in aside] == [
        (3, "method: a NUL byte stands in the value"),
        (4, "memo: a NUL byte stands in the value"),
    ]
    line = json.dumps({"campaign_id": "C\0", "name": "n", "channel": "email"})
    aside = bench.land(CAMPAIGNS, {"campaigns.jsonl": line}).aside
    assert aside == [("campaigns.jsonl", 1, "a NUL byte stands in the value")]
    path = bench.root / "made.parquet"
    duckdb.sql(
        "select 'R' || i as receipt_id, 1 as payment_no, 'cash' as method, i as amount, "
        "case when i = 2 then 'a' || chr(0) end as memo from range(4) t(i)"
    ).write_parquet(str(path))
    landed = bench.land(PAYMENTS, {"payments.parquet": path})
    assert landed.aside == [("payments.parquet", 3, "memo: a NUL byte stands in the value")]
    assert landed.column("receipt_id") == ["R0", "R1", "R3"]
    assert landed.counts == {"payments.parquet": 4}


def test_a_disk_block_of_nul_at_the_end_is_a_cut(bench: Bench) -> None:
    problem = bench.refused(PAYMENTS, {"payments.csv": PAID + "R1,1,cash,1,\n" + "\0" * 4096})
    assert problem.lines == (3,) and "it was cut off" in str(problem)


def test_a_value_of_a_million_letters_is_a_value(bench: Bench) -> None:
    long = "x" * 1_000_000
    landed = bench.land(PAYMENTS, {"payments.csv": PAID + f"R1,1,cash,1,{long}\n"})
    assert landed.column("_extra") == [json.dumps({"memo": long}, separators=(",", ":"))]


@pytest.mark.parametrize("long", ["x" * 1100, "店" * 400, "\n" + "x" * 1100])
def test_a_value_beyond_the_limit_is_set_aside(bench: Bench, long: str) -> None:
    bench.limits = Limits(max_field_kib=1)
    reason = "the value is longer than 1 KiB (max_field_kib)"
    text = PAID + f'R1,1,cash,1,"{long}"\nR2,1,cash,1,\n'
    landed = bench.land(PAYMENTS, {"payments.csv": text})
    assert landed.aside == [("payments.csv", 2, f"memo: {reason}")]
    assert landed.column("receipt_id") == ["R2"]
    lines = [
        json.dumps({"campaign_id": name, "name": value, "channel": "email"}, ensure_ascii=False)
        for name, value in (("C1", long), ("C2", "x"))
    ]
    landed = bench.land(CAMPAIGNS, {"campaigns.jsonl": "\n".join(lines)})
    assert landed.aside == [("campaigns.jsonl", 1, f"name: {reason}")]
    assert [(row["campaign_id"], row["_line"]) for row in landed.rows] == [("C2", 2)]
    path = bench.root / "made.parquet"
    duckdb.sql(
        "select unnest(['R1', 'R2']) as receipt_id, 1 as payment_no, 'cash' as method, "
        "1 as amount, "
        f"unnest(['{long}', '']) as memo"
    ).write_parquet(str(path))
    landed = bench.land(PAYMENTS, {"payments.parquet": path})
    assert landed.aside == [("payments.parquet", 1, f"memo: {reason}")]


def test_lines_and_quotes_without_end(bench: Bench) -> None:
    bench.limits = Limits(max_field_kib=1)
    line = json.dumps({"campaign_id": "C1", "name": "n", "channel": "email"})
    landed = bench.land(CAMPAIGNS, {"campaigns.jsonl": "x" * 40_000 + "\n" + line + "\n"})
    assert landed.aside == [("campaigns.jsonl", 1, "the line is longer than 16 KiB")]
    assert landed.column("_line") == [2]
    problem = bench.refused(PAYMENTS, {"payments.csv": PAID + 'R1,1,"' + "cash,1,\n" * 9000})
    assert problem.lines == (2,) and "quote that is not closed" in str(problem)


def test_nesting_that_overflows_the_engines_stack(bench: Bench) -> None:
    good = json.dumps({"campaign_id": "C1", "name": "n", "channel": "email"})
    deep = good[:-1] + ',"x":' + "[" * 400_000 + "]" * 400_000 + "}"
    landed = bench.land(CAMPAIGNS, {"campaigns.jsonl": good + "\n" + deep + "\n"})
    assert landed.aside == [
        ("campaigns.jsonl", 2, "the line has more than 10,000 lists and objects")
    ]
    assert landed.column("campaign_id") == ["C1"]


def test_control_letters_and_doubled_keys_in_json(bench: Bench) -> None:
    good = '{"campaign_id":"C1","name":"n","channel":"email"}'
    lines = [good, good.replace('"n"', '"n\x01"'), good[:-1] + ',"name":"m"}']
    landed = bench.land(CAMPAIGNS, {"campaigns.jsonl": "\n".join(lines)})
    assert [(line, reason) for _, line, reason in landed.aside] == [
        (2, "the line is no JSON object"),
        (3, "a key stands twice in the line"),
    ]


def test_dates_that_no_clock_gives(bench: Bench) -> None:
    """Now is 2026-07-31: a year ahead is a clock gone wrong, and the gates see what lies nearer."""
    told = "before 1900-01-01 or more than a year after the run"
    content = receipts(
        {"closed_at": "1899-12-31 10:00"},
        {"closed_at": "2999-01-01 10:00"},
        {"business_date": "2027-08-03"},
        {"business_date": "2027-07-30"},
        {"closed_at": "1900-01-02 10:00"},
        {"updated_at": "yesterday"},
    )
    landed = bench.land(RECEIPTS, {"receipts.csv": content})
    assert landed.column("receipt_id") == ["R3", "R4"]
    assert [(line, reason) for _, line, reason in landed.aside] == [
        (2, f"closed_at: {told}"),
        (3, f"closed_at: {told}"),
        (4, f"business_date: {told}"),
        (7, "updated_at: not a date and time in the feed's formats"),
    ]


def test_parquet_instants_are_held_to_the_same_years(bench: Bench) -> None:
    path = bench.root / "made.parquet"
    duckdb.sql(
        "select 'R' || i as receipt_id, 'S1' as store_id, 'sale' as receipt_type, "
        "1 as total_inc_tax, timestamp '2026-07-01' as updated_at, "
        "timestamp '2026-07-01' + to_years(i * 5) as closed_at from range(2) t(i)"
    ).write_parquet(str(path))
    landed = bench.land(RECEIPTS, {"receipts.parquet": path}, timezone="UTC")
    assert [line for _, line, _ in landed.aside] == [2]


def test_what_is_planned_may_lie_far_ahead(bench: Bench) -> None:
    header = "store_id,name,channel,timezone,currency,opened_on,closed_on\n"
    row = "S1,x,store,Asia/Tokyo,JPY,2031-04-01,9999-12-31\n"
    assert bench.land("raw_pos.stores", {"stores.csv": header + row}).aside == []


def test_currencies(bench: Bench) -> None:
    given = ("JPY", "jpy", "ＪＰＹ", "", "XYZ", "円")
    landed = bench.land(RECEIPTS, {"receipts.csv": receipts(*({"currency": c} for c in given))})
    assert landed.column("currency") == ["JPY", "JPY", "JPY", None]
    assert {reason for _, _, reason in landed.aside} == {
        "currency: not a currency of ISO 4217, such as JPY"
    }
    content = receipts({"currency": "円"})
    mapped = bench.land(RECEIPTS, {"receipts.csv": content}, values={"currency": {"円": "JPY"}})
    assert mapped.column("currency") == ["JPY"]


def test_amounts_beyond_the_width(bench: Bench) -> None:
    given = ("9" * 16, "9" * 17, "-1", "1" + "0" * 400, "1e300", "nan")
    content = receipts(*({"total_inc_tax": amount} for amount in given))
    landed = bench.land(RECEIPTS, {"receipts.csv": content})
    assert [str(value) for value in landed.column("total_inc_tax")] == ["9" * 16 + ".00", "-1.00"]
    assert {reason for _, _, reason in landed.aside} == {
        "total_inc_tax: not an amount with at most 2 decimals and 16 digits before them"
    }


@pytest.mark.parametrize("word", ["売上", "ウリアゲ", "ｳﾘｱｹﾞ", "ｓａｌｅ", "SALE", " sale\u00a0"])
def test_words_in_every_width(bench: Bench, word: str) -> None:
    """The settings map two of these words; the others are the same in another width."""
    values = {"receipt_type": {"売上": "sale", "ウリアゲ": "sale"}}
    content = receipts({"receipt_type": word})
    landed = bench.land(RECEIPTS, {"receipts.csv": content}, values=values)
    assert landed.column("receipt_type") == ["sale"]


def test_joined_files_leave_a_mark_in_the_middle(bench: Bench) -> None:
    content = receipts({}) + "\ufeff" + receipts({"receipt_id": "R9"}).split("\n", 1)[1]
    landed = bench.land(RECEIPTS, {"receipts.csv": content})
    assert landed.column("receipt_id") == ["R0", "R9"]


def test_parquet_columns_with_names_of_our_own(bench: Bench) -> None:
    path = bench.root / "made.parquet"
    own = {"_file": "a", "_line": "b", "_path": "c", "c0": "d", "filename": "e"}
    duckdb.sql(
        "select 'R1' as receipt_id, 1 as payment_no, 'cash' as method, 1 as amount, "
        + ", ".join(f"'{value}' as {name}" for name, value in own.items())
    ).write_parquet(str(path))
    landed = bench.land(PAYMENTS, {"payments.parquet": path})
    assert [(row["_file"], row["_line"]) for row in landed.rows] == [("payments.parquet", 1)]
    assert json.loads(landed.rows[0]["_extra"]) == own


@pytest.mark.parametrize(
    "name", ["x'); drop table ledger.files; --", 'a"b', "select", "c0", "_line"]
)
def test_a_column_name_is_never_executed(shop: Shop, name: str) -> None:
    quoted = '"' + name.replace('"', '""') + '"'
    shop.put("payments.csv", f"receipt_id,payment_no,method,amount,{quoted}\nR1,1,cash,1,v\n")
    assert shop.counts("payments") == (1, 0, 0, 1)
    assert [json.loads(row[0]) for row in shop.rows("select _extra from raw_pos.payments")] == [
        {name: "v"}
    ]
    assert shop.rows("select count(*) from ledger.files") == [(1,)]
