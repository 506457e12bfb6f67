"""What a text or a Parquet value becomes, and what is refused rather than guessed."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pytest

from ingestion.contract import Column, Kind
from ingestion.engine import literal
from ingestion.settings import FileFormat
from ingestion.typing_rules import prepared, typed
from tests.ingestion.conftest import Bench

PLAIN = FileFormat()
UTC_FORMAT = FileFormat(timezone="UTC")


@pytest.fixture(scope="module")
def engine() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("set timezone = 'UTC'")
    return connection


def read(
    engine: duckdb.DuckDBPyConnection,
    kind: Kind,
    texts: list[str | None],
    given: FileFormat = PLAIN,
    *,
    required: bool = False,
    allowed: tuple[str, ...] = (),
) -> list[tuple[Any, str | None]]:
    """Value and complaint of each text."""
    column = Column("c", kind, "", required=required, allowed=allowed)
    expressions = typed(column, "source", "VARCHAR", given)
    rows = ", ".join(f"({number}, {literal(text)})" for number, text in enumerate(texts))
    return engine.execute(
        f"select {expressions.value}, {expressions.complaint} "
        f"from {prepared(f'(from (values {rows}) t (n, source))', [expressions])} order by n"
    ).fetchall()


def one(engine: duckdb.DuckDBPyConnection, kind: Kind, text: str, **given: Any) -> Any:
    value, complaint = read(engine, kind, [text], FileFormat(**given))[0]
    assert (value is None) == (complaint is not None), (text, value, complaint)
    return value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1200", "1200.00"),
        ("1,234,567.5", "1234567.50"),
        ("１，２００", "1200.00"),
        ("△1,200", "-1200.00"),
        ("▲300", "-300.00"),
        ("－５００", "-500.00"),
        ("−500", "-500.00"),
        ("¥1,200", "1200.00"),
        ("￥△80", "-80.00"),
        ("\\1,200", "1200.00"),
        (" 12 ", "12.00"),
        ("　12　", "12.00"),
        ("1.5000000", "1.50"),
        ("+7", "7.00"),
        (".5", "0.50"),
        ("1e3", "1000.00"),
        ("1.005", None),
        ("0.001", None),
        ("1,23", None),
        ("12,34,567", None),
        ("1.234,50", None),
        ("abc", None),
        ("１２円", None),
        ("-", None),
        ("nan", None),
        ("99999999999999999", None),
        ("9.9999999999999", None),
        ("1.0000000000001", None),
        ("-1.0000000000001", None),
        ("１.００００００００００００１", None),
        ("1e-13", None),
        ("100000000000000.01", "100000000000000.01"),
    ],
)
def test_amounts(engine: duckdb.DuckDBPyConnection, text: str, value: str | None) -> None:
    found = one(engine, Kind.MONEY, text)
    assert found == (None if value is None else Decimal(value))


def test_random_amounts_are_exact_or_refused(engine: duckdb.DuckDBPyConnection) -> None:
    source = random.Random(3)
    for kind in (Kind.MONEY, Kind.PRICE, Kind.QUANTITY, Kind.RATE):
        texts = [
            f"{source.choice(['', '-'])}{source.randrange(999)}."
            + "".join(source.choices("0009", k=source.randint(1, 16)))
            for _ in range(400)
        ]
        for text, (value, complaint) in zip(texts, read(engine, kind, texts), strict=True):
            exact = Decimal(text)
            fits = exact == round(exact, kind.scale)
            assert value == (exact if fits else None), (kind, text, value)
            assert (complaint is None) == fits


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12),
        ("12.0", 12),
        ("１２", 12),
        ("1,200", 1200),
        ("1.5", None),
        ("many", None),
        ("99999999999999999999", None),
    ],
)
def test_whole_numbers(engine: duckdb.DuckDBPyConnection, text: str, value: int | None) -> None:
    assert one(engine, Kind.INTEGER, text) == value


def test_yes_and_no(engine: duckdb.DuckDBPyConnection) -> None:
    texts = ["1", "TRUE", "はい", "○", "0", "false", "無", "×", "maybe", "", None]
    values = [value for value, _ in read(engine, Kind.BOOLEAN, texts)]
    assert values == [True] * 4 + [False] * 4 + [None] * 3
    assert [bool(c) for _, c in read(engine, Kind.BOOLEAN, texts[-3:])] == [True, False, False]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2026-07-01", date(2026, 7, 1)),
        ("2026/7/1", date(2026, 7, 1)),
        ("20260701", date(2026, 7, 1)),
        ("２０２６／０７／０１", date(2026, 7, 1)),
        ("9999-12-31", date(9999, 12, 31)),
        ("2026-02-29", None),
        ("26/07/01", None),
        ("2026071", None),
        ("0000-00-00", None),
        ("0001-01-01", None),
        ("07/01/2026", None),
        ("2026-07-01 10:00", None),
    ],
)
def test_dates(engine: duckdb.DuckDBPyConnection, text: str, value: date | None) -> None:
    assert one(engine, Kind.DATE, text) == value


def test_date_formats_are_a_setting(engine: duckdb.DuckDBPyConnection) -> None:
    assert one(engine, Kind.DATE, "01.07.2026", date_formats=("%d.%m.%Y",)) == date(2026, 7, 1)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2026-07-01 10:00:00", "2026-07-01 01:00:00"),
        ("2026/7/1 9:05", "2026-07-01 00:05:00"),
        ("20260701100000", "2026-07-01 01:00:00"),
        ("2026-07-01T10:00:00.250", "2026-07-01 01:00:00.250"),
        ("2026-07-01", "2026-06-30 15:00:00"),
        ("2026-07-01T10:00:00Z", "2026-07-01 10:00:00"),
        ("2026-07-01 10:00:00z", "2026-07-01 10:00:00"),
        ("2026-07-01T10:00Z", "2026-07-01 10:00:00"),
        ("2026-07-01T10:00:00+09:00", "2026-07-01 01:00:00"),
        ("2026-07-01 10:00:00 +0900", "2026-07-01 01:00:00"),
        ("2026-07-01T10:00-0400", "2026-07-01 14:00:00"),
        ("2026-07-01T10:00:00-04", "2026-07-01 14:00:00"),
        ("２０２６/07/01 10:00:00+09:00", "2026-07-01 01:00:00"),
        ("2026-07-01 25:00:00", None),
        ("yesterday", None),
        ("0001-01-01 00:00:00", None),
    ],
)
def test_instants(engine: duckdb.DuckDBPyConnection, text: str, value: str | None) -> None:
    expected = None if value is None else datetime.fromisoformat(value)
    assert one(engine, Kind.INSTANT, text) == expected


def test_daylight_saving(engine: duckdb.DuckDBPyConnection) -> None:
    def utc(text: str) -> datetime:
        return one(engine, Kind.INSTANT, text, timezone="America/New_York")

    assert utc("2026-03-08 01:59:00") == datetime(2026, 3, 8, 6, 59)
    assert utc("2026-03-08 03:00:00") == datetime(2026, 3, 8, 7, 0)
    assert utc("2026-03-08 02:30:00") == datetime(2026, 3, 8, 7, 30)
    assert utc("2026-11-01 00:59:00") == datetime(2026, 11, 1, 4, 59)
    assert utc("2026-11-01 01:30:00") == datetime(2026, 11, 1, 6, 30)
    assert utc("2026-11-01 01:30:00-04:00") == datetime(2026, 11, 1, 5, 30)


def test_random_instants_agree_with_python(engine: duckdb.DuckDBPyConnection) -> None:
    source = random.Random(5)
    for zone in ("Asia/Tokyo", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"):
        moments = [
            datetime.fromtimestamp(source.randrange(10**9, 2 * 10**9), UTC) for _ in range(200)
        ]
        local = [moment.astimezone(ZoneInfo(zone)) for moment in moments]
        with_offset = read(engine, Kind.INSTANT, [m.isoformat() for m in local])
        naive = read(
            engine,
            Kind.INSTANT,
            [f"{m:%Y-%m-%d %H:%M:%S}" for m in local],
            FileFormat(timezone=zone),
        )
        for moment, there, offset, plain in zip(moments, local, with_offset, naive, strict=True):
            expected = moment.replace(tzinfo=None)
            assert offset[0] == expected
            twice = there.replace(fold=0).utcoffset() != there.replace(fold=1).utcoffset()
            assert twice or plain[0] == expected


def test_words_are_mapped_and_enumerations_held(engine: duckdb.DuckDBPyConnection) -> None:
    given = FileFormat(values={"c": {"売上": "sale", "it's": "return"}})
    allowed = ("sale", "return")
    found = read(engine, Kind.TEXT, ["売上", "it's", "SALE", "取消", ""], given, allowed=allowed)
    assert [value for value, _ in found] == ["sale", "return", "sale", "取消", None]
    assert found[3][1] == "c: not one of sale, return"
    assert [c for _, c in found if c] == ["c: not one of sale, return"]


def test_a_missing_value_of_a_required_column(engine: duckdb.DuckDBPyConnection) -> None:
    for kind in Kind:
        found = read(engine, kind, ["", "　", None], required=True)
        assert [complaint for _, complaint in found] == ["c: value is missing"] * 3


def test_no_complaint_holds_the_value(engine: duckdb.DuckDBPyConnection) -> None:
    for kind in (Kind.INTEGER, Kind.MONEY, Kind.BOOLEAN, Kind.DATE, Kind.INSTANT):
        complaint = read(engine, kind, ["secret-value"])[0][1]
        assert complaint and "secret" not in complaint


def parquet(bench: Bench, table: str, query: str, **given: Any) -> Any:
    path = bench.root / f"{table}.parquet"
    duckdb.sql(query).write_parquet(str(path))
    return bench.land(table, {f"{table}.parquet": path}, **given)


RECEIPT = (
    "select 'R1' as receipt_id, 'S1' as store_id, {closed} as closed_at, 'sale' as receipt_type, "
    "{total} as total_inc_tax, timestamp '2026-07-01 12:00:00' as updated_at, {more}"
)


def receipt(
    bench: Bench, closed: str = "timestamp '2026-07-01 10:00:00'", total: str = "1", more: str = "1"
) -> str:
    return RECEIPT.format(closed=closed, total=total, more=more)


@pytest.mark.parametrize("kind", ["timestamp", "timestamp_ns", "timestamp_ms"])
def test_parquet_instants_without_zone_are_read_in_the_feeds(bench: Bench, kind: str) -> None:
    query = receipt(bench, closed=f"cast('2026-07-01 10:00:00' as {kind})")
    tokyo = parquet(bench, "raw_pos.receipts", query)
    assert tokyo.column("closed_at") == [datetime(2026, 7, 1, 1)]
    plain = parquet(bench, "raw_pos.receipts", query, timezone="UTC")
    assert plain.column("closed_at") == [datetime(2026, 7, 1, 10)]


def test_parquet_instants_with_zone_need_no_setting(bench: Bench) -> None:
    query = receipt(bench, closed="timestamptz '2026-07-01 10:00:00+09'")
    for zone in ("UTC", "America/New_York"):
        landed = parquet(bench, "raw_pos.receipts", query, timezone=zone)
        assert landed.column("closed_at") == [datetime(2026, 7, 1, 1)]


@pytest.mark.parametrize(
    ("total", "value"),
    [
        ("1234.5::double", "1234.50"),
        ("(0.1::double + 0.2::double)", "0.30"),
        ("123456789012.34::double", "123456789012.34"),
        ("12.340000::decimal(18,6)", "12.34"),
        ("7::utinyint", "7.00"),
        ("'1,234'", "1234.00"),
        ("12.345::double", None),
        ("12.345::decimal(18,6)", None),
        ("'nan'::double", None),
        ("'inf'::double", None),
    ],
)
def test_parquet_amounts(bench: Bench, total: str, value: str | None) -> None:
    query = receipt(bench, total=total) + " union all by name " + receipt(bench)
    query = query.replace("'R1'", "'R0'", 1)
    landed = parquet(bench, "raw_pos.receipts", query)
    by_id = {row["receipt_id"]: row["total_inc_tax"] for row in landed.rows}
    assert by_id.get("R0") == (None if value is None else Decimal(value))


def test_parquet_ids_that_became_floats_lose_their_point(bench: Bench) -> None:
    landed = parquet(
        bench, "raw_pos.receipts", receipt(bench, more="1001::double as member_id, 7 as staff_id")
    )
    assert (landed.column("member_id"), landed.column("staff_id")) == (["1001"], ["7"])


def test_parquet_dates_that_became_timestamps(bench: Bench) -> None:
    query = receipt(bench, more="timestamp_ns '2026-07-01 00:00:00' as business_date")
    assert parquet(bench, "raw_pos.receipts", query).column("business_date") == [date(2026, 7, 1)]
    query = receipt(bench, more="timestamp '2026-07-01 10:00:00' as business_date")
    landed = parquet(bench, "raw_pos.receipts", query)
    assert [reason for _, _, reason in landed.aside] == [
        "business_date: not a date in the feed's formats"
    ]


_EDGES = {
    Kind.TEXT: ["sale", "SALE", " sale", "ｓａｌｅ", "void\u3000", "", " ", "other", "\tsale"],
    Kind.MONEY: ["1e3", "0e-5", "1_000", "+7", "-0", "007", "1.10000", "9" * 16, "9" * 17, "1."],
    Kind.RATE: ["0.08", "0.08001", "999.9999", "1000", "-0.1", " 0.1", "0.1 ", "1/3"],
    Kind.INTEGER: ["9" * 18, "9" * 19, "9" * 20, "-5", "5.0", "5.5", "1e2", "٣", "１２", "0x1F"],
    Kind.BOOLEAN: ["true", "TRUE", "True ", "1", "0", "false", "はい", "２", "maybe"],
    Kind.DATE: [
        *("2026-07-01", "2026-7-1", "2026-02-30", "20260701", "0026-07-01", "2026-07-01 "),
        *("2026/07/01", "2026/7/1", "2026/02/30", "2026/07-01", "0026/07/01"),
    ],
    Kind.INSTANT: [
        *("2026/07/01 10:00:00", "2026/07/01T10:00:00", "2026/02/30 10:00:00", "2026/07/01"),
        *("2026/03/29 02:30:00", "1970/12/31 23:59:59", "2026/07/01 24:00:00"),
        *("2026-07-01 10:00:00", "2026-07-01T10:00:00", "2026-07-01 10:00", "2026-07-01"),
        *(
            "2026-03-29 02:30:00",
            "2026-10-25 02:30:00",
            "2026-07-01 24:00:00",
            "2026-07-01 10:00:60",
        ),
        *(
            "1950-08-01 12:00:00",
            "1970-12-31 23:59:59",
            "1971-01-01 00:00:00",
            "2101-01-01 00:00:00",
        ),
        *("2026-07-01 10:00:00+09:00", "10000-01-01 0:00:00", "-infinity", "2026-07-01 10:00:00.5"),
    ],
}


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "Europe/Berlin", "UTC", "Australia/Lord_Howe"])
@pytest.mark.parametrize("kind", _EDGES)
def test_what_is_plain_is_read_as_the_careful_way_reads_it(
    engine: duckdb.DuckDBPyConnection, kind: Kind, zone: str
) -> None:
    """A word that is mapped takes a column off the quick way, and changes no other text."""
    draws = random.Random(5)
    texts: list[str | None] = [None, *_EDGES[kind]]
    for _ in range(300):
        letters = list(draws.choice(_EDGES[kind]))
        if letters:
            letters[draws.randrange(len(letters))] = draws.choice("0123456789-./: eT １")
        texts.append("".join(letters))
    allowed = ("sale", "void") if kind is Kind.TEXT else ()
    quick = read(engine, kind, texts, FileFormat(timezone=zone), required=True, allowed=allowed)
    mapped = FileFormat(timezone=zone, values={"c": {"a word that no row has": "x"}})
    careful = read(engine, kind, texts, mapped, required=True, allowed=allowed)
    assert list(zip(texts, quick, strict=True)) == list(zip(texts, careful, strict=True))
    assert any(value is not None for value, _ in quick)


@pytest.mark.parametrize(
    ("formats", "text", "value"),
    [
        (("%Y/%m/%d",), "2026/07/01", date(2026, 7, 1)),
        (("%Y/%m/%d",), "2026-07-01", None),
        (("%Y-%m-%d",), "2026/07/01", None),
        (("%Y/%d/%m", "%Y/%m/%d"), "2026/07/01", date(2026, 1, 7)),
        (("%Y-%m-%d", "%Y/%d/%m", "%Y/%m/%d"), "2026/07/01", date(2026, 1, 7)),
        (("%Y-%m-%d", "%Y/%d/%m", "%Y/%m/%d"), "2026-07-01", date(2026, 7, 1)),
    ],
)
def test_a_date_is_plain_in_the_formats_that_are_given_alone(
    engine: duckdb.DuckDBPyConnection, formats: tuple[str, ...], text: str, value: date | None
) -> None:
    assert one(engine, Kind.DATE, text, date_formats=formats) == value
    times = tuple(f"{day} %H:%M:%S" for day in formats)
    instant = one(engine, Kind.INSTANT, f"{text} 10:00:00", timestamp_formats=times, timezone="UTC")
    assert instant == (value and datetime(value.year, value.month, value.day, 10))
