"""Section: rows that came in, by table of the contract, and rows that went out, by mart."""

from __future__ import annotations

from dataclasses import dataclass

from orchestration.report import formats
from orchestration.report.sources import Sources
from words import both

_COUNTS = ("files", "rows_in", "unchanged", "quarantined", "stored", "deleted")
HEADER_IN = ("table", "files", "rows in", "unchanged", "quarantined", "stored", "deleted")
HEADER_OUT = ("mart", "rows", "change")


@dataclass(frozen=True)
class RowsIn:
    """Rows of one table in the files that the run read; files it knew already are not read."""

    feed: str
    table: str
    files: int
    rows_in: int
    unchanged: int
    quarantined: int
    stored: int
    deleted: int


@dataclass(frozen=True)
class RowsOut:
    """Rows of one published table, and how many the publication before had."""

    mart: str
    rows: int
    before: int | None

    @property
    def change(self) -> int | None:
        return None if self.before is None else self.rows - self.before


@dataclass(frozen=True)
class Rows:
    """Tables of which files came, how many had none, and the marts of a run that published."""

    came: tuple[RowsIn, ...]
    tables_without_files: int
    went: tuple[RowsOut, ...]

    def total(self, column: str) -> int:
        """Sum of a column over the tables."""
        return sum(getattr(row, column) for row in self.came)


def gather(sources: Sources) -> Rows:
    """Accounting of the run, from the journal, and of the marts, from the manifests."""
    rows = sources.of_run(
        "select feed, table_name, files, rows_in, rows_unchanged, rows_quarantined, rows_stored, "
        "rows_deleted from ops.row_accounting where run_id = ? order by feed, table_name"
    )
    came = tuple(RowsIn(*row) for row in rows)
    before = sources.previous["tables"] if sources.previous else {}
    now = sources.manifest["tables"] if sources.manifest else {}
    return Rows(
        came=tuple(row for row in came if row.files),
        tables_without_files=sum(not row.files for row in came),
        went=tuple(
            RowsOut(name, table["rows"], before[name]["rows"] if name in before else None)
            for name, table in sorted(now.items())
        ),
    )


def lines(rows: Rows) -> list[str]:
    """Both tables, in lines."""
    told = ["no new files"]
    if rows.came:
        told = formats.columns([HEADER_IN, *body_in(rows)], right=range(1, len(HEADER_IN)))
    if rows.went:
        told += ["", *formats.columns([HEADER_OUT, *body_out(rows)], right=(1, 2))]
    return told


def body_in(rows: Rows) -> list[tuple[str, ...]]:
    """A row a table with files, and their sum."""
    body = [
        (row.table, *(formats.count(getattr(row, name)) for name in _COUNTS)) for row in rows.came
    ]
    return [*body, (both("together"), *(formats.count(rows.total(name)) for name in _COUNTS))]


def body_out(rows: Rows) -> list[tuple[str, str, str]]:
    """A row a mart; a dot where it has as many rows as before."""
    return [(f"marts.{row.mart}", formats.count(row.rows), _change(row)) for row in rows.went]


def _change(row: RowsOut) -> str:
    if row.change is None:
        return both("new")
    return formats.change_of(row.change, "count", "") if row.change else "·"
