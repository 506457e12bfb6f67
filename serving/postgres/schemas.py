"""Schemas there: their names, and the comment that says which are ours and what is in them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from psycopg import sql

from ingestion.postgres_settings import Postgres

if TYPE_CHECKING:
    import psycopg

_MARK = re.compile(r"Tokui publication: profile (\S+), version (\S+), as of (\S+)\.")
_LOADING = "Tokui: a version that is being loaded."


@dataclass(frozen=True)
class Publication:
    """A published version; `as_of` is a business date."""

    profile: str
    version: str
    as_of: str

    @property
    def mark(self) -> str:
        """The comment of a schema that holds it, whole."""
        return (
            f"Tokui publication: profile {self.profile}, version {self.version}, as of "
            f"{self.as_of}. Each publication replaces the schema: make nothing of your own in it."
        )


@dataclass(frozen=True)
class Names:
    """Names of the schemas that hold `marts` and `ops`."""

    marts: str
    ops: str

    @classmethod
    def of(cls, settings: Postgres) -> Names:
        return cls(settings.marts_schema, settings.ops_schema)

    @property
    def both(self) -> tuple[str, str]:
        return self.marts, self.ops

    def there(self, schema: str) -> str:
        """The name there of `marts` or `ops`."""
        return self.marts if schema == "marts" else self.ops


def new(schema: str) -> str:
    """The schema that the next version is loaded into."""
    return f"{schema}__new"


def old(schema: str, version: str) -> str:
    """The schema that holds a version which was replaced."""
    return f"{schema}__old_{version.partition('-')[0].lower()}"


def comment_of(connection: psycopg.Connection, schema: str) -> str | None:
    """The comment of a schema, empty without one; None when there is no such schema."""
    row = connection.execute(
        "select coalesce(obj_description(oid, 'pg_namespace'), '') from pg_catalog.pg_namespace "
        "where nspname = %s",
        [schema],
    ).fetchone()
    return row[0] if row else None


def is_ours(comment: str) -> bool:
    """Whether Tokui made the schema with this comment."""
    return comment == _LOADING or _MARK.match(comment) is not None


def publication_in(connection: psycopg.Connection, schema: str) -> Publication | None:
    """What a schema holds; None when it is not there, not ours, or not whole."""
    found = _MARK.match(comment_of(connection, schema) or "")
    return Publication(*found.groups()) if found else None


def mark(connection: psycopg.Connection, schema: str, publication: Publication | None) -> None:
    """Say what a schema holds; None while it is being loaded."""
    words = publication.mark if publication else _LOADING
    connection.execute(
        sql.SQL("comment on schema {} is {}").format(sql.Identifier(schema), sql.Literal(words))
    )


def tables_in(connection: psycopg.Connection, *schemas: str) -> list[sql.Identifier]:
    """The tables of some schemas, by their full names."""
    rows = connection.execute(
        "select schemaname, tablename from pg_catalog.pg_tables where schemaname = any(%s) "
        "order by 1, 2",
        [list(schemas)],
    ).fetchall()
    return [sql.Identifier(*row) for row in rows]
