"""Files that are refused: each message says what the file is, where, and what to do next."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import duckdb
import pyarrow
import pyarrow.parquet
import pytest

from ingestion.settings import Limits
from tests.ingestion.conftest import Bench

STORES = "raw_pos.stores"
HEADER = "store_id,name,channel,timezone,currency\n"
TEXT = HEADER + "S1,銀座店,store,Asia/Tokyo,JPY\n"
PAYMENTS = "raw_pos.payments"
PAID = "receipt_id,payment_no,method,amount\n"
CAMPAIGNS = "raw_email.campaigns"


@pytest.mark.parametrize("set_to", ["utf-8", "cp932"])
@pytest.mark.parametrize(
    ("written_in", "named"),
    [
        ("utf-16", "UTF-16"),
        ("utf-16-le", "UTF-16"),
        ("utf-16-be", "UTF-16"),
        ("euc_jp", "EUC-JP"),
        ("iso2022_jp", "ISO-2022-JP (JIS)"),
    ],
)
def test_other_encodings_are_named(bench: Bench, set_to: str, written_in: str, named: str) -> None:
    """Most of them decode as CP932 without complaint, to wrong letters."""
    content = TEXT.encode(written_in)
    message = str(bench.refused(STORES, {"stores.csv": content}, encoding=set_to))
    assert message.startswith("stores.csv, line ")
    assert f"the bytes are not {set_to}. It is {named}: export it as UTF-8 or CP932." in message


@pytest.mark.parametrize("name", ["ﾃｱﾃｱ", "車", "社ﾃﾝ", "表示ソ能", "｡ｱ､ｲ"])
def test_no_cp932_is_taken_for_euc(bench: Bench, name: str) -> None:
    content = TEXT.replace("銀座店", name).encode("cp932")
    landed = bench.land(STORES, {"stores.csv": content}, encoding="cp932")
    assert landed.column("name") == [name]


@pytest.mark.parametrize(
    ("start", "told"),
    [
        (b"PK\x03\x04\x14\x00", "a zip archive or an Excel workbook and no text. Export it as CSV"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "an Excel workbook and no text. Save it as CSV."),
        (b"PAR1\x15\x04", "a Parquet file and no text. Let its name end in .parquet."),
        (
            gzip.compress(b"x", mtime=0),
            "a gzip archive and no text. Let its name end in .gz as well.",
        ),
        (b"%PDF-1.7", "a PDF document and no text. Export the data itself as CSV."),
        (b"\n<!DOCTYPE html><html>", "a web page, such as a log-in or error page and no text."),
        (b'<?xml version="1.0"?>', "an XML document and no text."),
    ],
)
def test_a_file_of_another_kind_is_named(bench: Bench, start: bytes, told: str) -> None:
    message = str(bench.refused(PAYMENTS, {"payments.csv": start}))
    assert message.startswith(f"payments.csv: the file is {told}")


def test_a_name_that_promises_an_archive(bench: Bench) -> None:
    for ending in (".gz", ".zst"):
        message = str(bench.refused(PAYMENTS, {f"payments.csv{ending}": PAID}))
        assert f"its name ends in {ending} and it is no such archive" in message


@pytest.mark.parametrize("sent", ["time_zone", "TimeZone", "ｔｉｍｅｚｏｎｅ", "timezones"])
def test_a_renamed_column_is_guessed_and_never_taken(bench: Bench, sent: str) -> None:
    problem = bench.refused(STORES, {"stores.csv": TEXT.replace("timezone", sent)})
    assert (problem.column, problem.lines) == ("timezone", (1,))
    assert f"Did you mean {sent} for timezone?" in str(problem)
    assert f'Map it: "{sent}" = "timezone" under [feeds.pos.tables.stores.columns]' in str(problem)


def test_two_renamed_columns_and_one_that_the_settings_map(bench: Bench) -> None:
    content = TEXT.replace("store_id", "storeid").replace("currency", "curency")
    message = str(bench.refused(STORES, {"stores.csv": content}, columns={"店": "store_id"}))
    assert "required columns store_id (mapped from 店), currency;" in message
    assert "Did you mean storeid for store_id, curency for currency?" in message


def test_a_blank_header_and_one_that_never_ends(bench: Bench) -> None:
    blank = bench.refused(PAYMENTS, {"payments.csv": "  \n" + PAID})
    assert blank.lines == (1,) and "the first line is blank" in str(blank)
    bench.limits = Limits(max_field_kib=1)
    for content in ("x" * 2000 + "," + PAID, '"' + PAID):
        problem = bench.refused(PAYMENTS, {"payments.csv": content})
        assert problem.lines == (1,) and "must name the columns" in str(problem)


def test_names_in_messages_are_short_and_printable(bench: Bench) -> None:
    content = PAID.replace("amount", "amo\0unt").replace("method", "x" * 500)
    message = str(bench.refused(PAYMENTS, {"payments.csv": content}))
    assert "amo\ufffdunt" in message and "\0" not in message and "x" * 61 not in message


def test_a_json_array_is_no_json_lines(bench: Bench) -> None:
    row = {"campaign_id": "C1", "name": "n", "channel": "email"}
    for content in (json.dumps([row]), "\n[\n" + json.dumps(row) + "\n]\n"):
        message = str(bench.refused(CAMPAIGNS, {"campaigns.jsonl": content}))
        assert "Export it as JSON Lines" in message


def test_keys_of_json_lines_are_compared_like_a_header(bench: Bench) -> None:
    line = '{"campaign":"C1","name":"n","channel":"email"}\n'
    problem = bench.refused(CAMPAIGNS, {"campaigns.jsonl": line * 5})
    assert problem.column == "campaign_id" and problem.lines == ()
    assert "the file lacks the required column campaign_id" in str(problem)
    assert "Did you mean campaign for campaign_id?" in str(problem)
    own = line.replace('"campaign"', '"campaign_id"')
    landed = bench.land(
        CAMPAIGNS, {"campaigns.jsonl": own}, columns={"キャンペーン": "campaign_id"}
    )
    assert landed.column("campaign_id") == ["C1"]


def test_damaged_pages_behind_a_good_footer(bench: Bench) -> None:
    good = _parquet(bench, _ROWS, "good.parquet")
    bad = _parquet(bench, _ROWS, "bad.parquet")
    content = bytearray(bad.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 200] = bytes(255 - byte for byte in content[middle : middle + 200])
    bad.write_bytes(bytes(content))
    for files in (
        {"payments_1.parquet": bad},
        {"payments.parquet": good, "payments_1.parquet": bad},
    ):
        message = str(bench.refused(PAYMENTS, files))
        assert message.startswith("payments_1.parquet: this is no whole Parquet file: its pages")
        assert "Copy it again" in message


@pytest.mark.parametrize(
    ("column", "value", "found"),
    [
        ("amount", "date '2026-07-01'", "date"),
        ("amount", "true", "boolean"),
        ("payment_no", "[1]", "bigint[]"),
        ("method", "{'name': 'cash'}", "struct("),
        ("receipt_id", "encode('銀座')", "blob"),
    ],
)
def test_parquet_columns_that_can_hold_no_such_value(
    bench: Bench, column: str, value: str, found: str
) -> None:
    """Also a single row: it is no typing error in that row."""
    values = {"receipt_id": "'R1'", "payment_no": "1", "method": "'cash'", "amount": "1"}
    values[column] = value.replace("[1]", "[1::bigint]")
    query = "select " + ", ".join(f"{v} as {name}" for name, v in values.items())
    problem = bench.refused(PAYMENTS, {"payments.parquet": _parquet(bench, query)})
    assert problem.column == column
    assert f"of Parquet's type {found}" in str(problem) and "Export it as before" in str(problem)


def test_a_parquet_column_without_values_has_any_type(bench: Bench) -> None:
    table = pyarrow.table(
        {
            "store_id": ["S1"],
            "name": ["x"],
            "channel": ["store"],
            "timezone": ["UTC"],
            "currency": ["JPY"],
            "opened_on": pyarrow.nulls(1),
            "closed_on": pyarrow.array([None], pyarrow.float64()),
        }
    )
    pyarrow.parquet.write_table(table, bench.root / "made.parquet")
    assert bench.land(STORES, {"stores.parquet": bench.root / "made.parquet"}).aside == []


def test_a_column_twice_in_parquet(bench: Bench) -> None:
    """The engine calls the second one name_1 and would keep it as an unknown column."""
    names = ["store_id", "name", "info", "name", "channel", "timezone", "currency"]
    values = ["S1", "a", {"x": 1, "name": "c"}, "b", "store", "UTC", "JPY"]
    table = pyarrow.Table.from_arrays([pyarrow.array([value]) for value in values], names=names)
    pyarrow.parquet.write_table(table, bench.root / "made.parquet")
    problem = bench.refused(STORES, {"stores.parquet": bench.root / "made.parquet"})
    assert problem.column == "name" and "the file has this column twice" in str(problem)


def test_a_parquet_file_that_grows_without_measure(bench: Bench) -> None:
    bench.limits = Limits(max_unpacked_mib=1)
    query = _ROWS.replace("range(20000)", "range(20_000_000)").replace("i::bigint", "1::bigint")
    constant = query.replace("'R' || i", "'R'").replace("i * 7919 % 10007", "1")
    message = str(bench.refused(PAYMENTS, {"payments.parquet": _parquet(bench, constant)}))
    assert "it unpacks to more than" in message and "[limits]" in message


_ROWS = (
    "select 'R' || i as receipt_id, i::bigint as payment_no, 'cash' as method, "
    "(i * 7919 % 10007)::decimal(18,2) as amount from range(20000) t(i)"
)


def _parquet(bench: Bench, query: str, name: str = "made.parquet") -> Path:
    path = bench.root / name
    duckdb.sql(query).write_parquet(str(path))
    return path
