"""JSON Lines: each line as one text; its keys are compared in the first lines, and as it is typed.

DuckDB reads the lines, and Python those of a file that has control letters, line ends of two kinds,
or lines longer than a value may be.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from ingestion.discovery import FoundFile
from ingestion.errors import FileProblemError
from ingestion.reading.careful import NUL_INSIDE, is_longer, keep_rows, too_long
from ingestion.reading.desk import Desk, string_list
from ingestion.reading.headers import compare
from ingestion.reading.parts import BrokenRow, Layout, Part, Readable, by_path
from ingestion.reading.unpacking import look_over

_COMPARED = 100
_MOST_NESTED = 10_000
"""The engine's stack ends at some hundred thousand lists in each other."""


def json_layout(desk: Desk, file: FoundFile, path: Path) -> Layout:
    """JSON Lines have no header: the keys of the first lines stand for one.

    Raises:
        FileProblemError: the file is one array, was cut off, or its rows lack a required key.
    """
    with path.open(encoding="utf-8") as source:
        first = [text for text, _ in itertools.islice(_texts(desk, source), _COMPARED)]
    start = next((text.strip() for text in first if text.strip()), "")
    if start.startswith("["):
        raise FileProblemError(
            file.name,
            "the file is one JSON array, and JSON Lines have one object a line. Export it as JSON "
            "Lines.",
            lines=(1,),
        )
    _refuse_cut_off(desk, file, path)
    keys = dict.fromkeys(key for text in first for key in _object(text))
    if keys:
        compare(desk, file, list(keys))
    own_names = {target: name for name, target in desk.format.columns.items()}
    columns = [column.name for column in desk.table.columns]
    return Layout(
        ".jsonl",
        1,
        tuple((name, name if name in keys else own_names.get(name, name)) for name in columns),
        (),
    )


def stage_json(desk: Desk, layout: Layout, members: list[Readable]) -> list[Part]:
    """Each line as one text; blank lines count as lines and are no rows.

    Files that are read with care are parts of their own.
    """
    import duckdb

    name = desk.new_name()
    names = by_path(members)
    try:
        desk.register_names(f"{name}_files", names)
        desk.connection.execute(
            f"create or replace temp table {name}_rows as select line, file_index "
            f"from read_csv({string_list(names)}, columns = {{'line': 'VARCHAR'}}, "
            "header = false, delim = '\x01', quote = '', escape = '', auto_detect = false, "
            f"max_line_size = {desk.max_field})"
        )
    except duckdb.Error:
        if len(members) > 1:
            return [part for one in members for part in stage_json(desk, layout, [one])]
        return [_read_with_care(desk, members[0])]
    desk.view_with_lines(name, first_line=1, condition="trim(r.line) <> ''")
    return [_without_harm(desk, Part(name, layout, list(names.values())))]


def _without_harm(desk: Desk, part: Part) -> Part:
    """Sets lines aside that the engine cannot parse (its stack would overflow), or with a NUL."""
    opened = "length(line) - length(replace(replace(line, '[', ''), '{', ''))"
    deep = f"length(line) > {_MOST_NESTED} and {opened} > {_MOST_NESTED}"
    harm = (
        f"case when {deep} then 'the line has more than {_MOST_NESTED:,} lists and objects' "
        f"when contains(line, '\\u0000') then '{NUL_INSIDE}' end"
    )
    found = desk.connection.execute(
        f"select _file, _line, {harm} as harm, line from {part.name} where harm is not null"
    ).fetchall()
    if not found:
        return part
    name = desk.new_name()
    desk.connection.execute(
        f"create temp view {name} as select * from {part.name} where {harm} is null"
    )
    return Part(name, part.layout, part.files, part.broken + [BrokenRow(*row) for row in found])


def _read_with_care(desk: Desk, one: Readable) -> Part:
    broken: list[BrokenRow] = []
    with one.path.open(encoding="utf-8") as source:
        name = keep_rows(desk, one.file, ["line"], _whole_lines(desk, one.file, source, broken))
    return _without_harm(desk, Part(name, one.layout, [one.file.name], broken))


def _whole_lines(
    desk: Desk, file: FoundFile, source: IO[str], broken: list[BrokenRow]
) -> Iterator[tuple[str | int, ...]]:
    for number, (text, is_whole) in enumerate(_texts(desk, source), start=1):
        reason = None
        if not is_whole:
            reason = f"the line is longer than {desk.max_row >> 10} KiB"
        elif is_longer(text, desk.max_field):
            values = _object(text).items()
            long = [key for key, value in values if is_longer(str(value), desk.max_field)]
            reason = too_long(long[0], desk) if long else None
        if reason:
            broken.append(BrokenRow(file.name, number, reason, text))
        elif text.strip():
            yield text, number


def _texts(desk: Desk, source: IO[str]) -> Iterator[tuple[str, bool]]:
    """Each line, and whether it is all there: of one without end the beginning is kept."""
    while text := source.readline(desk.max_row):
        is_whole = len(text) < desk.max_row or text.endswith("\n")
        rest = text
        while not is_whole and rest and not rest.endswith("\n"):
            rest = source.readline(desk.max_row)
        yield text.rstrip("\n"), is_whole


def _object(text: str) -> dict[str, Any]:
    """The object in a line; empty if it is none."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _refuse_cut_off(desk: Desk, file: FoundFile, path: Path) -> None:
    """A last line without line end that is no JSON is a file that was cut off."""
    with path.open("rb") as stream:
        size = stream.seek(0, 2)
        stream.seek(max(0, size - desk.max_row))
        last = stream.read().rpartition(b"\n")[2].strip()
    if not last or len(last) == desk.max_row:
        return
    try:
        json.loads(last)
    except RecursionError:
        return
    except ValueError as error:
        raise FileProblemError(
            file.name,
            "the file ends in the middle of a row: it was cut off. Copy it again.",
            lines=(look_over(path).count,),
        ) from error
