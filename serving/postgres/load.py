"""The load: Arrow batches from the published file into tables that nobody reads yet."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import duckdb
from psycopg import sql

from serving.postgres import ddl
from serving.postgres.connection import without_address
from serving.postgres.errors import CopyError, said
from serving.postgres.leftovers import drop_schema
from serving.postgres.models import Model
from serving.postgres.schemas import Names, Publication, mark, new, tables_in
from serving.postgres.tables import Table, tables_of

if TYPE_CHECKING:
    import psycopg

_BATCH_ROWS = 50_000


def load(
    connection: psycopg.Connection,
    address: str,
    published: duckdb.DuckDBPyConnection,
    publication: Publication,
    models: dict[str, Model],
    names: Names,
    readers: str,
    say: Callable[[str], None],
) -> int:
    """Load a version into the schemas beside those that are read; the rows loaded.

    Only when all is there do the schemas say which version they hold.

    Raises:
        CopyError: a value cannot go there, or rows are missing; readers see what they saw.
        psycopg.Error: the server refused something; the same holds.
    """
    tables = tables_of(published)
    _make_empty(connection, tables, models, names)
    rows = _fill(address, published, tables, names)
    say(f"  Postgres: {rows:,} rows loaded, now keys and indexes")
    _finish(connection, tables, models, names)
    ddl.grant(connection, tuple(map(new, names.both)), readers)
    for schema in names.both:
        mark(connection, new(schema), publication)
    return rows


def _make_empty(
    connection: psycopg.Connection, tables: list[Table], models: dict[str, Model], names: Names
) -> None:
    for schema in names.both:
        drop_schema(connection, new(schema))
    with connection.transaction():
        for schema in names.both:
            connection.execute(sql.SQL("create schema {}").format(sql.Identifier(new(schema))))
            mark(connection, new(schema), None)
        for table in tables:
            model = ddl.model_of(table, models)
            connection.execute(ddl.create_table(table, names, model))


def _fill(
    address: str, published: duckdb.DuckDBPyConnection, tables: Iterable[Table], names: Names
) -> int:
    """Append every table; `replace` of the driver would make types of its own."""
    from adbc_driver_manager import Error as DriverError
    from adbc_driver_postgresql import dbapi

    rows, failed = 0, "the load could not begin"
    try:
        with dbapi.connect(address) as connection, connection.cursor() as cursor:
            cursor.execute("set statement_timeout = 0")
            for table in tables:
                failed = f"{table.schema}.{table.name} could not be loaded"
                batches = published.execute(table.query).to_arrow_reader(_BATCH_ROWS)
                loaded = cursor.adbc_ingest(
                    table.name,
                    batches,
                    mode="append",
                    db_schema_name=new(names.there(table.schema)),
                )
                connection.commit()
                _refuse_other_count(published, table, loaded)
                rows += loaded
    except DriverError as error:
        raise CopyError(f"{failed}: {without_address(said(error), address)}.") from error
    except duckdb.Error as error:  # Its words quote the value.
        raise CopyError(
            f"{failed}: {type(error).__name__}, a value is beyond what both sides hold."
        ) from error
    return rows


def _finish(
    connection: psycopg.Connection, tables: list[Table], models: dict[str, Model], names: Names
) -> None:
    """Keys, indexes, comments, relations, and what the planner knows of the rows."""
    for table in tables:
        for statement in ddl.finish_table(table, names, models):
            connection.execute(statement)
    for table in tables:
        for statement in ddl.relations(table, tables, names, models):
            connection.execute(statement)
    everything = tables_in(connection, *map(new, names.both))
    connection.execute(sql.SQL("analyze {}").format(sql.SQL(", ").join(everything)))


def _refuse_other_count(published: duckdb.DuckDBPyConnection, table: Table, loaded: int) -> None:
    row = published.execute(f'select count(*) from "{table.schema}"."{table.name}"').fetchone()
    if row != (loaded,):
        expected = row[0] if row else 0
        raise CopyError(
            f"{table.schema}.{table.name} has {expected:,} rows, and {loaded:,} arrived."
        )
