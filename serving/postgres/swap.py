"""The swap: from one statement to the next, readers see the new version, in all tables at once.

Renaming schemas alone would not do: a query that looks up two tables could find one before and one
after. So every table is locked first. Most tries only look for a moment in which nobody reads, and
disturb nobody; every twentieth waits for readers, but briefly, because others queue up behind it.
All locks of a try together wait for `lock_timeout_seconds` at most.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from itertools import count
from typing import TYPE_CHECKING

from psycopg import errors, sql

from ingestion.postgres_settings import Postgres
from serving.postgres.errors import CopyError
from serving.postgres.schemas import Names, new, old, publication_in, tables_in
from serving.postgres.views import take_along, views_of

if TYPE_CHECKING:
    import psycopg

_PAUSE_SECONDS = (0.01, 0.05)
_AT_ONCE_SECONDS = 0.001
_LOOKS = 20
"""Looks for a moment without readers, between two tries that make readers wait."""
_LOCKS = """
declare
    deadline timestamptz := clock_timestamp() + {seconds} * interval '1 second';
    remaining integer;
    one text;
begin
    foreach one in array {tables}::text[] loop
        remaining := extract(epoch from deadline - clock_timestamp()) * 1000;
        if remaining <= 0 then  -- A timeout of 0 would be none.
            raise exception 'no time is left' using errcode = 'lock_not_available';
        end if;
        perform set_config('lock_timeout', least(remaining, {milliseconds})::text, true);
        execute 'lock table ' || one || ' in access exclusive mode';
    end loop;
end
"""
"""Locks tables within `seconds` in all, each within `milliseconds`, in one exchange: a hundred
exchanges with a server far away would take longer than readers shall wait."""
_READERS = """
select a.pid, a.usename, a.application_name, coalesce(a.state, '')
from pg_catalog.pg_stat_activity as a
where a.pid <> pg_backend_pid() and exists (
    select from pg_catalog.pg_locks as l
    join pg_catalog.pg_class as c on c.oid = l.relation
    join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
    where l.pid = a.pid and l.granted and n.nspname = any(%s)
)
order by a.xact_start
limit 5
"""


def swap(
    connection: psycopg.Connection,
    names: Names,
    settings: Postgres,
    warn: Callable[[str], None],
) -> None:
    """Put the loaded version in the place of the one that is read.

    Raises:
        CopyError: readers left no moment for it within `lock_wait_seconds`. The loaded version
            stays beside the other, so that the next try need not load it again.
    """
    deadline = time.monotonic() + settings.lock_wait_seconds
    for number in count(1):
        words: list[str] = []
        longest = settings.lock_timeout_seconds
        each = longest if number % _LOOKS == 0 else _AT_ONCE_SECONDS
        try:
            _try_to_swap(connection, names, each, longest, words.append)
        except (errors.LockNotAvailable, errors.DeadlockDetected):
            if time.monotonic() >= deadline:
                raise CopyError(_blocked(connection, names, settings)) from None
            time.sleep(random.uniform(*_PAUSE_SECONDS))
        else:
            for one in words:  # Of the try that succeeded alone.
                warn(one)
            return


def _try_to_swap(
    connection: psycopg.Connection,
    names: Names,
    each: float,
    longest: float,
    warn: Callable[[str], None],
) -> None:
    """One try; waits for a lock for `each` seconds at most, and for all for `longest`."""
    with connection.transaction():
        views = views_of(connection, names)
        # Views first, as their readers do: else each could wait for the other.
        _lock(
            connection,
            [*(view.identifier for view in views), *tables_in(connection, *names.both)],
            each,
            longest,
        )
        for schema in names.both:
            replaced = publication_in(connection, schema)
            if replaced is not None:
                _rename(connection, schema, old(schema, replaced.version))
            _rename(connection, new(schema), schema)
        take_along(connection, views, warn)


def _lock(
    connection: psycopg.Connection, tables: list[sql.Identifier], each: float, longest: float
) -> None:
    block = sql.SQL(_LOCKS).format(
        seconds=sql.Literal(longest),
        tables=sql.Literal([one.as_string(connection) for one in tables]),
        milliseconds=sql.Literal(max(int(each * 1000), 1)),
    )
    connection.execute(sql.SQL("do {}").format(sql.Literal(block.as_string(connection))))


def _rename(connection: psycopg.Connection, before: str, after: str) -> None:
    connection.execute(
        sql.SQL("alter schema {} rename to {}").format(
            sql.Identifier(before), sql.Identifier(after)
        )
    )


def _blocked(connection: psycopg.Connection, names: Names, settings: Postgres) -> str:
    rows = connection.execute(_READERS, [list(names.both)]).fetchall()
    readers = "; ".join(
        f"process {pid} of {user} ({application or 'no name'}, {state})"
        for pid, user, application, state in rows
    )
    return (
        f"readers left no moment for the swap within {settings.lock_wait_seconds:g} s. In a "
        f"transaction on the tables: {readers or 'many short ones without a gap'}. What lasts can "
        "be ended (select pg_terminate_backend(process)); give BI's role an "
        "idle_in_transaction_session_timeout."
    )
