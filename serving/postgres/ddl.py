"""Definitions there: tables before the load; keys, indexes, comments and rights behind it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from psycopg import errors, sql

from serving.postgres.errors import CopyError
from serving.postgres.models import OPS_COMMENTS, Model
from serving.postgres.schemas import Names, new
from serving.postgres.tables import Table

if TYPE_CHECKING:
    import psycopg

_DATES = {"business_date"}
"""Dates that people select a range of."""


def create_table(table: Table, names: Names, model: Model | None) -> sql.Composed:
    """An empty table of the next version; its columns have no comments and no keys yet."""
    required = model.required if model else frozenset()
    columns = [
        sql.SQL("{} {}{}").format(
            sql.Identifier(column.name),
            sql.SQL(column.there),
            sql.SQL(" not null" if column.name in required else ""),
        )
        for column in table.columns
    ]
    return sql.SQL("create table {} ({})").format(_name(table, names), sql.SQL(", ").join(columns))


def finish_table(table: Table, names: Names, models: dict[str, Model]) -> Iterator[sql.Composed]:
    """Key, indexes and comments of a loaded table."""
    model = model_of(table, models)
    name = _name(table, names)
    if model and model.key and set(model.key) <= {column.name for column in table.columns}:
        key = sql.SQL(", ").join(map(sql.Identifier, model.key))
        yield sql.SQL("alter table {} add primary key ({})").format(name, key)
    for column in indexed_columns(table, models):
        yield sql.SQL("create index on {} ({})").format(name, sql.Identifier(column))
    if model is None:
        return
    yield sql.SQL("comment on table {} is {}").format(name, sql.Literal(model.description))
    for column in table.columns:
        words = model.columns.get(column.name)
        if words:
            yield sql.SQL("comment on column {}.{} is {}").format(
                name, sql.Identifier(column.name), sql.Literal(words)
            )


def relations(
    table: Table, tables: list[Table], names: Names, models: dict[str, Model]
) -> Iterator[sql.Composed]:
    """Foreign keys, for tools that draw relations from them.

    The gates have proved them on the published file, so nothing is proved again here.
    """
    model = model_of(table, models)
    there = {one.name: one for one in tables if one.schema == "marts"}
    for reference in model.references if model else ():
        other = there.get(reference.table)
        if other is None or models[reference.table].key != (reference.key,):
            continue
        yield sql.SQL("alter table {} add foreign key ({}) references {} ({}) not valid").format(
            _name(table, names),
            sql.Identifier(reference.column),
            _name(other, names),
            sql.Identifier(reference.key),
        )


def indexed_columns(table: Table, models: dict[str, Model]) -> list[str]:
    """Columns that people join or select by, as far as the primary key does not serve them.

    A column that bears the name of another mart's whole key names rows of that mart.
    """
    model = model_of(table, models)
    if model is None:
        return []
    keys = {one.key[0] for one in models.values() if len(one.key) == 1}
    wanted = keys | _DATES | {reference.column for reference in model.references}
    return [c.name for c in table.columns if c.name in wanted and c.name != model.key[0]]


def model_of(table: Table, models: dict[str, Model]) -> Model | None:
    """What is known of a table."""
    if table.schema == "marts":
        return models.get(table.name)
    words = OPS_COMMENTS.get(table.name)
    return Model(words) if words else None


def grant(connection: psycopg.Connection, schemas: tuple[str, ...], readers: str) -> None:
    """Let the role of the readers use and select; make the role where it is missing.

    Raises:
        CopyError: the role is missing and this user may not make roles.
    """
    if not readers:
        return
    role = sql.Identifier(readers)
    if not connection.execute("select 1 from pg_roles where rolname = %s", [readers]).fetchone():
        try:
            connection.execute(sql.SQL("create role {} nologin").format(role))
        except errors.InsufficientPrivilege as error:
            raise CopyError(
                f"there is no role {readers}, and this user may not make one. Let an "
                f"administrator run `create role {readers} nologin`, or set "
                'publication.postgres.readers = "".'
            ) from error
    for schema in map(sql.Identifier, schemas):
        connection.execute(sql.SQL("grant usage on schema {} to {}").format(schema, role))
        connection.execute(
            sql.SQL("grant select on all tables in schema {} to {}").format(schema, role)
        )


def _name(table: Table, names: Names) -> sql.Identifier:
    return sql.Identifier(new(names.there(table.schema)), table.name)
