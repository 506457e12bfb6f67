"""CSV: DuckDB's reader for all files at once, and Python's with care for the odd ones."""

from __future__ import annotations

import csv
from pathlib import Path

from ingestion.discovery import FoundFile
from ingestion.engine import literal
from ingestion.errors import FileProblemError
from ingestion.reading.careful import read_with_care
from ingestion.reading.desk import Desk, string_list
from ingestion.reading.headers import compare, refuse_other_delimiter
from ingestion.reading.parts import Layout, Part, Readable, by_path


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


def stage_csv(desk: Desk, layout: Layout, members: list[Readable]) -> list[Part]:
    """All files at once where every row is one line; else the odd ones with care."""
    import duckdb

    regular = [one for one in members if one.lines and not one.lines.has_nul]
    careful = [one for one in members if one not in regular]
    parts = []
    if regular:
        name = desk.new_name()
        try:
            _read_fast(desk, name, layout, regular)
        except duckdb.Error:
            if len(regular) > 1:
                return [part for one in members for part in stage_csv(desk, layout, [one])]
            return [read_with_care(desk, regular[0])]
        odd = _files_with_odd_lines(desk, name, regular)
        if odd and len(odd) < len(regular):
            parts += stage_csv(desk, layout, [one for one in regular if one not in odd])
        elif not odd:
            parts.append(Part(name, layout, [one.file.name for one in regular]))
        careful += odd
    return parts + [read_with_care(desk, one) for one in careful]


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


def _read_fast(desk: Desk, name: str, layout: Layout, members: list[Readable]) -> None:
    names = by_path(members)
    desk.register_names(f"{name}_files", names)
    delimiter = desk.delimiter(members[0].file)
    desk.connection.execute(
        f"create or replace temp table {name}_rows as select *, file_index "
        f"from read_csv({string_list(names)}, columns = {_text_columns(layout.width)}, "
        f"header = true, delim = {literal(delimiter)}, quote = '\"', escape = '\"', "
        "auto_detect = false, strict_mode = true, null_padding = false, "
        f"max_line_size = {desk.max_field})"
    )
    desk.view_with_lines(name, first_line=2)


def _files_with_odd_lines(desk: Desk, name: str, members: list[Readable]) -> list[Readable]:
    counted = dict(
        desk.connection.execute(
            f"select n.file, count(r.file_index) from {name}_files n "
            f"left join {name}_rows r on r.file_index = n.number group by n.file"
        ).fetchall()
    )
    return [one for one in members if one.lines and counted[one.file.name] + 1 != one.lines.count]


def _text_columns(width: int) -> str:
    return "{" + ", ".join(f"'c{index}': 'VARCHAR'" for index in range(width)) + "}"
