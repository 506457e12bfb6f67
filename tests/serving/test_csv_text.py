"""CSV as Excel and programs read it: marks, quotes, formulas, CP932, and the order of rows."""

from __future__ import annotations

import csv
import hashlib
import io

import duckdb
import pytest

from serving.exports.csv_format import STAND_IN, CsvFormat
from serving.exports.csv_text import UnwritableError, Written, write_csv


def written(sql: str, **options: object) -> tuple[bytes, Written]:
    verbatim = options.pop("verbatim", ())
    out = io.BytesIO()
    with duckdb.connect() as connection:
        told = write_csv(connection, sql, out, CsvFormat(**options), verbatim)
    return out.getvalue(), told


def cells(data: bytes, encoding: str = "utf-8-sig") -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode(encoding), newline="")))


def test_a_file_for_excel() -> None:
    data, told = written("select 'é' as name, 1.50::decimal(9,2) as price, true as yes")
    assert data == b"\xef\xbb\xbf" + "name,price,yes\r\né,1.50,true\r\n".encode()
    assert told == Written(1, 0, hashlib.sha256(data).hexdigest())


def test_without_a_mark_for_programs() -> None:
    assert written("select 1 as n", encoding="utf-8-no-bom")[0] == b"n\r\n1\r\n"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_a_text_that_begins_like_a_formula_gets_an_apostrophe(start: str) -> None:
    sql = f"select '{start}1+1' as a, '{start}' as b, ' {start}' as c"
    assert cells(written(sql)[0])[1] == [f"'{start}1+1", f"'{start}", f" {start}"]
    assert cells(written(sql, keep_formulas=True)[0])[1] == [f"{start}1+1", start, f" {start}"]
    assert cells(written(sql, verbatim={"a"})[0])[1][:2] == [f"{start}1+1", f"'{start}"]


def test_numbers_are_never_escaped() -> None:
    huge = "-(10::hugeint * 9223372036854775807)"
    sql = f"select -5 as i, -1.50::decimal(9,2) as d, -1e-7::double as f, {huge} as h"
    assert cells(written(sql)[0])[1] == ["-5", "-1.50", "-1e-07", "-92233720368547758070"]


def test_quotes_commas_lines_and_nothing() -> None:
    sql = """select 'a"b,c' as "q""x", e'two\\r\\nlines' as l, null::varchar as n, '' as e,
        [1, 2] as v, null::integer as i, timestamp '2026-09-30 01:02:03' as t,
        date '2026-09-30' as d"""
    data, _ = written(sql)
    assert b',"",' in data  # An empty text and no text are told apart.
    assert cells(data) == [
        ['q"x', "l", "n", "e", "v", "i", "t", "d"],
        ['a"b,c', "two\r\nlines", "", "", "[1, 2]", "", "2026-09-30 01:02:03", "2026-09-30"],
    ]


def test_a_column_of_nothing_has_no_empty_lines() -> None:
    data, told = written("select * from (values (null), (1)) t(n)")
    assert (cells(data), told.rows) == ([["n"], [""], ["1"]], 2)


def test_no_rows_are_a_header() -> None:
    data, told = written("select 1 as n where false")
    assert (cells(data), told.rows) == ([["n"]], 0)


def test_cp932_has_the_shops_letters() -> None:
    data, _ = written("select '髙橋①㈱～―' as a, '5¥—‾〜' as b", encoding="cp932")
    assert cells(data, "cp932")[1] == ["髙橋①㈱～―", "5￥―￣～"]


def test_what_cp932_lacks_is_told_by_row_and_column() -> None:
    name = "if(i = 31234, '𠮟 é', 'ok' || chr(10) || 'ok')"
    sql = f"select i as id, {name} as name from range(40000) t(i)"
    with pytest.raises(UnwritableError) as caught:
        written(sql, encoding="cp932")
    assert (caught.value.row, caught.value.column) == (31235, "name")
    assert "U+20B9F" in str(caught.value)
    assert "--replace" in str(caught.value)
    assert "𠮟" not in str(caught.value)
    data, told = written(sql, encoding="cp932", replace=True)
    assert (told.rows, told.replaced) == (40000, 2)
    assert cells(data, "cp932")[31235] == ["31234", f"{STAND_IN} {STAND_IN}"]


def test_a_large_table_is_written_in_pieces() -> None:
    sizes: list[int] = []

    class Sizes(io.RawIOBase):
        def write(self, data: object) -> int:
            sizes.append(len(data))
            return len(data)

    sql = "select i, repeat('長', 100) as text from range(100000) t(i)"
    with duckdb.connect() as connection:
        told = write_csv(connection, sql, Sizes(), CsvFormat(encoding="cp932"))
    assert told.rows == 100_000
    assert sum(sizes) > 20_000_000
    assert max(sizes) < 6_000_000
