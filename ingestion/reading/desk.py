"""Where the files of one table are read: scratch tables, scratch files, the table's settings."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ingestion.contract import Table
from ingestion.discovery import FoundFile
from ingestion.engine import literal, values_rows
from ingestion.settings import FileFormat, Limits

if TYPE_CHECKING:
    import duckdb

_LONGEST_ROW = 16
"""A row or JSON line may be so many times as long as a field."""


@dataclass
class Desk:
    """The scratch database and folder of one table, and how its files are written."""

    connection: duckdb.DuckDBPyConnection
    table: Table
    format: FileFormat
    scratch: Path
    limits: Limits
    _parts: int = 0
    _forgotten: int = 0

    @property
    def max_field(self) -> int:
        """Bytes of the longest value that is taken."""
        return self.limits.max_field_kib << 10

    @property
    def max_row(self) -> int:
        """Bytes of the longest row that is split into columns."""
        return self.max_field * _LONGEST_ROW

    def new_name(self) -> str:
        """The name of the next part; rows of its own stand in a scratch table `<name>_rows`."""
        self._parts += 1
        return self._name(self._parts)

    def forget_rows(self) -> None:
        """Drop the rows of all parts so far."""
        while self._forgotten < self._parts:
            self._forgotten += 1
            rows = f"{self._name(self._forgotten)}_rows"
            self.connection.execute(f"drop table if exists {rows}")

    def _name(self, number: int) -> str:
        return f"part_{self.table.dataset}_{self.table.name}_{number}"

    def delimiter(self, file: FoundFile) -> str:
        return "\t" if file.ending == ".tsv" else self.format.delimiter

    def target(self, file: FoundFile) -> Path:
        """Where a readable copy of the file is written."""
        self.scratch.mkdir(parents=True, exist_ok=True)
        return self.scratch / f"{file.sha256[:16]}_{self.table.name}{file.ending}"

    def addressable(self, file: FoundFile) -> Path:
        """The file itself, or a link to it where DuckDB would take its path for a pattern."""
        assert file.local is not None
        if not set("*?[") & set(str(file.local)):
            return file.local
        target = self.target(file)
        target.unlink(missing_ok=True)
        target.symlink_to(file.local.absolute())
        return target

    def section(self, below: str = "") -> str:
        """The section of the settings that says how these files are written."""
        return f"[feeds.{self.table.feed_name}.tables.{self.table.name}{below}] in tokui.toml"

    def register_names(self, name: str, names: dict[str, str]) -> None:
        """A scratch table of paths, by their place in the list, and the names that people read."""
        self.connection.execute(
            f"create or replace temp table {name} as select * from (values "
            f"{values_rows((number, *pair) for number, pair in enumerate(names.items()))}"
            ") as t (number, path, file)"
        )

    def view_with_lines(self, name: str, first_line: int, condition: str = "true") -> None:
        """A view that adds `_file` and `_line`: a temporary table keeps the order of the files.

        Rows know their file by `file_index`, its place in the list that was read.
        """
        self.connection.execute(
            f"create or replace temp table {name}_starts as "
            f"select n.number, n.file, min(r.rowid) as first_row from {name}_rows r "
            f"join {name}_files n on n.number = r.file_index group by all"
        )
        self.connection.execute(
            f"create or replace temp view {name} as "
            "select r.* exclude (file_index), s.file as _file, "
            f"r.rowid - s.first_row + {first_line} as _line "
            f"from {name}_rows r join {name}_starts s on s.number = r.file_index where {condition}"
        )


def string_list(names: dict[str, str]) -> str:
    """The paths as a list in SQL."""
    return "[" + ", ".join(literal(path) for path in names) + "]"
