"""Parquet: columns by name and with their own types; the line of a row is its number.

All pages are read before anything is typed: a file may have a good footer and damaged pages.
"""

from __future__ import annotations

from pathlib import Path

from ingestion.contract import Kind
from ingestion.discovery import FoundFile
from ingestion.engine import literal
from ingestion.errors import FileProblemError
from ingestion.reading.careful import NUL_INSIDE, too_long
from ingestion.reading.desk import Desk, string_list
from ingestion.reading.headers import compare
from ingestion.reading.kinds import refuse_other_kind
from ingestion.reading.parts import BrokenRow, Layout, Part, Readable, by_path
from ingestion.reading.unpacking import refuse_bomb

_NESTED = ("STRUCT", "MAP", "UNION", "BLOB", "BIT", "VARIANT", "GEOMETRY")
_CLOCK = ("DATE", "TIME", "INTERVAL", "BOOLEAN", "UUID")
_NO_DATE = ("TIME", "INTERVAL", "BOOLEAN", "UUID")
_INSTANT = "TIMESTAMP"


def parquet_layout(desk: Desk, file: FoundFile, path: Path) -> Layout:
    """The columns of a file with their types, compared with the contract.

    Raises:
        FileProblemError: it is no whole Parquet file, or its columns are not the contract's.
    """
    with path.open("rb") as stream:
        start = stream.read(4096)
    if start[:4] != b"PAR1":
        refuse_other_kind(file.name, start)
    described, names = _described(desk, file, path)
    positions, extra = compare(desk, file, names)
    _refuse_retyped(desk, file, {name: described[index][1] for name, index in positions.items()})
    return Layout(
        ".parquet",
        len(names),
        tuple((column, f"c{index}") for column, index in positions.items()),
        tuple((names[index], f"c{index}") for index in extra),
        tuple((f"c{index}", kind) for index, (_, kind) in enumerate(described)),
        tuple(_quoted(name) for name, _ in described),
    )


def stage_parquet(desk: Desk, layout: Layout, members: list[Readable]) -> list[Part]:
    """Files of one layout as one scratch table.

    Raises:
        FileProblemError: the pages of a file are damaged.
    """
    import duckdb

    name = f"{desk.new_name()}_rows"
    names = by_path(members)
    desk.register_names(f"{name}_files", names)
    columns = ", ".join(f"s.{own} as c{index}" for index, own in enumerate(layout.own))
    try:
        desk.connection.execute(
            f"create or replace temp table {name} as select {columns}, n.file as _file, "
            "cast(s.file_row_number as bigint) + 1 as _line "
            f"from read_parquet({string_list(names)}, filename = '_read_from', "
            f"file_row_number = true) s join {name}_files n on n.path = s._read_from"
        )
    except duckdb.Error as error:
        if len(members) > 1:
            return [part for one in members for part in stage_parquet(desk, layout, [one])]
        raise _damaged(members[0].file, error, "its pages are damaged") from error
    return [_without_harm(desk, Part(name, layout, list(names.values())))]


def _described(desk: Desk, file: FoundFile, path: Path) -> tuple[list[tuple[str, str]], list[str]]:
    """The engine's name and type of each column, and its own name: two may be equal."""
    import duckdb

    source = literal(str(path))
    try:
        described = desk.connection.execute(
            f"select column_name, column_type from (describe select * from read_parquet({source}))"
        ).fetchall()
        schema = desk.connection.execute(
            f"select name, coalesce(num_children, 0) from parquet_schema({source})"
        ).fetchall()
        row = desk.connection.execute(
            "select coalesce(greatest(sum(total_uncompressed_size), sum(num_values)), 0) "
            f"from parquet_metadata({source})"
        ).fetchone()
    except (duckdb.Error, OSError) as error:
        raise _damaged(file, error, "its end is missing or damaged") from error
    refuse_bomb(file, path.stat().st_size, int(row[0]) if row else 0, desk.limits)
    return described, _top_names(schema)


def _damaged(file: FoundFile, error: Exception, what: str) -> Exception:
    """The problem of the file; not where memory or disk ran out, which is no fault of the file."""
    import duckdb

    if isinstance(error, duckdb.OutOfMemoryException) or "No space left" in str(error):
        return error
    return FileProblemError(
        file.name, f"this is no whole Parquet file: {what}. Copy it again, or export it again."
    )


def _top_names(schema: list[tuple[str, int]]) -> list[str]:
    """Names of the columns from the tree of them, which comes as a list, parents first."""
    names, position = [], 1
    for _ in range(schema[0][1]):
        names.append(schema[position][0])
        open_nodes = 1
        while open_nodes:
            open_nodes += schema[position][1] - 1
            position += 1
    return names


def _refuse_retyped(desk: Desk, file: FoundFile, types: dict[str, str]) -> None:
    for name, found in types.items():
        kind = desk.table.column(name).kind
        if _can_become(found, kind):
            continue
        raise FileProblemError(
            file.name,
            f"the column is of Parquet's type {found[:40].lower()} and no value of that type is "
            f"{_WORDS.get(kind, 'a number')}. Export it as before, or as a text.",
            column=name,
        )


_WORDS = {
    Kind.TEXT: "a text",
    Kind.BOOLEAN: "a yes or no",
    Kind.DATE: "a date",
    Kind.INSTANT: "a date and time",
}


def _can_become(found: str, kind: Kind) -> bool:
    """Whether a column of a type may hold values of a kind; a column without any is a number."""
    if found.endswith("]") or found.startswith(_NESTED):
        return False
    if kind is Kind.TEXT:
        return True
    if kind in (Kind.DATE, Kind.INSTANT):
        return found.startswith(_INSTANT) or not found.startswith(_NO_DATE)
    if kind is Kind.BOOLEAN:
        return found == "BOOLEAN" or not found.startswith(_CLOCK)
    return not found.startswith(_CLOCK)


def _without_harm(desk: Desk, part: Part) -> Part:
    """Sets rows aside that have a value beyond the limit, or with a NUL."""
    names = {source: name for name, source in (*part.layout.positions, *part.layout.extra)}
    texts = [source for source, kind in part.layout.types if kind == "VARCHAR"]
    if not texts:
        return part
    cases = "".join(
        f" when strlen({source}) > {desk.max_field} then {literal(too_long(names[source], desk))}"
        f" when contains({source}, chr(0)) then {literal(f'{names[source]}: {NUL_INSIDE}')}"
        for source in texts
    )
    harm = f"case{cases} end"
    payload = ", ".join(f"{literal(name)}, {source}" for source, name in names.items())
    payload = f"cast(json_object({payload}) as varchar)"
    found = desk.connection.execute(
        f"select _file, _line, {harm} as harm, {payload} from {part.name} where harm is not null"
    ).fetchall()
    if not found:
        return part
    name = desk.new_name()
    desk.connection.execute(
        f"create temp view {name} as select * from {part.name} where {harm} is null"
    )
    return Part(name, part.layout, part.files, [BrokenRow(*row) for row in found])


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
