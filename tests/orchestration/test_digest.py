"""The digest: equal for equal tables however they are stored, different for any other value."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow
import pytest

from ingestion.engine import connect
from orchestration.digest import BATCH_ROWS, Digest, digest

COLUMNS = "id bigint, a varchar, b varchar"


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with connect(Path(":memory:")) as connection:
        yield connection


def _of(connection: duckdb.DuckDBPyConnection, columns: str, *rows: tuple) -> tuple[int, str]:
    connection.execute(f"create or replace table t ({columns})")
    for row in rows:
        marks = ", ".join("?" * len(row))
        connection.execute(f"insert into t values ({marks})", list(row))
    return digest(connection, "t", ["id"])


def test_does_not_depend_on_the_order_on_disk(connection: duckdb.DuckDBPyConnection) -> None:
    rows = [(n, f"a{n}", "b") for n in range(10)]
    assert _of(connection, COLUMNS, *rows) == _of(connection, COLUMNS, *reversed(rows))


@pytest.mark.parametrize("threads", [1, 2, 4])
def test_does_not_depend_on_threads(connection: duckdb.DuckDBPyConnection, threads: int) -> None:
    """More rows than one batch and one row group hold, against the digest worked out here."""
    connection.execute(f"set threads = {threads}")
    connection.execute(
        "create table t as select range as id, 'x' || range % 7 as a from range(250_000) "
        "order by hash(range)"
    )
    texts = [f"x{n % 7}" for n in range(250_000)]
    expected = hashlib.sha256(repr([("id", "BIGINT"), ("a", "VARCHAR")]).encode())
    for lengths, values in (
        (b"", b"".join(struct.pack("<q", n) for n in range(250_000))),
        (b"".join(struct.pack("<i", len(text)) for text in texts), "".join(texts).encode()),
    ):
        for content in (b"\1" * 250_000, lengths, values):
            expected.update(hashlib.sha256(content).digest())
    assert digest(connection, "t", ["id"]) == (250_000, expected.hexdigest())


@pytest.mark.parametrize("size", [1, 7, 8, 1000])
def test_does_not_depend_on_batches(size: int) -> None:
    """Nor on where in its buffers a batch begins, or on what lies there under NULL."""
    numbers = range(1000)
    table = pyarrow.table(
        {
            "n": pyarrow.array([n if n % 3 else None for n in numbers], pyarrow.int64()),
            "s": pyarrow.array([f"text {n}" if n % 5 else None for n in numbers]),
            "b": pyarrow.array([n % 2 == 0 if n % 7 else None for n in numbers]),
            "f": pyarrow.array([n / 7 if n % 11 else None for n in numbers]),
        }
    )
    columns = [(name, "TYPE") for name in table.column_names]
    whole, cut = Digest(columns), Digest(columns)
    whole.update(table.to_batches()[0])
    for batch in table.to_batches(max_chunksize=size):
        cut.update(batch)
    assert (cut.rows, cut.hexdigest()) == (1000, whole.hexdigest())


def test_what_lies_under_null_does_not_count() -> None:
    present = pyarrow.py_buffer(b"\x01")
    digests = set()
    for hidden in (b"\x00", b"\x07"):
        values = pyarrow.py_buffer(b"\x05" + hidden)
        batch = pyarrow.record_batch(
            [pyarrow.Array.from_buffers(pyarrow.int8(), 2, [present, values])], ["a"]
        )
        state = Digest([("a", "TINYINT")])
        state.update(batch)
        digests.add(state.hexdigest())
    assert len(digests) == 1


def test_nan_is_one_value() -> None:
    digests = set()
    for bits in (0x7FF8000000000000, 0xFFF8000000000000):
        values = pyarrow.py_buffer(struct.pack("<Q", bits))
        batch = pyarrow.record_batch(
            [pyarrow.Array.from_buffers(pyarrow.float64(), 1, [None, values])], ["a"]
        )
        state = Digest([("a", "DOUBLE")])
        state.update(batch)
        digests.add(state.hexdigest())
    assert len(digests) == 1


def test_a_type_whose_bytes_say_nothing_is_refused(connection: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(TypeError, match="list"):
        _of(connection, "id bigint, a integer[]", (1, [1, 2]))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ([(1, "a", None), (2, None, "a")], [(1, None, "a"), (2, "a", None)]),
        ([(1, "a", None), (2, None, None)], [(1, None, None), (2, "a", None)]),
        ([(1, "a", "b"), (2, "b", "a")], [(1, "b", "a"), (2, "a", "b")]),
        ([(1, "ab", "c"), (2, "d", "e")], [(1, "a", "c"), (2, "bd", "e")]),
        ([(1, "", "c"), (2, "d", "e")], [(1, "d", "c"), (2, "", "e")]),
        ([(1, "a", "b")], [(1, "b", "a")]),
        ([(1, "a", "b")], [(1, "a", "b"), (2, None, None)]),
    ],
)
def test_values_in_other_rows_or_columns_differ(
    connection: duckdb.DuckDBPyConnection, one: list[tuple], other: list[tuple]
) -> None:
    assert _of(connection, COLUMNS, *one)[1] != _of(connection, COLUMNS, *other)[1]


def test_order_and_names_of_columns_count(connection: duckdb.DuckDBPyConnection) -> None:
    """With the same values in every column, too."""
    rows = [(1, "x", "x"), (2, None, None)]
    declared = (COLUMNS, "id bigint, b varchar, a varchar", "id bigint, a varchar, c varchar")
    assert len({_of(connection, columns, *rows)[1] for columns in declared}) == 3


def test_one_value_in_a_later_batch_counts(connection: duckdb.DuckDBPyConnection) -> None:
    rows = 2 * BATCH_ROWS + 5
    connection.execute(f"create table t as select range as id, 'a' as a from range({rows})")
    before = digest(connection, "t", ["id"])
    connection.execute(f"update t set a = null where id = {rows - 2}")
    assert before[0] == digest(connection, "t", ["id"])[0] == rows
    assert before[1] != digest(connection, "t", ["id"])[1]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ((1, None, "x"), (1, "", "x")),
        ((1, "", "x"), (1, "NULL", "x")),
        ((1, None, "x"), (1, "NULL", "x")),
        ((1, None, "x"), (1, "-", "x")),
        ((1, None, "x"), (1, "\0", "x")),
        ((1, None, "x"), (1, "x", None)),
        ((1, "a\x1fb", "c"), (1, "a", "b\x1fc")),
        ((1, "a,b", "c"), (1, "a", "b,c")),
        ((1, "a;1:b", "c"), (1, "a", "1:b;c")),
        ((1, "1:a", "c"), (1, "a", "c")),
        ((1, "が", "x"), (1, "か\u3099", "x")),
        ((1, "髙", "x"), (1, "高", "x")),
        ((1, "a", "x"), (1, "a ", "x")),
    ],
)
def test_values_that_look_alike_differ(
    connection: duckdb.DuckDBPyConnection, one: tuple, other: tuple
) -> None:
    assert _of(connection, COLUMNS, one) != _of(connection, COLUMNS, other)


def test_a_value_cannot_pass_for_two_rows(connection: duckdb.DuckDBPyConnection) -> None:
    two = _of(connection, "id varchar, a varchar", ("1", "x"), ("2", "y"))
    for text in ("x\x1e2\x1fy", "x;\n1:2;1:y", "x\n2y"):
        assert _of(connection, "id varchar, a varchar", ("1", text))[1] != two[1]


def test_any_changed_value_changes_it(connection: duckdb.DuckDBPyConnection) -> None:
    declared = "id bigint, d decimal(38,9), f double, t timestamp, u date, b boolean"
    row = (1, "12345678901234567890123456789.000000001", 0.1, "2026-01-01", "2026-01-01", True)
    others = [
        (2, *row[1:]),
        (1, "12345678901234567890123456789.000000002", *row[2:]),
        (*row[:2], 0.1 + 2**-56, *row[3:]),
        (*row[:3], "2026-01-01 00:00:00.000001", *row[4:]),
        (*row[:4], "2026-01-02", True),
        (*row[:5], False),
        (1, *[None] * 5),
    ]
    digests = {_of(connection, declared, one)[1] for one in [row, *others]}
    assert len(digests) == len(others) + 1


def test_unicode_longer_than_one_byte_is_counted_whole(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    rows, value = _of(connection, COLUMNS, (1, "𠮷野家", "🧾"), (2, "ﾊﾝｶｸ", "é"))
    assert rows == 2
    assert value != _of(connection, COLUMNS, (1, "𠮷野屋", "🧾"), (2, "ﾊﾝｶｸ", "é"))[1]


def test_an_empty_table_has_a_digest_that_tells_its_columns(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    rows, value = _of(connection, COLUMNS)
    assert rows == 0
    assert value == _of(connection, COLUMNS)[1]
    assert value != _of(connection, "id bigint, a varchar")[1]
    assert value != _of(connection, "id bigint, a varchar, c varchar")[1]
    assert value != _of(connection, "id integer, a varchar, b varchar")[1]


def test_a_key_of_several_columns_and_words_of_sql(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute('create table t ("order" bigint, digest_line bigint, "group" varchar)')
    connection.execute("insert into t values (2, 1, 'c'), (1, 2, 'b'), (1, 1, 'a')")
    first = digest(connection, "t", ["order", "digest_line"])
    connection.execute("create table s as from t order by all")
    assert digest(connection, "s", ["order", "digest_line"]) == first
