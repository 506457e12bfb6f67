"""Schemas that are needed no more: versions that were replaced, loads that were cut off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from psycopg import errors, sql

from serving.postgres.errors import CopyError
from serving.postgres.schemas import Names, comment_of, is_ours, new, tables_in

if TYPE_CHECKING:
    import psycopg

_LOCK_TIMEOUT = "5s"


def drop_schema(connection: psycopg.Connection, schema: str) -> None:
    """Drop a schema of ours with its tables, if it is there.

    Never with what others have made of them: such a view or table is an error of Postgres.

    Raises:
        CopyError: the schema is not of Tokui.
        psycopg.Error: something of others depends on it, or somebody reads it.
    """
    comment = comment_of(connection, schema)
    if comment is None:
        return
    refuse_foreign(schema, comment)
    with connection.transaction():
        connection.execute(sql.SQL("set local lock_timeout = {}").format(_LOCK_TIMEOUT))
        tables = tables_in(connection, schema)
        if tables:
            listed = sql.SQL(", ").join(tables)
            connection.execute(sql.SQL("drop table {} restrict").format(listed))
        name = sql.Identifier(schema)
        connection.execute(sql.SQL("drop schema {} restrict").format(name))


def refuse_foreign(schema: str, comment: str | None) -> None:
    """Refuse to touch a schema that somebody else made.

    Raises:
        CopyError: its comment is not one of ours.
    """
    if comment is not None and not is_ours(comment):
        raise CopyError(
            f"there is a schema {schema} that Tokui did not make, and it is left alone. Choose "
            "other names with publication.postgres.marts_schema and ops_schema."
        )


def drop_replaced(connection: psycopg.Connection, names: Names, keep: int) -> list[str]:
    """Drop the versions that were replaced but the newest `keep`; words about those that stay."""
    words = []
    for schema in names.both:
        replaced = _replaced(connection, schema)
        for one in replaced[: max(len(replaced) - keep, 0)]:
            words += _try_to_drop(connection, one)
    return words


def drop_unfinished(connection: psycopg.Connection, names: Names) -> list[str]:
    """Drop what a load that was cut off has left; words about what stays."""
    return [word for schema in names.both for word in _try_to_drop(connection, new(schema))]


def _replaced(connection: psycopg.Connection, schema: str) -> list[str]:
    """Schemas with versions that were replaced, the oldest first."""
    rows = connection.execute(
        "select nspname from pg_catalog.pg_namespace where starts_with(nspname, %s) order by 1",
        [f"{schema}__old_"],
    ).fetchall()
    return [name for (name,) in rows if is_ours(comment_of(connection, name) or "")]


def _try_to_drop(connection: psycopg.Connection, schema: str) -> list[str]:
    try:
        drop_schema(connection, schema)
    except errors.DependentObjectsStillExist as error:
        uses = (error.diag.message_detail or "").splitlines()
        return [
            f"{schema} stays, because something of yours is made of it: "
            f"{uses[0] if uses else 'see its dependents'}. Make that anew from the published "
            "schema, or drop it; the next publication then drops the rest."
        ]
    except errors.LockNotAvailable:
        return [f"somebody still reads {schema}, which nobody needs; it is dropped next time."]
    return []
