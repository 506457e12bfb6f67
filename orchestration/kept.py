"""Tables that are kept from night to night, of which only touched keys are worked out again.

What prints and kept tables are, `dbt_project/macros/materializations/kept.sql` says. Here a run
keeps them. `kept.tables` says of each of them of which code and settings it is (`code`), up to
which night it followed, and for prints the night behind which their slice begins (`slice_from`;
none where all is worked out). A night works out slices only if that is known of all tables that
follow the same prints; in any doubt all of them are worked out whole. This is settled where the
prints are made, so that all read the same slice. A table that was left behind by a run makes the
next slice reach further back.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ingestion.engine import literal

if TYPE_CHECKING:
    import duckdb

    from orchestration.compiled import Table

_MARK = re.compile(r"/\*slice (\w+)\*/(.*?)/\*whole\*/(.*?)/\*end\*/", re.DOTALL)
_NIGHT = "/*night*/"


@dataclass(frozen=True)
class _State:
    """What is known of a kept table; nothing but None where nothing is."""

    code: str | None = None
    night: int | None = None
    slice_from: int | None = None


class Keeper:
    """Builds prints and kept tables in the warehouse of a run.

    Args:
        code: tells the code and the settings that tables are made with from others.
        followers: prints and kept tables of the project.
        full: nothing that an earlier run kept is used.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        code: str,
        followers: Iterable[Table],
        *,
        full: bool,
    ) -> None:
        self._connection, self._code, self._full = connection, code, full
        self._followers = list(followers)
        connection.execute("create schema if not exists kept")
        connection.execute(
            "create table if not exists kept.tables "
            "(name varchar, code varchar, night bigint, slice_from bigint)"
        )
        # Asked at every mark of every model: a run is the only one who changes it.
        self._states = {
            name: _State(*state)
            for name, *state in connection.execute(
                "select name, code, night, slice_from from kept.tables"
            ).fetchall()
        }
        self._there = {
            f"{schema}.{name}"
            for schema, name in connection.execute(
                "select schema_name, table_name from duckdb_tables()"
            ).fetchall()
        }

    def filled(self, sql: str) -> str:
        """SQL of a model with its marks settled: of the slice, or of the whole."""

        def settle(mark: re.Match[str]) -> str:
            prints, part, whole = mark.groups()
            start = self._slice_from(prints)
            return whole if start is None else part.replace(_NIGHT, str(start))

        return _MARK.sub(settle, sql)

    def build(self, table: Table) -> None:
        """Bring a table of prints or a kept table to this night."""
        if table.kind == "prints":
            self._build_prints(table)
        else:
            self._build_kept(table)

    def _build_prints(self, table: Table) -> None:
        night = 1 + max((state.night or 0 for state in self._states.values()), default=0)
        start = self._start_of_slice(table)
        if start is None:
            self._connection.execute(
                f"create or replace table {table.relation} as "
                f"select * replace (cast({night} as bigint) as began) from ({table.sql})"
            )
        else:
            self._take_versions(table, night, start)
            if table.never_ends and self._has_ended(table, start):
                start = None
        self._note(table, night, start)

    def _build_kept(self, table: Table) -> None:
        sql = self.filled(table.sql)
        if self._slice_from(table.prints) is None:
            self._connection.execute(f"create or replace table {table.relation} as {sql}")
        else:
            self._take_rows(table, sql)
        self._note(table, self._state(table.prints).night, None)

    def _slice_from(self, prints: str) -> int | None:
        """The night whose changes, and all later ones, a slice has; None: all is worked out."""
        state = self._state(prints)
        return state.slice_from if state.code == self._code and not self._full else None

    def _start_of_slice(self, prints: Table) -> int | None:
        """The night that the table which followed least far followed to."""
        if self._full:
            return None
        tables = [one for one in self._followers if one.prints == prints.name]
        states = [self._state(one.name) for one in tables if one.relation in self._there]
        nights = [one.night for one in states if one.code == self._code and one.night is not None]
        return min(nights) if len(nights) == len(tables) else None

    def _take_versions(self, table: Table, night: int, start: int) -> None:
        """What is not of today ends, what is new begins; what no slice asks for is forgotten."""
        same = f"now.{table.key} = before.{table.key} and now.print = before.print"
        # Row numbers alone: what else a version holds would go through the comparison with it.
        numbered = f"select rowid as row_number, {table.key}, print from"
        for statement in (
            f"create or replace temp table versions_now as {table.sql}",
            f"delete from {table.relation} where ended <= {start}",
            "create or replace temp table versions_apart as "
            "select before.row_number as ended_row, now.row_number as begun_row "
            f"from ({numbered} {table.relation} where ended is null) as before "
            f"full join ({numbered} versions_now) as now on {same} "
            "where before.row_number is null or now.row_number is null",
            f"update {table.relation} set ended = {night} "
            "where rowid in (select ended_row from versions_apart)",
            f"insert into {table.relation} select * replace (cast({night} as bigint) as began) "
            "from versions_now where rowid in (select begun_row from versions_apart)",
            "drop table versions_now",
            "drop table versions_apart",
        ):
            self._connection.execute(statement)

    def _take_rows(self, table: Table, sql: str) -> None:
        """Rows of touched keys replaced by those worked out now; equal ones are left alone."""
        self._connection.execute(f"create or replace temp table rows_now as {sql}")
        columns = [name for name, *_ in self._connection.execute("describe rows_now").fetchall()]
        same = " and ".join(
            f'now."{name}" is not distinct from before."{name}"' for name in columns
        )
        for statement in (
            f"create or replace temp table rows_before as select rowid as row_number, * "
            f"from {table.relation} "
            f"where {table.key} in ({table.touched})",
            f"delete from {table.relation} where rowid in (select row_number "
            f"from rows_before as before where not exists (select 1 from rows_now as now "
            f"where {same}))",
            f"insert into {table.relation} by name select * from rows_now as now "
            f"where not exists (select 1 from rows_before as before where {same})",
            "drop table rows_now",
            "drop table rows_before",
        ):
            self._connection.execute(statement)

    def _has_ended(self, table: Table, start: int) -> bool:
        (count,) = self._one(f"select count(*) from {table.relation} where ended > {start}")
        return bool(count)

    def _note(self, table: Table, night: int | None, slice_from: int | None) -> None:
        """This table followed up to a night, with the code and the settings of this run."""
        values = ", ".join(literal(one) for one in (table.name, self._code, night, slice_from))
        self._connection.execute(f"delete from kept.tables where name = {literal(table.name)}")
        self._connection.execute(f"insert into kept.tables values ({values})")
        self._states[table.name] = _State(self._code, night, slice_from)
        self._there.add(table.relation)

    def _state(self, name: str) -> _State:
        return self._states.get(name, _State())

    def _one(self, query: str) -> tuple[int]:
        row = self._connection.execute(query).fetchone()
        assert row is not None
        return row
