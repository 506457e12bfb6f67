"""From text columns to landed rows: types, quarantine, and personal values split off.

Everything happens in tables of the run's scratch database, a few statements a table whatever the
number of files. Nothing is lost: each row of a file is landed, unchanged or quarantined, and the
counts say so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from ingestion.batches import work_through
from ingestion.contract import Column, Table
from ingestion.engine import literal
from ingestion.errors import FileProblemError
from ingestion.personal import keyed_hasher
from ingestion.reading import BrokenRow, Part
from ingestion.row_text import json_text, owner_of, plain_text, row_key
from ingestion.settings import FileFormat
from ingestion.typing_rules import TypedColumn, absent, prepared, typed

if TYPE_CHECKING:
    import duckdb
    import pyarrow

_VALID_JSON = "case when json_valid(line) then line end"
_KEY_TWICE = (
    f"case when len(json_keys({_VALID_JSON})) > len(list_distinct(json_keys({_VALID_JSON}))) "
    "then 'a key stands twice in the line' end"
)
_IS_OBJECT = f"coalesce(json_type({_VALID_JSON}), '') = 'OBJECT'"

MIN_ROWS_TO_HOLD = 3
"""Fewer bad rows never hold a file: one typing error in a short file is a typing error."""

TWICE = "the key stands twice in this file"


@dataclass(frozen=True)
class QuarantinedRow:
    """A row that was set aside. `payload` is its text and stays in schema `pii` of the journal.

    The payload is a JSON object by the contract's names, unknown columns included, or what stood
    in the file where that could not be split into columns. `row_key`, `owner` (the receipt whose
    set the row belongs to) and `version_at` are None where they cannot be read.
    """

    table: str
    file: str
    line: int
    reason: str
    payload: str
    row_key: str | None = None
    owner: str | None = None
    version_at: datetime | None = None


class Landing:
    """Types the rows of one table.

    Tables it makes: `typed` (declared columns with their plain values, `_extra`, provenance,
    `_problem`, `_payload`), `repeated` (hashes, see `key_hash`, of the keys that stand more than
    once, in one file or several), and `good` with the columns of raw and of `pii` and
    `_row`, a number of the row. Dates more than a year after `now` count as unreadable (None: none
    does).
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        table: Table,
        key: bytes,
        load_id: str,
        now: datetime | None = None,
    ) -> None:
        self.connection, self.table, self.key, self.load_id = connection, table, key, load_id
        self.now = now
        prefix = f"{table.dataset}_{table.name}"
        self.typed, self.good = f"typed_{prefix}", f"good_{prefix}"
        self.repeated = f"repeated_{prefix}"
        self.connection.execute(f"create temp table {self.typed} ({self._typed_ddl()})")
        self._broken: list[BrokenRow] = []
        self._files: list[str] = []
        self.unknown_columns: list[str] = []
        self.absent_columns: list[str] = []

    def add(self, part: Part, given: FileFormat) -> dict[str, int]:
        """Type the rows of a part; returns how many it has of each file."""
        self._broken += part.broken
        self._files += part.files
        types = dict(part.layout.types)
        columns = {
            column.name: self._typed_column(column, part, types, given)
            for column in self.table.columns
        }
        values = ", ".join(f"{c.value} as {name}" for name, c in columns.items())
        complaints = [c.complaint for c in columns.values() if c.complaint != "null"]
        complaints.append(self._key_complaint(columns))
        if part.layout.ending == ".jsonl":
            complaints.insert(
                0, f"case when not {_IS_OBJECT} then 'the line is no JSON object' end"
            )
            complaints.insert(1, _KEY_TWICE)
        payload = self._payload(part, columns)
        rows = prepared(part.name, columns.values())
        judged = f"(select *, coalesce({', '.join(complaints)}) as _problem from {rows})"
        self.connection.execute(
            f"insert into {self.typed} select {values}, {self._extra(part)}, _file, _line, "
            f"_problem, case when _problem is not null then {payload} end from {judged}"
        )
        self._note_columns(part)
        return self._counted(part.files)

    def _note_columns(self, part: Part) -> None:
        names = [name for name, _ in part.layout.extra]
        if part.layout.ending == ".jsonl":
            files = ", ".join(literal(file) for file in part.files)
            names = [
                row[0]
                for row in self.connection.execute(
                    f"select distinct unnest(json_keys(_extra)) from {self.typed} "
                    f"where _extra is not null and _problem is null and _file in ({files})"
                ).fetchall()
            ]
        self.unknown_columns = sorted({*self.unknown_columns, *names})
        given = dict(part.layout.positions)
        absent = [column.name for column in self.table.columns if column.name not in given]
        self.absent_columns = sorted({*self.absent_columns, *absent})

    def set_duplicates_aside(self) -> None:
        """Within one file the first row of a key (and version) stays; the others are set aside.

        Only keys that stand twice are looked at: hashes of all of them are counted, which takes a
        fifth of the time and memory that the keys would.
        """
        self.connection.execute(
            f"create temp table {self.repeated} as select {self.key_hash()} as key_hash "
            f"from {self.typed} where _problem is null group by 1 having count(*) > 1"
        )
        if not self.connection.execute(f"select 1 from {self.repeated} limit 1").fetchone():
            return
        identity = ["_file", *self.table.key]
        if self.table.version_at:
            identity.append(self.table.version_at)
        keys = ", ".join(identity)
        same = " and ".join(f"t.{name} is not distinct from d.{name}" for name in identity)
        self.connection.execute(
            f"update {self.typed} as t set _problem = {literal(TWICE)}, "
            f"_payload = {self._payload_of_typed()} from (select {keys}, min(_line) as first_line "
            f"from {self.typed} where _problem is null "
            f"and {self.key_hash()} in (from {self.repeated}) "
            f"group by {keys} having count(*) > 1) d "
            f"where {same} and t._line > d.first_line and t._problem is null"
        )

    def key_hash(self, alias: str = "") -> str:
        """A number for the key of a row: equal for equal keys, nearly always another for others."""
        return f"hash({', '.join(alias + name for name in self.table.key)})"

    def refuse_bad_files(self, max_share: float, never_empty: bool) -> list[FileProblemError]:
        """Files with too many bad rows, and files without rows where there must be some."""
        problems = []
        counts = self._rows_by_file()
        for file, (rows, bad, reason, lines) in counts.items():
            if bad >= MIN_ROWS_TO_HOLD and bad > max_share * rows:
                column = reason.split(":")[0] if ": " in reason else None
                reason = reason.removeprefix(f"{column}: ")
                message = (
                    f"{bad} of {rows} rows cannot be taken, more than {max_share:.1%}; most "
                    f"often: {reason}. Mend the export (a retyped or shifted column?), or raise "
                    "max_quarantined_share if they are to be set aside."
                )
                problems.append(FileProblemError(file, message, column=column, lines=lines))
            elif rows == 0 and never_empty:
                message = "the file has no rows, and this table is never empty. Export it again."
                problems.append(FileProblemError(file, message))
        return problems

    def quarantined(self) -> list[QuarantinedRow]:
        """Rows set aside, with the reason, by file and line."""
        rows = self.connection.execute(
            f"select _file, _line, _problem, _payload, {self.identity()} from {self.typed} "
            "where _problem is not null order by _file, _line"
        ).fetchall()
        name = self.table.qualified_name
        found = [QuarantinedRow(name, *row) for row in rows]
        found += [QuarantinedRow(name, b.file, b.line, b.reason, b.payload) for b in self._broken]
        return sorted(found, key=lambda row: (row.file, row.line))

    def identity(self) -> str:
        """What tells rows of `typed` apart, as far as it can be read: key, owner, version."""
        needed = self.table.key[:1] if self.table.nullable_key else self.table.key
        present = " and ".join(f"{name} is not null" for name in needed)
        owner = owner_of(self.table) if self.table.parent_key else "cast(null as varchar)"
        return (
            f"case when {present} then {row_key(self.table)} end as row_key, {owner} as owner, "
            f"{self.table.version_at or 'cast(null as timestamp)'} as version_at"
        )

    def rows_in(self) -> dict[str, int]:
        """Rows of each file, the broken ones included."""
        counted = dict.fromkeys(self._files, 0) | self._counted(self._files)
        for row in self._broken:
            counted[row.file] += 1
        return counted

    def _counted(self, files: list[str]) -> dict[str, int]:
        names = ", ".join(literal(file) for file in files)
        return dict(
            self.connection.execute(
                f"select _file, count(*) from {self.typed} where _file in ({names}) group by _file"
            ).fetchall()
        )

    def has_unreadable_keys(self, files: list[str]) -> bool:
        """Whether some row of these files cannot be named, because its key cannot be read."""
        if any(row.file in files for row in self._broken):
            return True
        if self.table.nullable_key:
            return False
        names = ", ".join(literal(file) for file in files)
        missing = " or ".join(f"{name} is null" for name in self.table.key)
        found = self.connection.execute(
            f"select 1 from {self.typed} where _file in ({names}) and ({missing}) limit 1"
        ).fetchone()
        return found is not None

    def hash_personal_values(self) -> None:
        """Make `good`: rows without a problem, with a keyed hash for each personal value.

        Distinct values are hashed once: a member's id stands on a thousand receipts. With personal
        columns it is a table: it is read for what is new, for raw, for `pii` and for the keys, and
        a hash is looked up once for all of them.
        """
        hidden = [column.name for column in self.table.hashed]
        if self.table.personal:
            hidden.append("_extra")
        hashes = {name: self._hash_table(name) for name in hidden}
        joins = [
            f"left join {map_table} on {map_table}.value = cast(t.{name} as varchar)"
            for name, map_table in hashes.items()
            if map_table
        ]
        # `_row` names the row to what is found out about it: the key's own texts take far longer.
        columns = ["t.rowid as _row"]
        for name in self.table.raw_columns:
            if name in self.table.identity_keys:
                continue
            if name == "_load_id":
                columns.append(f"{literal(self.load_id)} as _load_id")
            elif name == "_extra" and "_extra" in hashes:
                hidden_hash = _hash_in(hashes["_extra"])
                columns.append(
                    f"case when t._extra is not null then cast(json_object('hidden_hash', "
                    f"{hidden_hash}) as varchar) end as _extra"
                )
            elif name.endswith("_hash"):
                columns.append(f"{_hash_in(hashes[name.removesuffix('_hash')])} as {name}")
            else:
                columns.append(f"t.{name}")
        plain = [f"t.{column.name} as plain_{column.name}" for column in self.table.personal]
        plain.append("t._extra as plain__extra")
        kind = "table" if self.table.personal else "view"
        self.connection.execute(
            f"create or replace temp {kind} {self.good} as select {', '.join(columns + plain)} "
            f"from {self.typed} t {' '.join(joins)} where t._problem is null"
        )

    def _typed_ddl(self) -> str:
        declared = [f"{column.name} {column.kind.value}" for column in self.table.columns]
        return ", ".join(
            [
                *declared,
                "_extra varchar",
                "_file varchar",
                "_line bigint",
                "_problem varchar",
                "_payload varchar",
            ]
        )

    def _typed_column(
        self, column: Column, part: Part, types: dict[str, str], given: FileFormat
    ) -> TypedColumn:
        source = part.layout.source_of(column.name)
        if part.layout.ending == ".jsonl":
            path = '$."' + str(source).replace('"', '\\"').replace("'", "''") + '"'
            text = f"json_extract_string({_VALID_JSON}, '{path}')"
            return typed(column, text, "VARCHAR", given, self.now)
        if source is None:
            return absent(column)
        return typed(column, source, types.get(source, "VARCHAR"), given, self.now)

    def _key_complaint(self, columns: dict[str, TypedColumn]) -> str:
        """Where parts of a key may be empty, not all but the first may be."""
        if not self.table.nullable_key:
            return "cast(null as varchar)"
        rest = " and ".join(f"{columns[name].value} is null" for name in self.table.key[1:])
        names = " and ".join(self.table.key[1:])
        return f"case when {rest} then '{names}: one of them must be given' end"

    def _extra(self, part: Part) -> str:
        if part.layout.ending == ".jsonl":
            known = ", ".join(f"{literal(source)}, null" for _, source in part.layout.positions)
            found = f"json_merge_patch({_VALID_JSON}, json_object({known}))"
            return f"nullif(cast({found} as varchar), '{{}}')"
        if not part.layout.extra:
            return "cast(null as varchar)"
        is_text = part.layout.ending == ".csv"
        pairs = ", ".join(
            f"{literal(name)}, " + (f"nullif({source}, '')" if is_text else source)
            for name, source in part.layout.extra
        )
        return f"nullif(cast(json_merge_patch('{{}}', json_object({pairs})) as varchar), '{{}}')"

    def _payload(self, part: Part, columns: dict[str, TypedColumn]) -> str:
        """Good values as they were read, the others as they stand in the file."""
        pairs = ", ".join(
            f"'{column.name}', coalesce({plain_text(column, typed.value)}, "
            f"cast({typed.text} as varchar))"
            for column, typed in ((self.table.column(name), c) for name, c in columns.items())
            if typed.text != "null"
        )
        payload = json_text(self._extra(part), pairs)
        if part.layout.ending == ".jsonl":
            return f"case when {_IS_OBJECT} then {payload} else line end"
        return payload

    def _payload_of_typed(self) -> str:
        pairs = ", ".join(
            f"'{column.name}', {plain_text(column, f't.{column.name}')}"
            for column in self.table.columns
        )
        return json_text("t._extra", pairs)

    def _hash_table(self, column: str) -> str | None:
        """A table of a column's distinct values and their hashes; None if it has no value."""
        name = f"hash_{self.table.dataset}_{self.table.name}_{column}"
        values = (
            f"select distinct cast({column} as varchar) as value from {self.typed} "
            f"where {column} is not null and _problem is null"
        )
        hashed = keyed_hasher(self.key, column)
        return (
            name if work_through(self.connection, values, name, partial(_hashes, hashed)) else None
        )

    def _rows_by_file(self) -> dict[str, tuple[int, int, str, tuple[int, ...]]]:
        """Per file: rows, bad rows, the most frequent reason, the first bad lines.

        Counted by the engine: in a file with a retyped column all rows are bad.
        """
        reasons: dict[str, dict[str, tuple[int, list[int]]]] = {}
        for file, reason, count, lines in self.connection.execute(
            f"select _file, _problem, count(*), (list(_line order by _line))[1:3] "
            f"from {self.typed} where _problem is not null group by _file, _problem"
        ).fetchall():
            reasons.setdefault(file, {})[reason] = (count, lines)
        for row in self._broken:
            count, lines = reasons.setdefault(row.file, {}).get(row.reason, (0, []))
            reasons[row.file][row.reason] = (count + 1, [*lines, row.line][:3])
        found = {}
        for file, rows in self.rows_in().items():
            bad = reasons.get(file, {})
            most = min(bad, key=lambda reason: (-bad[reason][0], reason), default="")
            lines = tuple(bad[most][1]) if bad else ()
            found[file] = (rows, sum(count for count, _ in bad.values()), most, lines)
        return found


def _hash_in(map_table: str | None) -> str:
    return f"{map_table}.hash" if map_table else "cast(null as varchar)"


def _hashes(hashed: Callable[[str], str | None], rows: pyarrow.Table) -> pyarrow.Table:
    """Values with their hashes."""
    import pyarrow

    hashes = [hashed(value) for value in rows["value"].to_pylist()]
    return rows.append_column("hash", pyarrow.array(hashes, pyarrow.string()))
