"""Section: rows set aside and files refused, by where and why; never what they say."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from orchestration.quarantine import waiting_by_reason
from orchestration.report import formats
from orchestration.report.sources import Sources

HEADER = ("table", "reason", "this run", "waiting")


@dataclass(frozen=True)
class SetAside:
    """Rows of one table set aside for one reason: by this run, and all that wait for a decision."""

    table: str
    reason: str
    by_run: int
    waiting: int


@dataclass(frozen=True)
class Quarantine:
    """Rows set aside by table and reason; only open ones wait for a person."""

    rows: tuple[SetAside, ...]

    @property
    def by_run(self) -> int:
        return sum(row.by_run for row in self.rows)

    @property
    def waiting(self) -> int:
        return sum(row.waiting for row in self.rows)


def gather(sources: Sources) -> Quarantine:
    """Rows in quarantine: as published, or for a run that published nothing, as they are now."""
    by_run: Counter[tuple[str, str]] = Counter()
    for table, reason, count in sources.of_run(
        "select table_name, reason, count(*) from ops.quarantined_rows where first_run_id = ? "
        "group by table_name, reason"
    ):
        by_run[table, reason] = count
    waiting = _waiting(sources)
    return Quarantine(
        tuple(
            SetAside(*place, by_run[place], waiting[place]) for place in sorted({*by_run, *waiting})
        )
    )


def _waiting(sources: Sources) -> Counter[tuple[str, str]]:
    if sources.manifest is None:
        return waiting_by_reason(sources.home)
    rows = sources.query(
        "select table_name, reason, sum(rows)::bigint from now.ops.quarantine_summary "
        "where state = 'open' group by table_name, reason"
    )
    return Counter({(table, reason): count for table, reason, count in rows})


def lines(quarantine: Quarantine) -> list[str]:
    """A line a table and reason."""
    if not quarantine.rows:
        return ["no row waits in quarantine"]
    return formats.columns([HEADER, *body(quarantine)], right=(2, 3))


def body(quarantine: Quarantine) -> list[tuple[str, ...]]:
    """A row a table and reason."""
    return [
        (row.table, row.reason, formats.count(row.by_run), formats.count(row.waiting))
        for row in quarantine.rows
    ]
