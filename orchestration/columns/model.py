"""What is known of a table and of its columns."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class ColumnName(NamedTuple):
    """A column of a table of the warehouse; `table` is `staging.stg_pos__receipts`, say."""

    table: str
    column: str


@dataclass(frozen=True)
class Origin:
    """What a column is worked out from; `same` is set where it is one of these, unchanged.

    A cast changes the type and not the meaning, so what was cast is the same.
    """

    sources: frozenset[ColumnName] = frozenset()
    same: ColumnName | None = None


class Personal(StrEnum):
    """What of people stands in a table.

    `PLAIN`: names, contacts, free text, ids of source systems or birth dates as they came.
    `KEYED`: rows about people who are known by an opaque key or a keyed hash alone.
    `NONE`: neither.
    """

    PLAIN = "plain"
    KEYED = "keyed"
    NONE = "none"


@dataclass(frozen=True)
class ColumnFacts:
    """A column. `type` is the engine's; `description` may be empty in intermediate tables.

    `sources` are the columns of other tables that it is worked out from, sorted; none for a
    constant, and for columns of tables that no SQL makes. `values` lists all it may hold.
    """

    name: str
    type: str
    description: str
    is_present: bool = False
    values: tuple[str, ...] = ()
    sources: tuple[ColumnName, ...] = ()


@dataclass(frozen=True)
class TableFacts:
    """A table: its columns in order, and its key.

    Rows are unique by `key`. In raw and `pii`, where a row has versions, `version_key` says whose
    versions they are. `personal` says what of people stands in it.
    """

    columns: tuple[ColumnFacts, ...]
    key: tuple[str, ...] = ()
    version_key: tuple[str, ...] = ()
    personal: Personal = Personal.NONE
