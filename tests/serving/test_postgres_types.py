"""Every value arrives as it was, or the copy says that it cannot."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path

import duckdb
import psycopg
import pytest

from ingestion.postgres_settings import Postgres
from serving.postgres.copying import bring_up
from serving.postgres.errors import CopyError
from serving.postgres.models import Model
from serving.postgres.schemas import Publication
from serving.postgres.types import UnknownTypeError, postgres_type
from tests.serving.postgres_server import Database

PUBLICATION = Publication("demo", "20260930T000000000000Z-aaaaaaaa", "2026-09-30")
VALUES: dict[str, list[object]] = {
    "BOOLEAN": [True, False],
    "TINYINT": [-128, 127],
    "SMALLINT": [-(2**15), 2**15 - 1],
    "INTEGER": [-(2**31), 2**31 - 1],
    "BIGINT": [-(2**63), 2**63 - 1, 0],
    "UTINYINT": [255],
    "USMALLINT": [2**16 - 1],
    "UINTEGER": [2**32 - 1],
    "UBIGINT": [2**64 - 1, 0],
    "HUGEINT": [10**38 - 1, -(10**38) + 1, 2**53 + 1],
    "FLOAT": [0.5, -1.25],
    "DOUBLE": [0.1, 1e308, 5e-324, -0.0, 1 / 3, float("inf")],
    "VARCHAR": ["", "得意様 𠮷野家", "a\tb\n\\N", "'\"; drop table x", "é" * 5_000],
    "BLOB": [b"", b"\x00\xff"],
    "DATE": [date(1, 1, 1), date(9999, 12, 31), date(1900, 2, 28)],
    "TIME": [time(23, 59, 59, 999_999)],
    "TIMESTAMP": [datetime(1999, 12, 31, 23, 59, 59, 999_999), datetime(2262, 5, 1)],
    "TIMESTAMP WITH TIME ZONE": [datetime(2026, 9, 30, 15, 0, 0, 1, tzinfo=UTC)],
    "VARCHAR[]": [["あ", None, ""], []],
    "BIGINT[]": [[1, 2**62]],
}


def _published(path: Path, columns: dict[str, tuple[str, list[object]]]) -> Path:
    """A published file whose one mart has a column each, its values and a NULL below each other."""
    height = max(len(values) for _, values in columns.values()) + 1
    named = ", ".join(f'"{name}" {kind}' for name, (kind, _) in columns.items())
    with duckdb.connect(str(path)) as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute("create schema marts")
        connection.execute("create schema ops")
        connection.execute("create table ops.publication as select 'v' as version")
        connection.execute(f"create table marts.kinds (row_number bigint, {named})")
        for row in range(height):
            values = [v[row] if row < len(v) else None for _, v in columns.values()]
            marks = ", ".join("?" for _ in values)
            connection.execute(f"insert into marts.kinds values ({row}, {marks})", values)
    return path


@pytest.fixture
def copied(
    tmp_path: Path, database: Database
) -> Callable[[dict[str, tuple[str, list[object]]]], list[list[object]]]:
    """Values by column of what is there after a copy, in the order of the rows."""

    def copy(columns: dict[str, tuple[str, list[object]]]) -> list[list[object]]:
        file = _published(tmp_path / "crm.duckdb", columns)
        bring_up(file, PUBLICATION, dict[str, Model], Postgres(), database.address, print)
        with psycopg.connect(database.address) as connection:
            connection.execute("set timezone = 'UTC'")
            rows = connection.execute("select * from marts.kinds order by row_number").fetchall()
        return [list(column) for column in zip(*rows, strict=True)][1:]

    return copy


def test_values_of_every_type(copied: Callable) -> None:
    columns = {f"column {n}": (kind, values) for n, (kind, values) in enumerate(VALUES.items())}
    found = copied(columns)
    height = max(map(len, VALUES.values())) + 1
    for (kind, values), there in zip(VALUES.items(), found, strict=True):
        assert there == values + [None] * (height - len(values)), kind
        assert repr(there[: len(values)]) == repr(
            [Decimal(v) for v in values] if kind in ("UBIGINT", "HUGEINT") else values
        ), kind


def test_decimals_of_every_scale(copied: Callable) -> None:
    """The driver's releases before 1.10 shifted those whose scale is no multiple of four."""
    chance = random.Random(7)
    columns: dict[str, tuple[str, list[object]]] = {}
    for precision, scale in [(p, s) for p in (4, 9, 18, 38) for s in range(0, p + 1, 1 + p // 12)]:
        digits = [0, 1, -1, 10**precision - 1, 1 - 10**precision, 10 ** (precision // 2)]
        digits += [chance.randrange(10**precision) for _ in range(20)]
        values = [Decimal((d < 0, Decimal(abs(d)).as_tuple().digits, -scale)) for d in digits]
        columns[f"d_{precision}_{scale}"] = (f"DECIMAL({precision},{scale})", [*values])
    found = copied(columns)
    for (name, (_, values)), there in zip(columns.items(), found, strict=True):
        assert [f"{v:f}" for v in there[: len(values)]] == [f"{v:f}" for v in values], name


def test_nan_is_not_null(copied: Callable) -> None:
    [there] = copied({"x": ("DOUBLE", [float("nan")])})
    assert there[0] != there[0]
    assert there[1] is None


def test_a_type_without_a_counterpart_is_named(copied: Callable) -> None:
    with pytest.raises(CopyError, match=r"marts\.kinds\.place is a STRUCT.* hold exactly"):
        copied({"place": ("STRUCT(a INTEGER)", [{"a": 1}])})
    with pytest.raises(UnknownTypeError):
        postgres_type("TIMESTAMP_NS")


def test_a_number_too_large_for_both_is_said(copied: Callable) -> None:
    with pytest.raises(CopyError, match=r"marts\.kinds could not be loaded"):
        copied({"x": ("HUGEINT", [2**127 - 1])})


def test_a_text_that_postgres_cannot_hold_is_said_without_it(copied: Callable) -> None:
    with pytest.raises(CopyError) as caught:
        copied({"x": ("VARCHAR", ["secret\0name"])})
    assert "marts.kinds" in str(caught.value)
    assert "secret" not in str(caught.value)
