"""Decisions about quarantine and reloads, in the journal: written once, read at each run."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING

from ingestion.decisions import Action, Decisions, ReloadRequest, RowDecision, row_id
from orchestration.journal import Journal, utc_now
from orchestration.os_user import os_user

if TYPE_CHECKING:
    import duckdb

RELOAD, WITHDRAW = "reload", "withdraw"


def decisions_of(journal: Journal) -> Decisions:
    """All that people ever decided about rows and files, in the order in which they did."""
    with journal.reading() as connection:
        return Decisions(_row_decisions(connection), _reload_requests(connection))


def decide(
    journal: Journal,
    rows: Iterable[tuple[str, str, int, str]],
    action: Action,
    *,
    note: str = "",
    changes: dict[str, str] | None = None,
) -> None:
    """Enter a decision about rows (table, file, line, reason), heard by the next run.

    A decision's id begins with the row's: a file may bring another row to the same line.
    """
    now, who = utc_now(), os_user()
    decisions, values = [], []
    for table, file, line, reason in rows:
        decision_id = f"{row_id(table, file, line, reason)}-{now:%Y%m%dT%H%M%S%f}"
        decisions.append([decision_id, table, file, line, action.value, note, who, now])
        values += [[decision_id, name, value] for name, value in (changes or {}).items()]
    # The values first: a decision without them would be another one.
    journal.write("insert into pii.quarantine_changes values (?, ?, ?)", values)
    journal.write("insert into ops.quarantine_decisions values (?, ?, ?, ?, ?, ?, ?, ?)", decisions)


def request_reload(journal: Journal, table: str, file: str, *, withdraw: bool = False) -> None:
    """Ask the next run to read a file again, or take that back."""
    now = utc_now()
    action = WITHDRAW if withdraw else RELOAD
    feed = table.partition(".")[0].removeprefix("raw_")
    decision_id = f"{row_id(table, file, 0, action)}-{now:%Y%m%dT%H%M%S%f}"
    journal.write(
        "insert into ops.reload_requests values (?, ?, ?, ?, ?, ?, ?)",
        [[decision_id, feed, table, file, action, os_user(), now]],
    )


def _row_decisions(connection: duckdb.DuckDBPyConnection) -> tuple[RowDecision, ...]:
    rows = connection.execute(
        "select d.decision_id, d.action, q.table_name, q.file, q.line, q.reason, p.payload "
        "from ops.quarantine_decisions d "
        "join ops.quarantined_rows q using (table_name, file, line) "
        "join pii.quarantined_payloads p using (table_name, file, line, reason) "
        "order by d.decided_at, d.decision_id"
    ).fetchall()
    changes: dict[str, dict[str, str]] = defaultdict(dict)
    for decision_id, name, value in connection.execute("from pii.quarantine_changes").fetchall():
        changes[decision_id][name] = value
    return tuple(
        RowDecision(decision_id, Action(action), *row, changes.get(decision_id, {}))
        for decision_id, action, *row in rows
        if decision_id.startswith(row_id(*row[:4]))
    )


def _reload_requests(connection: duckdb.DuckDBPyConnection) -> tuple[ReloadRequest, ...]:
    waiting: dict[tuple[str, str], list[ReloadRequest]] = defaultdict(list)
    for decision_id, table, file, action in connection.execute(
        "select decision_id, table_name, file, action from ops.reload_requests order by decided_at"
    ).fetchall():
        if action == WITHDRAW:
            waiting[table, file].clear()
        else:
            waiting[table, file].append(ReloadRequest(decision_id, table, file))
    # Several requests for one file are one: it is read again by today's settings in any case.
    return tuple(requests[-1] for requests in waiting.values() if requests)
