"""The copy from beginning to end: one publisher at a time, and the same version only once."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from psycopg import Error, errors, sql

from ingestion.engine import connect as open_published
from ingestion.postgres_settings import Postgres
from serving.postgres import ddl
from serving.postgres.connection import connect
from serving.postgres.errors import CopyError, said
from serving.postgres.leftovers import drop_replaced, drop_unfinished, refuse_foreign
from serving.postgres.load import load
from serving.postgres.models import Model
from serving.postgres.schemas import Names, Publication, comment_of, new, publication_in
from serving.postgres.swap import swap

if TYPE_CHECKING:
    import psycopg


@dataclass(frozen=True)
class Copied:
    """What was done: `is_new` unless the version was there; `warnings` ask for a person."""

    is_new: bool
    rows: int
    seconds: float
    warnings: tuple[str, ...]


def bring_up(
    file: Path,
    publication: Publication,
    models: Callable[[], dict[str, Model]],
    settings: Postgres,
    address: str,
    say: Callable[[str], None],
    *,
    force: bool = False,
) -> Copied:
    """Bring the copy to a published version; nothing to do where it is there already.

    Args:
        file: the `crm.duckdb` of the version.
        models: gives what dbt says of the tables; asked only when there is something to load.
        say: told of progress.
        force: replace a later version too.

    Raises:
        CopyError: it cannot be done; readers go on seeing the version before.
    """
    started, names, warnings = time.monotonic(), Names.of(settings), []
    try:
        with connect(address, say) as connection, _alone(connection, names, settings):
            _refuse_others(connection, names, publication, force=force)
            is_new = version_there(connection, names) != publication
            rows = 0
            if is_new:
                rows = _load_unless_there(
                    connection, address, file, publication, models, settings, say
                )
                swap(connection, names, settings, warnings.append)
            else:
                warnings += drop_unfinished(connection, names)
                ddl.grant(connection, names.both, settings.readers)
            warnings += drop_replaced(connection, names, settings.keep_old)
    except errors.InsufficientPrivilege as error:
        raise CopyError(
            f"a right is missing: {said(error)}. docs/postgres.md has the steps that give it."
        ) from error
    except Error as error:
        raise CopyError(f"the server ended it: {said(error)}.") from error
    return Copied(is_new, rows, time.monotonic() - started, tuple(warnings))


def version_there(connection: psycopg.Connection, names: Names) -> Publication | None:
    """What readers see there; None when there is nothing."""
    found = {publication_in(connection, schema) for schema in names.both}
    return found.pop() if len(found) == 1 else None


def _load_unless_there(
    connection: psycopg.Connection,
    address: str,
    file: Path,
    publication: Publication,
    models: Callable[[], dict[str, Model]],
    settings: Postgres,
    say: Callable[[str], None],
) -> int:
    """Load the version; one that waits for its swap since the last time is taken as it is."""
    names = Names.of(settings)
    if {publication_in(connection, new(schema)) for schema in names.both} == {publication}:
        return 0
    with open_published(file, read_only=True) as published:
        return load(
            connection, address, published, publication, models(), names, settings.readers, say
        )


@contextmanager
def _alone(connection: psycopg.Connection, names: Names, settings: Postgres) -> Iterator[None]:
    """Keep other publishers out until the connection ends."""
    wait = sql.Literal(f"{settings.lock_wait_seconds * 1000:.0f}ms")
    connection.execute(sql.SQL("set lock_timeout = {}").format(wait))
    try:
        connection.execute(
            "select pg_catalog.pg_advisory_lock(pg_catalog.hashtextextended(%s, 0))",
            [f"tokui {names.marts}"],
        )
    except errors.LockNotAvailable:
        raise CopyError(
            f"another Tokui has been publishing into {names.marts} for "
            f"{settings.lock_wait_seconds:g} s."
        ) from None
    yield


def _refuse_others(
    connection: psycopg.Connection, names: Names, ours: Publication, *, force: bool
) -> None:
    """Never replace what is not ours, what another warehouse publishes, nor what is later."""
    for schema in names.both:
        refuse_foreign(schema, comment_of(connection, schema))
        there = publication_in(connection, schema)
        if there is not None and there.profile != ours.profile:
            raise CopyError(
                f"{schema} there is of the profile {there.profile}, and this warehouse is of "
                f"{ours.profile}. Give each a database, or schemas of its own."
            )
        if there is not None and there.version > ours.version and not force:
            raise CopyError(
                f"{schema} there is of the later version {there.version}, and {ours.version} is "
                "published here, as in a home that was restored. To go back to it: `tokui publish "
                "postgres --force`."
            )
