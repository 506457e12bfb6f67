"""SQL that writes a row, its key or its owner as text, alike wherever it is needed."""

from __future__ import annotations

from ingestion.contract import Column, Kind, Table


def row_key(table: Table) -> str:
    """The key as one text, as `ledger.deletions` keeps it."""
    parts = ", ".join(f"coalesce(cast({name} as varchar), '')" for name in table.key)
    return f"concat_ws(chr(31), {parts})"


def owner_of(table: Table, alias: str = "") -> str:
    """The receipt whose set a row belongs to; a row without a receipt is a set of one."""
    if table.parent_key == table.key[0]:
        return f"{alias}{table.key[0]}"
    return f"coalesce({alias}{table.parent_key}, {alias}{table.key[0]})"


def plain_text(column: Column, value: str) -> str:
    """A typed value as a text that is read again whatever the settings of the feed are then."""
    if column.kind is Kind.INSTANT:
        return f"strftime({value}, '%Y-%m-%dT%H:%M:%S.%fZ')"
    return f"cast({value} as varchar)"


def json_text(extra: str, pairs: str) -> str:
    """One object of the unknown columns and the contract's; empty ones are left out."""
    known = f"json_object({pairs})"
    return f"cast(json_merge_patch(coalesce({extra}, '{{}}'), {known}) as varchar)"
