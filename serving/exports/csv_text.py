"""Rows of a query as CSV: for Excel as much as for programs, and of any size.

The engine writes the text of each row, so no value passes through Python and only one batch of
rows is in memory at a time. Rows end with CRLF. NULL is an empty cell, an empty text is `""`.
Numbers, dates and instants (UTC) are written as the engine writes them.
"""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from ingestion.engine import literal
from serving.exports.csv_format import STAND_IN, CsvFormat

if TYPE_CHECKING:
    import duckdb
    import pyarrow

FORMULA_STARTS = "=+-@\t\r\n＝＋－＠"
"""What a spreadsheet may take for the start of a formula; the wide ones in Japanese editions."""
_ALIKE = str.maketrans({"\u2014": "\u2015", "\u00a5": "\uffe5", "\u203e": "\uffe3"})
"""Signs that CP932 has under another number: dash, yen, overline."""
_PLAIN = re.compile(
    r"DECIMAL\(\d+,\d+\)|U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|DOUBLE|FLOAT|BOOLEAN|DATE|"
    r"TIMESTAMP( WITH TIME ZONE)?"
)
"""Types whose text has no comma, quote or line end; a list of them has."""
_BATCH_ROWS = 20_000


@dataclass(frozen=True)
class Written:
    """What was written: rows without the header, characters replaced, sha256 of the bytes."""

    rows: int
    replaced: int
    sha256: str


class UnwritableError(Exception):
    """A character that the encoding lacks. `row` counts from 1, the header not counted."""

    def __init__(self, row: int, column: str, character: str) -> None:
        self.row, self.column = row, column
        super().__init__(
            f"row {row}, column {column}: CP932 has no character U+{ord(character):04X}. Write the "
            f"file in UTF-8 (--encoding utf-8), or accept {STAND_IN} in its place (--replace)."
        )


def harmless(text: str) -> str:
    """A text that no spreadsheet takes for a formula, as `write_csv` writes it."""
    return f"'{text}" if text.startswith(tuple(FORMULA_STARTS)) else text


def write_csv(
    connection: duckdb.DuckDBPyConnection,
    query: str,
    out: BinaryIO,
    form: CsvFormat,
    verbatim: Collection[str] = (),
) -> Written:
    """Write the rows of a query, in its order, with a header.

    Args:
        verbatim: columns that never get an apostrophe, such as an address that a program reads.

    Raises:
        UnwritableError: a character is not in CP932 and is not to be replaced.
    """
    columns = connection.execute(
        f"select column_name, column_type from (describe {query})"
    ).fetchall()
    names = [name for name, _ in columns]
    sink = _Sink(out, form, names)
    header = ",".join(_quoted_name(name) for name in names) + "\r\n"
    sink.write_text(header, [header], counted=False)
    cells = [_cell(name, kind, form, name in verbatim, len(names)) for name, kind in columns]
    line = ", ',', ".join(cells)
    reader = connection.execute(f"select concat({line}, e'\\r\\n') as line from ({query})")
    for batch in reader.to_arrow_reader(_BATCH_ROWS):
        sink.write_batch(batch.column(0))
    return sink.written()


def _cell(name: str, kind: str, form: CsvFormat, is_verbatim: bool, columns: int) -> str:
    """SQL: the text of a cell, quoted where its content asks for it."""
    column = '"' + name.replace('"', '""') + '"'
    # A line of one empty cell would be an empty line, which readers skip.
    empty = "'\"\"'" if columns == 1 else "''"
    if _PLAIN.fullmatch(kind):
        return f"coalesce(cast({column} as varchar), {empty})"
    text = f"cast({column} as varchar)"
    if kind == "VARCHAR" and not form.keep_formulas and not is_verbatim:
        starts = ", ".join(literal(sign) for sign in FORMULA_STARTS)
        text = f"case when left({text}, 1) in ({starts}) then '''' || {text} else {text} end"
    return (
        f"case when {column} is null then {empty} when {text} = '' then '\"\"' "
        f"when regexp_matches({text}, '[\",\\r\\n]') "
        f"then '\"' || replace({text}, '\"', '\"\"') || '\"' else {text} end"
    )


def _quoted_name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"' if set(name) & set('",\r\n') else name


class _Sink:
    """Encodes what it is given, writes it, and keeps count and hash."""

    def __init__(self, out: BinaryIO, form: CsvFormat, names: list[str]) -> None:
        self._out, self._form, self._names = out, form, names
        self._rows = self._replaced = 0
        self._hash = hashlib.sha256()
        if form.encoding == "utf-8":
            self._write(b"\xef\xbb\xbf")

    def write_batch(self, lines: pyarrow.Array) -> None:
        """Lines as the engine made them; UTF-8 goes straight from their buffer to the file."""
        if self._form.encoding == "cp932":
            texts = lines.to_pylist()
            self.write_text("".join(texts), texts)
            return
        self._write(_bytes_of(lines))
        self._rows += len(lines)

    def write_text(self, text: str, lines: list[str], *, counted: bool = True) -> None:
        if self._form.encoding == "cp932":
            self._write(self._in_cp932(text.translate(_ALIKE), lines))
        else:
            self._write(text.encode())
        self._rows += len(lines) if counted else 0

    def written(self) -> Written:
        return Written(self._rows, self._replaced, self._hash.hexdigest())

    def _write(self, data: bytes | memoryview) -> None:
        self._out.write(data)
        self._hash.update(data)

    def _in_cp932(self, text: str, lines: list[str]) -> bytes:
        try:
            return text.encode("cp932")
        except UnicodeEncodeError:
            if not self._form.replace:
                raise self._unwritable(lines) from None
        known = [letter if _is_writable(letter) else STAND_IN for letter in text]
        self._replaced += sum(a != b for a, b in zip(known, text, strict=True))
        return "".join(known).encode("cp932")

    def _unwritable(self, lines: list[str]) -> UnwritableError:
        """Which row and column holds the first character that cannot be written."""
        return next(
            UnwritableError(self._rows + number, name, letter)
            for number, line in enumerate(lines, 1)
            for name, letter in _unwritable_letters(line, self._names)
        )


def _unwritable_letters(line: str, names: list[str]) -> Iterator[tuple[str, str]]:
    for row in csv.reader([line]):
        for name, cell in zip(names, row, strict=False):
            for letter in cell.translate(_ALIKE):
                if not _is_writable(letter):
                    yield name, letter


def _is_writable(letter: str) -> bool:
    try:
        letter.encode("cp932")
    except UnicodeEncodeError:
        return False
    return True


def _bytes_of(lines: pyarrow.Array) -> memoryview | bytes:
    """The text of all lines, one behind the other, as it lies in the buffer."""
    import pyarrow

    if len(lines) == 0:
        return b""
    text = lines.cast(pyarrow.large_string())
    offsets = memoryview(text.buffers()[1]).cast("q")
    return memoryview(text.buffers()[2])[offsets[text.offset] : offsets[text.offset + len(text)]]
