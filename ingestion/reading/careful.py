"""One CSV file row by row in Python: knows every line, and which rows do not fit the header."""

from __future__ import annotations

import csv
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from ingestion.discovery import FoundFile
from ingestion.engine import literal
from ingestion.errors import FileProblemError
from ingestion.reading.desk import Desk
from ingestion.reading.parts import BrokenRow, Part, Readable
from ingestion.reading.unpacking import look_over

_BATCH = 50_000
BROKEN_TO_REFUSE = 1000
NUL_INSIDE = "a NUL byte stands in the value"


def read_with_care(desk: Desk, one: Readable) -> Part:
    """Read one file row by row.

    Raises:
        FileProblemError: it cannot be split into rows, was cut off, or hardly a row fits.
    """
    broken: list[BrokenRow] = []
    with one.path.open(encoding="utf-8", newline="") as source:
        rows = _whole_rows(desk, one, source, broken)
        name = keep_rows(desk, one.file, [f"c{index}" for index in range(one.layout.width)], rows)
    _refuse_cut_off(one.file, one.path, broken)
    return Part(name, one.layout, [one.file.name], broken)


def keep_rows(
    desk: Desk, file: FoundFile, columns: list[str], rows: Iterator[tuple[str | int, ...]]
) -> str:
    """Put texts, with their line behind them, into a part's scratch table; returns its name."""
    import pyarrow
    import pyarrow.parquet

    name = f"{desk.new_name()}_rows"
    desk.scratch.mkdir(parents=True, exist_ok=True)
    clean = desk.scratch / f"{name}.parquet"
    schema = pyarrow.schema(
        [*((column, pyarrow.string()) for column in columns), ("_line", pyarrow.int64())]
    )
    with pyarrow.parquet.ParquetWriter(str(clean), schema) as writer:
        while batch := list(itertools.islice(rows, _BATCH)):
            writer.write_table(pyarrow.table(list(zip(*batch, strict=True)), schema=schema))
    desk.connection.execute(
        f"create temp table {name} as select *, {literal(file.name)} as _file "
        f"from read_parquet({literal(str(clean))})"
    )
    return name


def is_longer(text: str, most: int) -> bool:
    """Whether a text has more bytes than `most`; a letter has four at most."""
    return len(text) * 4 > most and len(text.encode()) > most


def too_long(column: str, desk: Desk) -> str:
    """The reason why a row is set aside when a value of it is longer than the limit."""
    return f"{column}: the value is longer than {desk.limits.max_field_kib} KiB (max_field_kib)"


def _whole_rows(
    desk: Desk, one: Readable, source: IO[str], broken: list[BrokenRow]
) -> Iterator[tuple[str | int, ...]]:
    """Rows of the header's width with their line; the others are put into `broken`."""
    file, layout = one.file, one.layout
    for count, (row, line) in enumerate(_rows(desk, file, source), start=1):
        # DuckDB, which reads most files, takes a delimiter at the end of a row for nothing.
        if len(row) == layout.width + 1 and not row[-1]:
            row.pop()
        reason = _reason(desk, one, row)
        if reason is None:
            yield (*row, line)
        else:
            is_short = len(row) < layout.width
            broken.append(BrokenRow(file.name, line, reason, "\x1f".join(row), is_short))
            _refuse_many_broken(file, broken, count)


def _reason(desk: Desk, one: Readable, row: list[str]) -> str | None:
    """Why a row cannot be taken as it is; None if it can."""
    if len(row) != one.layout.width:
        columns = "1 column" if len(row) == 1 else f"{len(row)} columns"
        return f"the row has {columns} and the header {one.layout.width}"
    if one.lines and one.lines.has_nul:
        for index, text in enumerate(row):
            if "\0" in text:
                return f"{one.layout.name_of(f'c{index}')}: {NUL_INSIDE}"
    if sum(map(len, row)) * 4 > desk.max_field:
        for index, text in enumerate(row):
            if is_longer(text, desk.max_field):
                return too_long(one.layout.name_of(f"c{index}"), desk)
    return None


def _rows(desk: Desk, file: FoundFile, source: IO[str]) -> Iterator[tuple[list[str], int]]:
    limit = csv.field_size_limit(desk.max_row)
    reader = csv.reader(source, delimiter=desk.delimiter(file), strict=True)
    line = 1
    try:
        next(reader, None)
        line = reader.line_num + 1
        for row in reader:
            if row:
                yield row, line
            line = reader.line_num + 1
    except csv.Error as error:
        raise FileProblemError(
            file.name,
            f"from this line on the file cannot be split into columns ({error}). A quote that "
            "is not closed, or a file that was cut off: export or copy it again.",
            lines=(line,),
        ) from error
    finally:
        csv.field_size_limit(limit)


def _refuse_many_broken(file: FoundFile, broken: list[BrokenRow], rows: int) -> None:
    """Gives up early on a file whose rows do not fit its header: they are all held in memory."""
    if len(broken) < BROKEN_TO_REFUSE or len(broken) < rows / 2:
        return
    raise FileProblemError(
        file.name,
        f"{len(broken)} of the first {rows} rows cannot be split into the header's columns; most "
        f"often: {broken[-1].reason}. Mend the export (a delimiter within values, a column without "
        "a header?).",
        lines=tuple(row.line for row in broken[:3]),
    )


def _refuse_cut_off(file: FoundFile, path: Path, broken: list[BrokenRow]) -> None:
    """A last row that is too short and has no line end is a file that was cut off."""
    if not broken or not broken[-1].is_short:
        return
    with path.open("rb") as stream:
        stream.seek(-1, 2)
        ends_whole = stream.read(1) == b"\n"
    if not ends_whole and broken[-1].line >= look_over(path).count:
        raise FileProblemError(
            file.name,
            "the file ends in the middle of a row: it was cut off. Copy it again.",
            lines=(broken[-1].line,),
        )
