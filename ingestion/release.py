"""Decisions about rows in quarantine, carried out: discarded, or released into their old place.

A released row is stored with the file, line and load that it came with, as though it had been good
then: it is counted once, the order of versions is the old one, and the lines of a receipt stay one
set. What is still bad stays in quarantine, and the outcome says why.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from ingestion.contract import Feed, Table, find_table
from ingestion.decisions import Action, RowDecision, applied
from ingestion.engine import connect, literal, values_rows
from ingestion.feed_report import FeedReport, LoadContext
from ingestion.quarantine import State
from ingestion.retyping import Aside, Release, released_folder, retype
from ingestion.settings import FeedSettings
from ingestion.table_load import pii_file, raw_file

if TYPE_CHECKING:
    import duckdb

RELEASED, DISCARDED = State.RELEASED.value, State.DISCARDED.value
OVERTAKEN = "overtaken by a later decision"
GONE = "the row is no longer in quarantine: its file was read again without it"


def hear_decisions(
    feed: Feed, settings: FeedSettings, context: LoadContext, report: FeedReport
) -> None:
    """Carry out what was decided since about rows of this feed, in one transaction a load."""
    if not context.decisions.rows:
        return
    releases: dict[tuple[str, str], list[Release]] = defaultdict(list)
    with connect(context.warehouse) as connection:
        for decision, aside in _waiting(connection, feed, context, report):
            if aside.state == RELEASED:
                _note(connection, context, report, decision, "the row was released before")
            elif decision.action is Action.DISCARD:
                _set_state(connection, decision, aside, DISCARDED)
                _note(connection, context, report, decision, DISCARDED)
                report.tables[find_table(decision.table).name].discarded += 1
            else:
                releases[decision.table, aside.load_id].append(Release(decision, aside))
    for (table, load_id), some in sorted(releases.items()):
        retype(find_table(table), settings, context, load_id, some)
        _store(find_table(table), context, load_id, some, report)


def _waiting(
    connection: duckdb.DuckDBPyConnection, feed: Feed, context: LoadContext, report: FeedReport
) -> list[tuple[RowDecision, Aside]]:
    """The last decision about each row that was not heard yet; of a file not yet loaded, none."""
    heard = applied(connection)
    tables = {table.qualified_name for table in feed.tables}
    last: dict[tuple[str, str, int, str], RowDecision] = {}
    for decision in context.decisions.rows:
        if decision.decision_id in heard or decision.table not in tables:
            continue
        row = (decision.table, decision.file, decision.line, decision.reason)
        if row in last:
            _note(connection, context, report, last[row], OVERTAKEN)
        last[row] = decision
    found = []
    for decision in last.values():
        aside = _find(connection, decision)
        if aside is not None:
            found.append((decision, aside))
        elif _is_loaded(connection, decision):
            _note(connection, context, report, decision, GONE)
    return found


def _find(connection: duckdb.DuckDBPyConnection, decision: RowDecision) -> Aside | None:
    row = connection.execute(
        "select load_id, state, owner from ledger.quarantined_rows "
        f"where {_row_of(decision)} order by load_number desc limit 1"
    ).fetchone()
    return Aside(*row) if row else None


def _is_loaded(connection: duckdb.DuckDBPyConnection, decision: RowDecision) -> bool:
    return bool(
        connection.execute(
            f"select 1 from ledger.files where table_name = {literal(decision.table)} "
            f"and file = {literal(decision.file)} limit 1"
        ).fetchone()
    )


def _row_of(decision: RowDecision) -> str:
    return (
        f"table_name = {literal(decision.table)} and file = {literal(decision.file)} "
        f"and line = {decision.line} and reason = {literal(decision.reason)}"
    )


def _set_state(
    connection: duckdb.DuckDBPyConnection, decision: RowDecision, aside: Aside, state: str
) -> None:
    connection.execute(
        f"update ledger.quarantined_rows set state = {literal(state)} "
        f"where {_row_of(decision)} and load_id = {literal(aside.load_id)}"
    )


def _note(
    connection: duckdb.DuckDBPyConnection,
    context: LoadContext,
    report: FeedReport,
    decision: RowDecision,
    outcome: str,
) -> None:
    row = values_rows([(decision.decision_id, context.load_id, outcome)])
    connection.execute(f"insert into ledger.applied_decisions values {row}")
    if outcome != OVERTAKEN:
        report.decided.append(
            f"{decision.table} {decision.file} line {decision.line}: {decision.action.value}: "
            f"{outcome}"
        )


def _store(
    table: Table,
    context: LoadContext,
    load_id: str,
    releases: list[Release],
    report: FeedReport,
) -> None:
    """Append the good rows, and let the ledger say of all what became of them."""
    with connect(context.warehouse) as connection:
        connection.execute("begin")
        if not all(one.problem for one in releases):
            _append(connection, table, context)
        for one in releases:
            if not one.problem:
                _set_state(connection, one.decision, one.aside, RELEASED)
                connection.execute(
                    "update ledger.files set rows_quarantined = rows_quarantined - 1, "
                    "rows_stored = rows_stored + 1 "
                    f"where table_name = {literal(table.qualified_name)} "
                    f"and load_id = {literal(load_id)} and file = {literal(one.decision.file)}"
                )
                report.tables[table.name].released += 1
            outcome = f"still bad: {one.problem}" if one.problem else RELEASED
            _note(connection, context, report, one.decision, outcome)
        connection.execute("commit")


def _append(connection: duckdb.DuckDBPyConnection, table: Table, context: LoadContext) -> None:
    folder = released_folder(context)
    targets = {table.qualified_name: raw_file(folder, table)}
    if table.personal:
        targets[f"pii.{table.pii_name}"] = pii_file(folder, table)
    for target, path in targets.items():
        connection.execute(f"insert into {target} by name from read_parquet({literal(str(path))})")
