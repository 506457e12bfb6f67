"""Which tables hold personal data: plain, under a key, or none. Told by where columns come from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ingestion.contract import all_tables
from ingestion.contract.model import Privacy
from orchestration.columns.model import ColumnName, Origin, Personal

_OPEN_BUT_PLAIN = {"birth_date"}
"""Columns that raw holds as they came and that help to tell who somebody is."""
_KEYS = {"customer_key", "record_id", "source_id_a", "node_a"}
"""Names of keys that stand for a person or a record of one."""


def levels(
    tables: Mapping[str, Iterable[str]], origins: Mapping[ColumnName, Origin]
) -> dict[str, Personal]:
    """What of people stands in each table.

    Args:
        tables: columns by table, tables in the order in which they are made.
        origins: of the columns that SQL makes.
    """
    plain, keyed = _of_contract()
    found = {}
    for table, columns in tables.items():
        names = [ColumnName(table, column) for column in columns]
        for name in names:
            same = origins.get(name, Origin()).same
            if same in plain:
                plain.add(name)
            if same in keyed or _is_key(name.column):
                keyed.add(name)
        found[table] = _level(table, set(names), plain, keyed)
    return found


def _level(
    table: str, names: set[ColumnName], plain: set[ColumnName], keyed: set[ColumnName]
) -> Personal:
    if table.startswith("pii.") or names & plain:
        return Personal.PLAIN
    return Personal.KEYED if names & keyed else Personal.NONE


def _of_contract() -> tuple[set[ColumnName], set[ColumnName]]:
    """Columns of raw that hold ids and birth dates as they came, and those that hold hashes."""
    plain, keyed = set(), set()
    for table in all_tables():
        for column in table.columns:
            if column.privacy is Privacy.KEYED or column.name in _OPEN_BUT_PLAIN:
                plain.add(ColumnName(table.qualified_name, column.name))
            if column.privacy is not Privacy.OPEN:
                keyed.add(ColumnName(table.qualified_name, column.hash_name))
        keyed |= {ColumnName(table.qualified_name, name) for name in table.identity_keys}
    return plain, keyed


def _is_key(column: str) -> bool:
    return column in _KEYS or column.endswith("_customer_key")
