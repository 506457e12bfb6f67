"""Small ways to spoil rows; each makes an injection, and `both` puts several together."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from decimal import Decimal

from evaluation.faults.model import Injection
from evaluation.faults.night import Night, Sheet
from ingestion.contract import Kind, find_table

_HALF = {unicodedata.normalize("NFKC", chr(code)): chr(code) for code in range(0xFF66, 0xFF9E)} | {
    "\u3099": "ﾞ",
    "\u309a": "ﾟ",
}
NEW_ID = "FAULT-1"
"""Ids of rows that faults add: no delivery has them."""


def both(*injections: Injection) -> Injection:
    """One after the other."""

    def inject(night: Night) -> None:
        for injection in injections:
            injection(night)

    return inject


def edit(table: str, change: Callable[[Sheet], None]) -> Injection:
    """Any change of a table's rows."""
    return lambda night: night.edit(table, change)


def add_row(table: str, **cells: str) -> Injection:
    """A copy of the last row under a key of its own, with other cells."""
    own = {name: NEW_ID for name in find_table(table).key if _is_text(table, name)}
    return edit(table, lambda sheet: sheet.rows.append(sheet.rows[-1] | own | cells))


def add_rows(table: str, count: int, **cells: str) -> Injection:
    """As `add_row`; the first column of the key counts."""
    first = find_table(table).key[0]
    return both(*(add_row(table, **{first: f"FAULT-{n + 1}"} | cells) for n in range(count)))


def add_again(table: str, **cells: str) -> Injection:
    """The last row a second time, under its own key, with other cells."""
    return edit(table, lambda sheet: sheet.rows.append(sheet.rows[-1] | cells))


def set_cell(table: str, row: int = -1, **cells: str) -> Injection:
    """Other cells in a row that was delivered."""
    return edit(table, lambda sheet: sheet.rows[row].update(cells))


def set_column(table: str, column: str, value: str) -> Injection:
    """The same cell in every row."""

    def change(sheet: Sheet) -> None:
        for row in sheet.rows:
            row[column] = value

    return edit(table, change)


def each_cell(table: str, column: str, change: Callable[[str], str]) -> Injection:
    """Each cell of a column that is not empty, written another way."""

    def change_all(sheet: Sheet) -> None:
        for row in sheet.rows:
            row[column] = change(row[column]) if row[column] else ""

    return edit(table, change_all)


def reversed_rows(table: str) -> Injection:
    """The rows in the opposite order."""
    return edit(table, lambda sheet: sheet.rows.reverse())


def half_width(text: str) -> str:
    """Katakana in half width, its sound marks behind it."""
    return "".join(_HALF.get(letter, letter) for letter in unicodedata.normalize("NFD", text))


def drop_rows(table: str, **cells: str) -> Injection:
    """Without the rows that have these cells."""

    def change(sheet: Sheet) -> None:
        sheet.rows = [row for row in sheet.rows if not cells.items() <= row.items()]

    return edit(table, change)


def drop_share(table: str, share: float) -> Injection:
    """Without a share of the rows, spread evenly, at least one."""

    def change(sheet: Sheet) -> None:
        count = max(1, round(share * len(sheet.rows)))
        dropped = {(2 * n + 1) * len(sheet.rows) // (2 * count) for n in range(count)}
        sheet.rows = [row for n, row in enumerate(sheet.rows) if n not in dropped]

    return edit(table, change)


def scale(table: str, columns: Iterable[str], by: str, **cells: str) -> Injection:
    """Amounts times a number in the rows with these cells, rounded to whole yen."""

    def change(sheet: Sheet) -> None:
        for row in sheet.rows:
            if cells.items() <= row.items():
                row.update({name: _times(row[name], by) for name in columns})

    return edit(table, change)


def drop_rows_of(table: str, store: str) -> Injection:
    """Without the rows of the store's receipts."""

    def inject(night: Night) -> None:
        theirs = _receipts_of(night, store)

        def change(sheet: Sheet) -> None:
            sheet.rows = [row for row in sheet.rows if row["receipt_id"] not in theirs]

        night.edit(table, change)

    return inject


def scale_rows_of(table: str, columns: Iterable[str], by: str, store: str) -> Injection:
    """Amounts times a number in the rows of the store's receipts."""

    def inject(night: Night) -> None:
        for receipt in _receipts_of(night, store):
            scale(table, columns, by, receipt_id=receipt)(night)

    return inject


def without_column(table: str, column: str) -> Injection:
    """The column is not in the file."""
    return edit(table, lambda sheet: sheet.columns.remove(column))


def renamed_column(table: str, column: str, name: str) -> Injection:
    """The column bears another name, its values stay."""

    def change(sheet: Sheet) -> None:
        sheet.columns[sheet.columns.index(column)] = name
        for row in sheet.rows:
            row[name] = row[column]

    return edit(table, change)


def added_column(table: str, name: str, value: str) -> Injection:
    """A column that the contract does not know."""

    def change(sheet: Sheet) -> None:
        sheet.columns.append(name)
        for row in sheet.rows:
            row[name] = value

    return edit(table, change)


def doubled_column(table: str, column: str) -> Injection:
    """The column stands twice in the file."""
    return edit(table, lambda sheet: sheet.columns.append(column))


def turned_columns(table: str) -> Injection:
    """The columns in the opposite order."""
    return edit(table, lambda sheet: sheet.columns.reverse())


def _is_text(table: str, column: str) -> bool:
    return find_table(table).column(column).kind is Kind.TEXT


def _times(amount: str, by: str) -> str:
    return str(round(Decimal(amount or "0") * Decimal(by)))


def _receipts_of(night: Night, store: str) -> set[str]:
    receipts = night.read("raw_pos.receipts").rows
    return {row["receipt_id"] for row in receipts if row["store_id"] == store}
