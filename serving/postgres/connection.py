"""Connections to the server. Its address comes from the environment and is never shown."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ingestion.errors import ConfigurationError
from ingestion.retries import patiently
from serving.postgres.errors import CopyError, said

if TYPE_CHECKING:
    import psycopg

ENVIRONMENT = "TOKUI_POSTGRES_URL"
_DEFAULTS = {
    "application_name": "tokui",
    "connect_timeout": "10",
    # A network that went away is noticed after a minute and not after hours.
    "keepalives_idle": "30",
    "tcp_user_timeout": "60000",
}
_SESSION = (
    "set search_path = ''",  # Names of tables are written out, in definitions of views too.
    "set timezone = 'UTC'",
    "set statement_timeout = 0",  # A limit for people's queries; a load may take longer.
    "set client_min_messages = 'error'",
)


def address() -> str:
    """The server's address, of `TOKUI_POSTGRES_URL`, with what Tokui adds to it.

    Raises:
        ConfigurationError: the variable is not set or is no address, or the extra is missing.
    """
    given = os.environ.get(ENVIRONMENT, "").strip()
    if not given:
        raise ConfigurationError(
            f"{ENVIRONMENT} is not set. It holds the address of the Postgres server, such as "
            "postgresql://tokui@db.example/crm; docs/postgres.md has the steps."
        )
    try:
        import adbc_driver_postgresql  # noqa: F401
        from psycopg import ProgrammingError
        from psycopg.conninfo import conninfo_to_dict, make_conninfo
    except ImportError as error:
        raise ConfigurationError(
            f"{error.name} is not installed; the copy in Postgres needs "
            "`pip install 'tokui[postgres]'`."
        ) from error
    try:
        parts = conninfo_to_dict(given)
    except ProgrammingError:
        parts = None  # libpq's own words quote the address, password and all.
    if parts is None or _is_torn(parts):
        raise ConfigurationError(
            f"{ENVIRONMENT} is no address of a Postgres server. It looks like "
            "postgresql://tokui@db.example/crm, with % before the codes of special characters."
        )
    return make_conninfo(given, **{k: v for k, v in _DEFAULTS.items() if k not in parts})


def _is_torn(parts: dict[str, Any]) -> bool:
    """Whether a sign of a password that is not written as a code has torn the address.

    libpq takes the rest of the password for a host, a port or a database, and would name it.
    """
    hosts = parts.get("host", "").split(",")
    return (
        any("@" in part for part in (*hosts, parts.get("dbname", "")))
        or any("/" in host and not host.startswith("/") for host in hosts)
        or re.fullmatch(r"[\d,]*", parts.get("port", "")) is None
    )


def without_address(text: str, address: str) -> str:
    """What a driver says, without the hosts that it names."""
    from psycopg.conninfo import conninfo_to_dict

    parts = conninfo_to_dict(address)
    for host in f"{parts.get('host', '')},{parts.get('hostaddr', '')}".split(","):
        if host:
            text = re.sub(rf"""(["'(]){re.escape(host)}""", r"\1…", text)
    return text


@contextmanager
def connect(address: str, say: Callable[[str], None]) -> Iterator[psycopg.Connection]:
    """A connection in autocommit mode, closed when the block ends.

    Raises:
        CopyError: the server cannot be reached, or is not for this.
    """
    import psycopg

    try:
        connection = patiently(
            "connecting to Postgres",
            lambda: psycopg.connect(address, autocommit=True),
            say,
            psycopg.OperationalError,
        )
    except psycopg.Error as error:
        words = without_address(said(error), address)
        raise CopyError(f"the server cannot be reached: {words}.") from error
    with connection:
        try:
            for statement in _SESSION:
                connection.execute(statement)
        except psycopg.Error as error:
            raise CopyError(f"the server ended it: {said(error)}.") from error
        _refuse_other_encodings(connection)
        yield connection


def _refuse_other_encodings(connection: psycopg.Connection) -> None:
    encoding = connection.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        raise CopyError(
            f"the database is encoded in {encoding}. Make one with `create database crm encoding "
            "'UTF8' template template0` and name it in the address."
        )
