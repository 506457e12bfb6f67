"""CSV: DuckDB's reader for all files at once, and Python's with care for the odd ones."""

from __future__ import annotations

import csv
import itertools
from pathlib import Path

from ingestion.discovery import FoundFile
from ingestion.engine import literal
from ingestion.errors import FileProblemError
from ingestion.reading.careful import read_with_care
from ingestion.reading.desk import Desk, string_list
from ingestion.reading.headers import compare, refuse_other_delimiter
from ingestion.reading.parts import Layout, Part, Readable, Take, by_path


def csv_layout(desk: Desk, file: FoundFile, path: Path) -> Layout:
    """The header of a file, compared with the contract.

    Raises:
        FileProblemError: there is none, or it is not the contract's.
    """
    header = _header(desk, file, path)
    names = [
        name.strip(" \t\r\n\u3000") or f"column_{position}"
        for position, name in enumerate(header, start=1)
    ]
    refuse_other_delimiter(desk, file, names)
    positions, extra = compare(desk, file, names)
    return Layout(
        ".csv",
        len(names),
        tuple((column, f"c{index}") for column, index in positions.items()),
        tuple((names[index], f"c{index}") for index in extra),
    )


def stage_csv(desk: Desk, layout: Layout, members: list[Readable], take: Take) -> None:
    """All files at once where every row is one line; else the odd ones with care."""
    import duckdb

    regular = [one for one in members if one.lines and not one.lines.has_nul]
    careful = [one for one in members if one not in regular]
    if regular:
        try:
            odd = _take_fast(desk, layout, regular, take)
        except duckdb.Error:
            odd = regular
            if len(regular) > 1:
                for one in members:
                    stage_csv(desk, layout, [one], take)
                return
        if odd and len(odd) < len(regular):
            stage_csv(desk, layout, [one for one in regular if one not in odd], take)
        careful += odd
    for one in careful:
        take(read_with_care(desk, one))


def _take_fast(desk: Desk, layout: Layout, members: list[Readable], take: Take) -> list[Readable]:
    """Have the files' rows taken while they are read, as text they stand nowhere.

    Lines are counted on from file to file, as many as were looked over. Returns the files that have
    rows of several lines or none: nothing is taken then.
    """
    name = _view(desk, layout, members)
    desk.connection.execute("begin")
    try:
        taken = take(Part(name, layout, [one.file.name for one in members]))
    except BaseException:
        desk.connection.execute("rollback")
        raise
    odd = [one for one in members if taken.get(one.file.name, 0) != _rows_expected(one)]
    desk.connection.execute("rollback" if odd else "commit")
    return odd


def _rows_expected(one: Readable) -> int:
    assert one.lines is not None
    return one.lines.count - 1


def _header(desk: Desk, file: FoundFile, path: Path) -> list[str]:
    limit = csv.field_size_limit(desk.max_field)
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            reader = csv.reader(stream, delimiter=desk.delimiter(file), strict=True)
            header = next(reader, None)
    except csv.Error as error:
        raise FileProblemError(
            file.name,
            f"the header cannot be read ({error}). The first line must name the columns: export "
            "the file again.",
            lines=(1,),
        ) from error
    finally:
        csv.field_size_limit(limit)
    if header is None:
        raise FileProblemError(
            file.name,
            "the file is empty, it has not even a header. Export it again; if there was nothing "
            "to export, a file with a header alone is right.",
        )
    if not "".join(header).strip():
        raise FileProblemError(
            file.name, "the first line is blank and not a header. Export it again.", lines=(1,)
        )
    return header


def _view(desk: Desk, layout: Layout, members: list[Readable]) -> str:
    """A view of the rows, read in the order of the files, with their file and line."""
    name = desk.new_name()
    names = by_path(members)
    before = [0, *itertools.accumulate(_rows_expected(one) for one in members)]
    place = "[cast(file_index as bigint) + 1]"
    files = "[" + ", ".join(map(literal, names.values())) + "]"
    desk.connection.execute(
        f"create or replace temp view {name} as select * exclude (file_index, place), "
        f"{files}{place} as _file, place - {before}{place} + 1 as _line "
        "from (select *, file_index, row_number() over () as place "
        f"from read_csv({string_list(names)}, columns = {_text_columns(layout.width)}, "
        f"header = true, delim = {literal(desk.delimiter(members[0].file))}, quote = '\"', "
        "escape = '\"', auto_detect = false, strict_mode = true, null_padding = false, "
        f"max_line_size = {desk.max_field}))"
    )
    return name


def _text_columns(width: int) -> str:
    return "{" + ", ".join(f"'c{index}': 'VARCHAR'" for index in range(width)) + "}"
