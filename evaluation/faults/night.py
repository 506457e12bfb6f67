"""The files of one delivered night, to be spoilt: as rows, and as bytes."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from demo.writer import PLAIN, STYLES, FileStyle
from ingestion.contract import find_table

Row = dict[str, str]
"""A row as text, by the contract's columns."""

_REPEATED = 5


@dataclass
class Sheet:
    """One file as rows."""

    columns: list[str]
    rows: list[Row]


@dataclass(frozen=True)
class Night:
    """The home of one retailer, a night of which is delivered and not loaded yet.

    `delivery` stands in the names of the night's files: `20261001`.
    """

    home: Path
    delivery: str

    def path(self, table: str, ending: str = ".csv") -> Path:
        """The night's file of a table such as `raw_pos.receipts`, there or not."""
        given = find_table(table)
        name = f"{given.name}_{self.delivery}{ending}"
        return self.home / "feeds" / given.feed_name / name

    def earlier(self, table: str) -> Path:
        """The newest file of a table before this night."""
        name = find_table(table).name
        files = self.path(table).parent.glob(f"{name}_[0-9]*.csv")
        return max(file for file in files if file != self.path(table))

    def read(self, table: str) -> Sheet:
        """The night's rows. Where nothing came, the last rows that were delivered before: sent
        again they say nothing new, and can be spoilt."""
        if self.path(table).exists():
            return _parse(self.path(table).read_bytes(), style_of(table))
        sheet = _parse(self.earlier(table).read_bytes(), style_of(table))
        return Sheet(sheet.columns, sheet.rows[-_REPEATED:])

    def write(self, table: str, sheet: Sheet, style: FileStyle | None = None) -> None:
        """Put rows in the place of the night's file, in the table's style or another."""
        self.path(table).write_bytes(render(sheet, style or style_of(table)))

    def edit(self, table: str, change: Callable[[Sheet], None]) -> None:
        """Read, change and write the night's rows of a table."""
        sheet = self.read(table)
        change(sheet)
        self.write(table, sheet)

    def bytes_of(self, table: str) -> bytes:
        """The bytes of the night's file."""
        return render(self.read(table), style_of(table))

    def configure(self, old: str, new: str) -> None:
        """Change the first place of a text in the settings."""
        path = self.home / "tokui.toml"
        text = path.read_text(encoding="utf-8")
        if old not in text:
            raise ValueError(f"the settings hold no {old!r}")
        path.write_text(text.replace(old, new, 1), encoding="utf-8")


def style_of(table: str) -> FileStyle:
    """How the demo's files of a table are written."""
    return STYLES.get(table.removeprefix("raw_"), PLAIN)


def header_of(table: str, column: str) -> str:
    """How the demo's files call a column of the contract."""
    named = {own: header for header, own in style_of(table).columns.items()}
    return named.get(column, column)


def render(sheet: Sheet, style: FileStyle) -> bytes:
    """The rows as a file."""
    named = {own: header for header, own in style.columns.items()}
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([named.get(column, column) for column in sheet.columns])
    writer.writerows([[row.get(column, "") for column in sheet.columns] for row in sheet.rows])
    return out.getvalue().encode(style.encoding)


def _parse(content: bytes, style: FileStyle) -> Sheet:
    header, *lines = csv.reader(io.StringIO(content.decode(style.encoding), newline=""))
    columns = [style.columns.get(name, name) for name in header]
    return Sheet(columns, [dict(zip(columns, line, strict=True)) for line in lines])
