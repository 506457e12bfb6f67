"""Which landed rows say something new, and which keys a snapshot no longer has.

A row is compared with its latest known version, in the order of design: `version_at`, delivery,
arrival, file, line. Equal rows are counted and not stored. Lines, payments and redemptions are
compared as the set that one delivery brings for one receipt, because a corrected receipt re-sends
all of them and staging takes whole sets.

A row in quarantine is a version of unknown content: while it is open, a row of its key (for sets:
of its receipt) is always stored, because what it is equal to may not be what came last.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ingestion.contract import Table
from ingestion.discovery import FoundFile
from ingestion.engine import literal, values_rows
from ingestion.errors import FileProblemError
from ingestion.landing import Landing
from ingestion.row_text import owner_of, row_key

if TYPE_CHECKING:
    import duckdb


class Versions:
    """Compares the landed rows of one table with the attached warehouse `wh`."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        table: Table,
        landing: Landing,
        files: list[FoundFile],
        load_number: int,
    ) -> None:
        self.connection, self.table, self.landing = connection, table, landing
        self.files, self.load_number = files, load_number
        self.new = f"new_{table.dataset}_{table.name}"
        self.raw = f"wh.{table.qualified_name}"
        self._sequences = f"sequences_{table.dataset}_{table.name}"

    def keep_what_is_new(self) -> None:
        """Make the view `new`: the rows of `good` that are no repetition, with identity keys."""
        fresh = self._fresh_rows()
        if self.table.key_groups:
            fresh = self._with_identity_keys(fresh)
        self.connection.execute(f"create temp view {self.new} as {fresh}")

    def keep_all(self) -> None:
        """Make the view `new` of all rows of `good`, with identity keys."""
        fresh = f"select * from {self.landing.good}"
        if self.table.key_groups:
            fresh = self._with_identity_keys(fresh)
        self.connection.execute(f"create temp view {self.new} as {fresh}")

    def stored_by_file(self) -> dict[str, int]:
        """Rows kept of each file."""
        return dict(
            self.connection.execute(
                f"select _file, count(*) from {self.new} group by _file"
            ).fetchall()
        )

    def vanished_keys(self, max_share: float) -> list[str]:
        """Keys that the newest snapshot no longer has, of those known and those landed with it.

        None are told where it would be a guess: the snapshot is older than one that is loaded, or
        has rows whose key cannot be read. The next whole snapshot tells them.

        Raises:
            FileProblemError: more than `max_share` of the known keys are missing.
        """
        newest = max((file.sequence for file in self.files), default="")
        if newest < self._newest_loaded():
            return []
        day = newest[:8]
        snapshot = [file.name for file in self.files if file.sequence[:8] == day]
        if self.landing.has_unreadable_keys(snapshot):
            return []
        self._register_sequences()
        key = row_key(self.table)
        names = ", ".join(literal(name) for name in snapshot)
        present = f"select {key} from {self.landing.typed} where _file in ({names})"
        aside = f"select row_key from ({self._open_quarantine()}) where row_key is not null"
        known = f"select row_key from ({self._latest_known(key)}) union {aside}"
        vanished = self._column(f"({known}) except {present} order by 1")
        self._refuse_many_vanished(snapshot, len(vanished), self._count(known), max_share)
        landed = f"select {key} from {self.landing.good} where _file not in ({names})"
        return vanished + self._column(f"({landed} except {present}) except ({known}) order by 1")

    def _refuse_many_vanished(
        self, snapshot: list[str], vanished: int, total: int, max_share: float
    ) -> None:
        if vanished <= max_share * total:
            return
        where = f"[feeds.{self.table.feed_name}.tables.{self.table.name}] in tokui.toml"
        raise FileProblemError(
            snapshot[-1],
            f"{vanished} of {total} known keys are missing from this snapshot, more than "
            f'{max_share:.0%}. Export all of them; or set mode = "delta" under {where} if the '
            "file holds changes only, or max_vanished_share there if they are gone indeed.",
        )

    def _newest_loaded(self) -> str:
        """Delivery of the newest file of the table that is loaded already."""
        name = literal(self.table.qualified_name)
        rows = self._column(f"select max(sequence) from wh.ledger.files where table_name = {name}")
        return rows[0] or ""

    def _fresh_rows(self) -> str:
        if not self._anything_known() and not self._repeats_itself():
            return f"select * from {self.landing.good}"
        self._register_sequences()
        self._register_unknown()
        unchanged = self._unchanged_sets() if self.table.parent_key else self._unchanged_rows()
        self.connection.execute(f"create temp table {self.new}_unchanged as {unchanged}")
        return (
            f"select * from {self.landing.good} g where not exists "
            f"(select 1 from {self.new}_unchanged u where u._file = g._file and u._line = g._line)"
        )

    def _with_identity_keys(self, fresh: str) -> str:
        """The fresh rows with the keys made of them; a snapshot's known rows cost nothing."""
        from ingestion.normalisation.keys import ROW, identity_keys

        personal = {column.name for column in self.table.personal}
        sources = ", ".join(
            f"plain_{source} as {source}" if source in personal else source
            for source in self.table.key_sources
        )
        rows = self.connection.execute(f"select {ROW}, {sources} from ({fresh})").to_arrow_table()
        self.connection.register("arrow_keys", identity_keys(self.table, rows, self.landing.key))
        self.connection.execute(f"create temp table {self.new}_keys as from arrow_keys")
        self.connection.unregister("arrow_keys")
        return f"select * from ({fresh}) join {self.new}_keys using ({ROW})"

    def _anything_known(self) -> bool:
        return self._count(f"select 1 from {self.raw} limit 1") > 0

    def _repeats_itself(self) -> bool:
        """Whether a key (for sets: a receipt in two files) stands twice among the new rows."""
        if self.table.parent_key:
            if len(self.files) == 1:
                return False
            same = f"{self.table.parent_key} having min(_file) <> max(_file)"
        else:
            same = f"{', '.join(self.table.key)} having count(*) > 1"
        grouped = f"select 1 from {self.landing.good} group by {same} limit 1"
        return self._count(grouped) > 0

    def _register_sequences(self) -> None:
        rows = values_rows((file.name, file.sequence) for file in self.files)
        self.connection.execute(
            f"create or replace temp table {self._sequences} as "
            f"select * from (values {rows}) as t (file, sequence)"
        )

    def _register_unknown(self) -> None:
        """Keys and owners that have a version of unknown content: rows in quarantine."""
        self.connection.execute(
            f"create temp table {self.new}_unknown as {self._open_quarantine()} union all "
            f"select {self.landing.identity()} from {self.landing.typed} "
            "where _problem is not null"
        )

    def _open_quarantine(self) -> str:
        return (
            "select row_key, owner, version_at from wh.ledger.quarantined_rows "
            f"where table_name = {literal(self.table.qualified_name)} and state = 'open'"
        )

    def _candidates(self, columns: str) -> str:
        return (
            f"select {columns}, s.sequence, {self.load_number} as load_number, g._file, g._line, "
            f"true as is_candidate from {self.landing.good} g "
            f"join {self._sequences} s on s.file = g._file"
        )

    def _known(self, columns: str, condition: str) -> str:
        return (
            f"select {columns}, f.sequence, f.load_number, g._file, g._line, "
            f"false as is_candidate from {self.raw} g join wh.ledger.files f "
            f"on f.load_id = g._load_id and f.file = g._file "
            f"and f.table_name = '{self.table.qualified_name}' where {condition}"
        )

    def _latest_known(self, key: str, condition: str = "true") -> str:
        """Latest version of each known key that is among no deletion since."""
        version = self.table.version_at or "cast(null as timestamp)"
        columns = f"{key} as row_key, {self._content()} as content, {version} as version_at"
        return (
            "select k.* from ("
            f"select * from ({self._known(columns, condition)}) qualify row_number() over "
            "(partition by row_key order by version_at desc nulls last, sequence desc, "
            "load_number desc, _file desc, _line desc) = 1) k "
            "where not exists (select 1 from wh.ledger.deletions d where "
            f"d.table_name = '{self.table.qualified_name}' and d.row_key = k.row_key "
            "and (d.sequence, d.load_number) >= (k.sequence, k.load_number))"
        )

    def _unchanged_rows(self) -> str:
        """Rows equal to the version just before them in version order."""
        key = row_key(self.table)
        version = self.table.version_at or "cast(null as timestamp)"
        columns = f"{key} as row_key, {self._content()} as content, {version} as version_at"
        mine = f"{key} in (select {key} from {self.landing.good})"
        return (
            "select _file, _line from (select *, lag(content) over (partition by row_key order by "
            "version_at nulls first, sequence, load_number, is_candidate, _file, _line) as before "
            f"from ({self._candidates(columns)} union all {self._latest_known(key, mine)})) v "
            f"where is_candidate and content = before and not exists (select 1 from "
            f"{self.new}_unknown u where u.row_key = v.row_key and (u.version_at is null "
            "or v.version_at is null or u.version_at = v.version_at))"
        )

    def _unchanged_sets(self) -> str:
        """Rows of sets equal to the set just before them in the order of deliveries."""
        owner = owner_of(self.table)
        columns = f"{owner} as owner, {self._content()} as content"
        mine = f"{owner} in (select {owner} from {self.landing.good})"
        rows = f"{self._candidates(columns)} union all {self._known(columns, mine)}"
        sets = (
            "select owner, sequence, load_number, _file, is_candidate, "
            f"md5(string_agg(content, '' order by content)) as content from ({rows}) group by all"
        )
        repeated = (
            "select owner, _file from (select *, lag(content) over (partition by owner order by "
            f"sequence, load_number, is_candidate, _file) as before from ({sets})) s "
            "where is_candidate and content = before and not exists "
            f"(select 1 from {self.new}_unknown u where u.owner = s.owner)"
        )
        return (
            f"select g._file, g._line from {self.landing.good} g join ({repeated}) r "
            f"on r.owner = {owner_of(self.table, 'g.')} "
            "and r._file = g._file"
        )

    def _content(self) -> str:
        pairs = ", ".join(f"{name} := {name}" for name in self.table.content_columns)
        return f"md5(cast(to_json(struct_pack({pairs})) as varchar))"

    def _column(self, query: str) -> list[str]:
        return [row[0] for row in self.connection.execute(query).fetchall()]

    def _count(self, query: str) -> int:
        row = self.connection.execute(f"select count(*) from ({query})").fetchone()
        return int(row[0]) if row else 0
