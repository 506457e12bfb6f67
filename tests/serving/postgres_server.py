"""A Postgres server for tests, and its database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count

import psycopg

from evaluation.postgres_server import INITDB, Server, running_server
from tests.programs import program

_numbers = count(1)


@dataclass(frozen=True)
class Database:
    """An empty database and what tests do in it; `tag` is the test's own, for names of roles."""

    server: Server
    tag: str
    name: str = "postgres"

    @property
    def address(self) -> str:
        """As `TOKUI_POSTGRES_URL` has it."""
        return self.server.address(self.name)

    def address_of(self, user: str) -> str:
        return self.server.address(self.name, user)

    def run(self, sql: str, user: str = "postgres") -> None:
        with psycopg.connect(self.address_of(user), autocommit=True) as connection:
            connection.execute(sql)

    def rows(self, sql: str, user: str = "postgres") -> list[tuple]:
        with psycopg.connect(self.address_of(user), autocommit=True) as connection:
            return connection.execute(sql).fetchall()

    def schemas(self) -> set[str]:
        """All schemas but Postgres's own."""
        return {name for (name,) in self.rows("select nspname from pg_namespace where oid > 16383")}


def seen(database: Database, user: str = "postgres") -> tuple[str, int]:
    """Version and number that a reader of a small publication sees: one number in every table."""
    [[version]] = database.rows("select version from ops.publication", user)
    numbers = database.rows(
        "select store_id from marts.dim_store union select number from marts.fct_sale", user
    )
    assert len(numbers) == 1, "the tables are of different versions"
    return version, numbers[0][0]


@contextmanager
def server() -> Iterator[Server]:
    """A server; without Postgres on this machine the test is skipped or fails."""
    with running_server(program(*INITDB)) as found:
        yield found


def emptied_database(server: Server) -> Database:
    """The database of this server, with nothing in it: quicker to empty than to make."""
    database = Database(server, f"{next(_numbers)}")
    names = [f'"{name}"' for name in database.schemas()]
    if names:
        database.run(f"drop schema {', '.join(names)} cascade")
    return database
