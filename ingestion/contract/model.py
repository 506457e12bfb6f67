"""What a contract is made of: kinds of values, columns, identity keys, tables, feeds."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property

PROVENANCE = ("_extra", "_file", "_line", "_load_id")
PLANNED = ("scheduled_at", "expires_at", "left_at", "opened_on", "closed_on")
"""Columns that may lie in the future: what is planned, not what happened."""


class Kind(Enum):
    """The kind of a value; `value` is its type in the engine."""

    TEXT = "VARCHAR"
    INTEGER = "BIGINT"
    MONEY = "DECIMAL(18,2)"
    PRICE = "DECIMAL(18,6)"
    QUANTITY = "DECIMAL(18,3)"
    RATE = "DECIMAL(7,4)"
    BOOLEAN = "BOOLEAN"
    DATE = "DATE"
    INSTANT = "TIMESTAMP"

    @property
    def is_decimal(self) -> bool:
        return self.value.startswith("DECIMAL")

    @property
    def scale(self) -> int:
        """Decimal places of a DECIMAL kind."""
        return int(self.value.rstrip(")").split(",")[1])


class Privacy(Enum):
    """Where the plain value of a column may stand."""

    OPEN = "open"
    """The plain value goes to raw."""
    KEYED = "keyed"
    """The plain value goes to raw, a keyed hash of it beside it: ids that name a person."""
    PERSONAL = "personal"
    """Raw holds the keyed hash alone; the plain value goes to `pii`."""


@dataclass(frozen=True)
class Column:
    """One column of the contract.

    `allowed` lists the values of an enumeration; `required` means that the column stands in the
    header and that every row has a value; a `currency` is a code of ISO 4217.
    """

    name: str
    kind: Kind
    description: str
    required: bool = False
    privacy: Privacy = Privacy.OPEN
    allowed: tuple[str, ...] = ()
    currency: bool = False

    @property
    def hash_name(self) -> str:
        return f"{self.name}_hash"


@dataclass(frozen=True)
class KeyGroup:
    """Identity keys that are made together, from the same columns, when a row arrives.

    A key is a keyed 64-bit hash of a normalised value, equal wherever that value is equal, in
    whatever table; NULL where there is nothing to tell a person by. `keys` gives the meaning of
    each by its name; `sources` are the columns that are read, of those the table has.
    """

    name: str
    sources: tuple[str, ...]
    keys: dict[str, str] = field(hash=False)


@dataclass(frozen=True)
class Table:
    """One table of a feed.

    `version_at` is the column that orders the versions of a row (None: the order of the files).
    `parent_key` marks rows that belong to a version of their receipt. `never_empty` refuses a file
    without rows. `mode` is the default: `delta`, or `snapshot`, where an absent key is a deletion.
    `key_groups` are the identity keys that ingestion adds; no feed sends them.
    """

    dataset: str
    name: str
    description: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    version_at: str | None = None
    parent_key: str | None = None
    never_empty: bool = False
    mode: str = "delta"
    nullable_key: bool = False
    key_groups: tuple[KeyGroup, ...] = ()

    @property
    def qualified_name(self) -> str:
        return f"{self.dataset}.{self.name}"

    @property
    def feed_name(self) -> str:
        return self.dataset.removeprefix("raw_")

    @property
    def pii_name(self) -> str:
        """Name of the table in schema `pii` that holds the plain personal values."""
        return f"{self.feed_name}_{self.name}"

    @cached_property
    def personal(self) -> tuple[Column, ...]:
        return tuple(c for c in self.columns if c.privacy is Privacy.PERSONAL)

    @cached_property
    def hashed(self) -> tuple[Column, ...]:
        return tuple(c for c in self.columns if c.privacy is not Privacy.OPEN)

    @cached_property
    def identity_keys(self) -> dict[str, str]:
        """Identity keys of the table with their meanings."""
        return {name: text for group in self.key_groups for name, text in group.keys.items()}

    @cached_property
    def key_sources(self) -> tuple[str, ...]:
        """Columns of the table that its identity keys are made from."""
        sources = {source for group in self.key_groups for source in group.sources}
        return tuple(column.name for column in self.columns if column.name in sources)

    @cached_property
    def raw_columns(self) -> dict[str, Kind]:
        """Columns of the raw table with their kinds, provenance included."""
        found: dict[str, Kind] = {}
        for column in self.columns:
            if column.privacy is not Privacy.PERSONAL:
                found[column.name] = column.kind
            if column.privacy is not Privacy.OPEN:
                found[column.hash_name] = Kind.TEXT
        found |= dict.fromkeys(self.identity_keys, Kind.INTEGER)
        return found | _PROVENANCE_KINDS

    @cached_property
    def pii_columns(self) -> dict[str, Kind]:
        """Columns of the table in `pii`: the key, the plain values, provenance."""
        found = {name: self.column(name).kind for name in self.key}
        found |= {column.name: column.kind for column in self.personal}
        return found | _PROVENANCE_KINDS

    @cached_property
    def content_columns(self) -> tuple[str, ...]:
        """Columns of the raw table that two versions of a row are compared by.

        Provenance is left out, and so are identity keys, which are made of new versions alone.
        """
        left_out = {*PROVENANCE, *self.identity_keys} - {"_extra"}
        return tuple(c for c in self.raw_columns if c not in left_out)

    def column(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)


@dataclass(frozen=True)
class Feed:
    """One source system: `raw_<name>` and its tables."""

    name: str
    description: str
    tables: tuple[Table, ...]

    @property
    def dataset(self) -> str:
        return f"raw_{self.name}"

    @cached_property
    def pii_tables(self) -> tuple[Table, ...]:
        return tuple(table for table in self.tables if table.personal)


_PROVENANCE_KINDS = {
    "_extra": Kind.TEXT,
    "_file": Kind.TEXT,
    "_line": Kind.INTEGER,
    "_load_id": Kind.TEXT,
}
