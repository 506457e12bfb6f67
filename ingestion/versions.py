"""Which landed rows say something new, and which keys a snapshot no longer has.

A row is compared with its latest known version, in the order of design: `version_at`, delivery,
arrival, file, line. Equal rows are counted and not stored. Lines, payments and redemptions are
compared as the set that one delivery brings for one receipt, because a corrected receipt re-sends
all of them and staging takes whole sets.

Only rows that have something to be compared with are: those whose key (for sets: whose receipt) is
known to raw or stands twice among the landed rows. On a first load these are few, and on a night
raw is asked for the keys that came, not read as a whole.

A row in quarantine is a version of unknown content: while it is open, a row of its key (for sets:
of its receipt) is always stored, because what it is equal to may not be what came last.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from ingestion.batches import work_through
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
        self._unchanged = f"{self.new}_unchanged"
        self._known_rows, self._met = f"{self.new}_known", f"{self.new}_met"

    def keep_what_is_new(self) -> None:
        """Make the view `new`: the rows of `good` that are no repetition, with identity keys."""
        self._make_new(self._fresh_rows())

    def keep_all(self) -> None:
        """Make the view `new` of all rows of `good`, with identity keys."""
        self._make_new(f"select * from {self.landing.good}")

    def _make_new(self, fresh: str) -> None:
        if self.table.key_groups:
            fresh = self._with_identity_keys(fresh)
        self.connection.execute(f"create temp view {self.new} as {fresh}")

    def stored_by_file(self) -> dict[str, int]:
        """Rows kept of each file: the good ones that are not unchanged."""
        kept = Counter(self._rows_by_file(f"{self.landing.typed} where _problem is null"))
        kept.subtract(self._rows_by_file(self._unchanged))
        return {file: rows for file, rows in kept.items() if rows}

    def _rows_by_file(self, rows: str) -> dict[str, int]:
        return dict(
            self.connection.execute(f"select _file, count(*) from {rows} group by _file").fetchall()
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
        known = f"select row_key from ({self._latest_known(key, self.raw)}) union {aside}"
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
        self.connection.execute(f"create temp table {self._unchanged} (_file varchar, _row bigint)")
        if not self._find_what_meets():
            return f"select * from {self.landing.good}"
        self._register_sequences()
        self._register_unknown()
        unchanged = self._unchanged_sets() if self.table.parent_key else self._unchanged_rows()
        self.connection.execute(f"insert into {self._unchanged} {unchanged}")
        # As `not exists` the engine would lay all rows aside first, to ask each number once.
        return f"select * from {self.landing.good} anti join {self._unchanged} using (_row)"

    def _with_identity_keys(self, fresh: str) -> str:
        """The fresh rows with the keys made of them; a snapshot's known rows cost nothing."""
        from ingestion.normalisation.keys import ROW, IdentityKeys

        personal = {column.name for column in self.table.personal}
        sources = ", ".join(
            f"plain_{source} as {source}" if source in personal else source
            for source in self.table.key_sources
        )
        keys, maker = f"{self.new}_keys", IdentityKeys(self.table, self.landing.key)
        query = f"select {ROW}, {sources} from ({fresh})"
        if not work_through(self.connection, query, keys, maker.of):
            names = ", ".join(
                f"cast(null as bigint) as {name}" for name in self.table.identity_keys
            )
            return f"select *, {names} from ({fresh})"
        return f"select * from ({fresh}) join {keys} using ({ROW})"

    def _find_what_meets(self) -> bool:
        """Make `_known_rows`, the rows of raw whose key came again, and `_met`; whether any is.

        `_met` has hashes of keys (for sets: of receipts): all that stand in `_known_rows`, and
        those that stand twice among the new rows. A hash too many costs time and changes nothing.
        """
        is_known = self._count(f"select 1 from {self.raw} limit 1") > 0
        found = f"where rowid in ({self._came_again()})" if is_known else "limit 0"
        self.connection.execute(
            f"create temp table {self._known_rows} as select * from {self.raw} {found}"
        )
        self.connection.execute(
            f"create temp table {self._met} as {self._repeated()} "
            f"union select {self._met_by()} from {self._known_rows}"
        )
        return self._count(f"select 1 from {self._met} limit 1") > 0

    def _came_again(self) -> str:
        """Numbers of the rows of raw whose key, or receipt, is among the new rows."""
        if self.table.parent_key:
            keys = f"{owner_of(self.table)} as owner"
            same = f"{owner_of(self.table, 'r.')} = g.owner"
        else:
            keys = ", ".join(self.table.key)
            first, *others = self.table.key
            same = f"r.{first} = g.{first}" + "".join(
                f" and r.{name} is not distinct from g.{name}" for name in others
            )
        return (
            f"select r.rowid from {self.raw} r semi join "
            f"(select distinct {keys} from {self.landing.typed} where _problem is null) g on {same}"
        )

    def _repeated(self) -> str:
        """Hashes of what stands twice among the new rows: a key, or a receipt in two files."""
        if not self.table.parent_key:
            return f"select key_hash from {self.landing.repeated}"
        if len(self.files) == 1:
            return "select 0::ubigint as key_hash where false"
        return (
            f"select {self._met_by()} as key_hash from {self.landing.typed} "
            "where _problem is null group by 1 having min(_file) <> max(_file)"
        )

    def _met_by(self, alias: str = "") -> str:
        """What `_met` holds of a row."""
        if self.table.parent_key:
            return f"hash({owner_of(self.table, alias)})"
        return self.landing.key_hash(alias)

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
            f"g._row, true as is_candidate from {self.landing.good} g "
            f"join {self._sequences} s on s.file = g._file "
            f"where {self._met_by('g.')} in (from {self._met})"
        )

    def _known(self, columns: str, rows: str) -> str:
        return (
            f"select {columns}, f.sequence, f.load_number, g._file, g._line, "
            "cast(null as bigint) as _row, false as is_candidate "
            f"from {rows} g join wh.ledger.files f on f.load_id = g._load_id and f.file = g._file "
            f"and f.table_name = '{self.table.qualified_name}'"
        )

    def _latest_known(self, key: str, rows: str) -> str:
        """Latest version of each key of these rows of raw that is among no deletion since."""
        version = self.table.version_at or "cast(null as timestamp)"
        columns = f"{key} as row_key, {self._content()} as content, {version} as version_at"
        return (
            "select k.* from ("
            f"select * from ({self._known(columns, rows)}) qualify row_number() over "
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
        known = self._latest_known(key, self._known_rows)
        return (
            "select _file, _row from (select *, lag(content) over (partition by row_key order by "
            "version_at nulls first, sequence, load_number, is_candidate, _file, _line) as before "
            f"from ({self._candidates(columns)} union all {known})) v "
            f"where is_candidate and content = before and not exists (select 1 from "
            f"{self.new}_unknown u where u.row_key = v.row_key and (u.version_at is null "
            "or v.version_at is null or u.version_at = v.version_at))"
        )

    def _unchanged_sets(self) -> str:
        """Rows of sets equal to the set just before them in the order of deliveries."""
        owner = owner_of(self.table)
        columns = f"{owner} as owner, {self._content()} as content"
        known = self._known(columns, self._known_rows)
        rows = f"{self._candidates(columns)} union all {known}"
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
            f"select g._file, g._row from {self.landing.good} g join ({repeated}) r "
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
