"""Publications one after the other, each with a number of its own in several tables.

They are made of changed copies of one warehouse, by the code that publishes every night.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import duckdb

from ingestion.engine import connect, literal
from ingestion.settings import Settings
from orchestration.home import Home
from orchestration.publication import Mart, publish, published_date
from orchestration.run import Run, clone, discard

NUMBERED = {"dim_store": "store_name", "fct_sales_line": "currency"}
"""A small and a large mart, and the column that bears the number in every row."""
_CHECKS = {"run": 0, "passed": 0, "warnings": 0, "accepted": 0}


class NotPublishedError(Exception):
    """A publication, or its copy in Postgres, was not made; the message says why."""


def publish_numbered(home: Home, settings: Settings, marts: Sequence[Mart], number: int) -> str:
    """Publish a copy of the current warehouse that bears a number; its version.

    Raises:
        NotPublishedError: it was not published, or asks for a person.
    """
    now = datetime.now()
    run = Run(f"{number:08}-reading", home, settings, now, published_date(home))
    home.work.mkdir(parents=True)
    clone(home.current, home.work_warehouse)
    run.journal.start_run(run.run_id, settings.profile, now)
    with connect(home.work_warehouse) as connection:
        for mart, column in NUMBERED.items():
            _number(connection, mart, column, number)
    outcome = publish(run, list(marts), _CHECKS, [])
    run.journal.finish_run(run.run_id, "published", version=outcome.version)
    discard(home)
    if outcome.status != "published" or outcome.version is None or outcome.notes:
        raise NotPublishedError("\n".join(outcome.notes) or f"it was {outcome.status}")
    return outcome.version


def _number(connection: duckdb.DuckDBPyConnection, mart: str, column: str, number: int) -> None:
    """Replace a mart, whether table or view, by a table whose column bears the number."""
    views = "select view_name from duckdb_views() where schema_name = 'marts'"
    is_view = (mart,) in connection.execute(views).fetchall()
    connection.execute(
        f"create table marts.numbered as select * replace ({literal(word(number))} as {column}) "
        f"from marts.{mart}"
    )
    connection.execute(f"drop {'view' if is_view else 'table'} marts.{mart}")
    connection.execute(f"alter table marts.numbered rename to {mart}")


def word(number: int) -> str:
    """How tables bear a number."""
    return f"number {number}"
