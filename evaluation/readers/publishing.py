"""Publications one after the other, each with a number of its own in several tables.

They are made of changed copies of one warehouse, by the code that publishes every night.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import duckdb

from ingestion.engine import literal
from ingestion.settings import Settings
from orchestration.home import Home
from orchestration.marts_file import of_current
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
    marts_file = of_current(home)
    if marts_file is None:
        raise NotPublishedError("nothing is published that could be numbered")
    clone(home.current, home.work_warehouse)
    clone(marts_file, home.work_marts)
    run.journal.start_run(run.run_id, settings.profile, now)
    with run.open() as connection:
        for mart, column in NUMBERED.items():
            _number(connection, mart, column, number)
    outcome = publish(run, list(marts), _CHECKS, [])
    run.journal.finish_run(run.run_id, "published", version=outcome.version)
    discard(home)
    if outcome.status != "published" or outcome.version is None or outcome.notes:
        raise NotPublishedError("\n".join(outcome.notes) or f"it was {outcome.status}")
    return outcome.version


def _number(connection: duckdb.DuckDBPyConnection, mart: str, column: str, number: int) -> None:
    """Replace a mart by a table whose column bears the number."""
    connection.execute(
        f"create table marts.numbered as select * replace ({literal(word(number))} as {column}) "
        f"from marts.{mart}"
    )
    connection.execute(f"drop table marts.{mart}")
    connection.execute(f"alter table marts.numbered rename to {mart}")


def word(number: int) -> str:
    """How tables bear a number."""
    return f"number {number}"
