"""Checks of the journal: readable, how the last runs ended, what waits in quarantine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import takewhile

from ingestion.errors import ConfigurationError
from orchestration import journal_schema
from orchestration.doctor.finding import Finding, Subject, fail, ok, some, warn
from orchestration.journal import TABLES, Journal, RunRow
from orchestration.lock import holder_of
from orchestration.quarantine import waiting_by_reason

_RED = ("stopped", "misconfigured", "crashed", "killed")
_TOO_MANY = 3
"""Red runs in a row, after which nobody can have noticed."""


def check_journal(subject: Subject) -> Iterator[Finding]:
    """The journal can be read and is of this version of Tokui."""
    journal = Journal(subject.home.journal)
    if not journal.path.exists():
        yield ok("none yet; the first run makes it")
        return
    try:
        journal_schema.refuse_other_version(journal.version())
    except ConfigurationError as error:
        yield fail(str(error), "Until then no run starts.")
        return
    with journal.open(read_only=True) as connection:
        is_current = journal_schema.is_current(connection, TABLES)
    if is_current:
        yield ok(f"version {journal_schema.VERSION}")
    else:
        yield fail("tables of the journal lack columns", "Run `tokui upgrade`, which adds them.")


def check_last_runs(subject: Subject) -> Iterator[Finding]:
    """The last run was green; red ones in a row are a failure from the third on."""
    journal = Journal(subject.home.journal)
    runs = journal.last_runs(20)
    if holder_of(subject.home.lock) is None:
        for row in journal.running():
            yield warn(
                f"run {row.run_id[:8]} never said how it ended: it was killed",
                "The next run heals what it left.",
            )
    ended = [row for row in runs if row.status != "running"]
    red = list(takewhile(lambda row: row.status in _RED, ended))
    if red:
        level = fail if len(red) >= _TOO_MANY else warn
        yield level(
            f"{len(red)} red run(s) in a row: {some([_short(row) for row in red])}",
            f"tokui inspect {red[0].run_id[:8]}",
        )
    elif ended:
        yield ok(f"the last one: {_short(ended[0])}")
    else:
        yield ok("none yet")


def check_quarantine(subject: Subject) -> Iterator[Finding]:
    """Rows that wait for a decision."""
    journal = Journal(subject.home.journal)
    if not journal.path.exists() or journal.version() != journal_schema.VERSION:
        yield ok("no row waits")
        return
    rows: Counter[str] = Counter()
    for (table, _), count in waiting_by_reason(subject.home).items():
        rows[table] += count
    if rows:
        yield warn(
            "rows set aside: "
            + ", ".join(f"{table} {count:,}" for table, count in sorted(rows.items())),
            "`tokui quarantine list` says why; correct the file, release or discard them.",
        )
    else:
        yield ok("no row waits")


def _short(row: RunRow) -> str:
    return f"{row.run_id[:8]} {row.status} {row.started_at:%Y-%m-%d %H:%M}Z"
