"""Rows in quarantine for people: listed without values, shown one by one, decided about."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass
from pathlib import Path

from ingestion.contract import find_table
from ingestion.decisions import Action, applied, row_id
from ingestion.engine import connect
from ingestion.errors import ConfigurationError
from ingestion.quarantine import State
from ingestion.retyping import NOT_SPLIT, is_whole
from orchestration.decisions import decide
from orchestration.home import Home
from orchestration.journal import Journal
from serving.exports.csv_text import harmless


@dataclass(frozen=True)
class AsideRow:
    """A row in quarantine, without its values. `next_run` is what was decided and not yet heard."""

    id: str
    state: str
    table: str
    file: str
    line: int
    reason: str
    run_id: str
    next_run: str = ""

    @property
    def place(self) -> tuple[str, str, int, str]:
        return self.table, self.file, self.line, self.reason


def list_rows(home: Home) -> list[AsideRow]:
    """All rows that were ever set aside, by table, file and line, with their state.

    Raises:
        ConfigurationError: no run has been made here.
    """
    if not home.journal.exists():
        raise ConfigurationError(f"{home.root}: nothing was loaded here yet; run `tokui refresh`.")
    journal = Journal(home.journal)
    states, loaded, heard = _known_to_warehouse(home)
    waiting = {
        (table, file, line, decision_id.partition("-")[0]): action
        for decision_id, table, file, line, action in journal.query(
            "select decision_id, table_name, file, line, action from ops.quarantine_decisions "
            "order by decided_at"
        )
        if decision_id not in heard
    }
    rows = []
    for *place, run_id in journal.query(
        "select table_name, file, line, reason, first_run_id from ops.quarantined_rows order by all"
    ):
        table, file, line, _ = place
        name = row_id(*place)
        # A row of a loaded file that the warehouse does not have was read again without its fault.
        absent = State.CORRECTED if (table, file) in loaded else State.OPEN
        state = states.get(name, absent.value)
        rows.append(
            AsideRow(name, state, *place, run_id, waiting.get((table, file, line, name), ""))
        )
    return rows


def waiting_by_reason(home: Home) -> Counter[tuple[str, str]]:
    """Rows that wait for a decision, by table and reason; none before the first run."""
    if not home.journal.exists():
        return Counter()
    return Counter(
        (row.table, row.reason)
        for row in list_rows(home)
        if row.state == State.OPEN.value and not row.next_run
    )


def _known_to_warehouse(home: Home) -> tuple[dict[str, str], set[tuple[str, str]], set[str]]:
    """States by row, files that are loaded, decisions that were heard."""
    if not home.current.exists():
        return {}, set(), set()
    with connect(home.current, read_only=True) as connection:
        if not connection.execute(
            "select 1 from duckdb_tables() where table_name = 'quarantined_rows'"
        ).fetchone():
            return {}, set(), set()  # A warehouse that waits for its upgrade.
        rows = connection.execute(
            "select table_name, file, line, reason, state from ledger.quarantined_rows "
            "order by load_number"
        ).fetchall()
        files = connection.execute("select table_name, file from ledger.files").fetchall()
        return {row_id(*row[:4]): row[4] for row in rows}, set(files), applied(connection)


def find_rows(home: Home, ids: Iterable[str]) -> list[AsideRow]:
    """The rows of these ids, or of the beginnings of ids.

    Raises:
        ConfigurationError: no row, or more than one, has such an id.
    """
    rows = list_rows(home)
    found = []
    for one in ids:
        matches = [row for row in rows if row.id.startswith(one)]
        if len(matches) != 1:
            many = "more than one row" if matches else "no row"
            raise ConfigurationError(
                f"quarantine: {many} has the id {one}; `tokui quarantine list --all` lists them."
            )
        found += matches
    return found


def payloads_of(home: Home, rows: list[AsideRow]) -> dict[str, str]:
    """The values of rows by their ids: personal, for the terminal of the person who asked."""
    tables = sorted({row.table for row in rows})
    wanted = {row.id for row in rows}
    found = Journal(home.journal).query(
        "select table_name, file, line, reason, payload from pii.quarantined_payloads "
        f"where table_name in ({', '.join('?' * len(tables))})",
        tables,
    )
    by_id = {row_id(*place): payload for *place, payload in found}
    return {name: by_id[name] for name in wanted}


def values_of(payload: str) -> Iterator[tuple[str, str]]:
    """Column and value, each as text; the pieces of a row that was not split, by number."""
    if is_whole(payload):
        values = json.loads(payload)
        yield from ((name, str(value)) for name, value in values.items())
    else:
        yield from ((str(n), piece) for n, piece in enumerate(payload.split("\x1f"), start=1))


def release(home: Home, rows: list[AsideRow], changes: dict[str, str]) -> None:
    """Let the next run read rows again, with values set in them.

    Raises:
        ConfigurationError: a row cannot be released, or its table has no such column.
    """
    payloads = payloads_of(home, rows) if rows else {}
    for row in rows:
        _refuse_released(row)
        if not is_whole(payloads[row.id]):
            raise ConfigurationError(
                f"quarantine: {row.id} ({row.file} line {row.line}): {NOT_SPLIT}: "
                f"tokui quarantine discard {row.id} --reason TEXT"
            )
        names = [column.name for column in find_table(row.table).columns]
        unknown = sorted(set(changes) - set(names))
        if unknown:
            raise ConfigurationError(
                f"quarantine: {row.table} has no column {', '.join(unknown)}; it has "
                f"{', '.join(names)}."
            )
    decide(Journal(home.journal), (row.place for row in rows), Action.RELEASE, changes=changes)


def discard(home: Home, rows: list[AsideRow], reason: str) -> None:
    """Say that rows are nothing that counts.

    Raises:
        ConfigurationError: a row was released already.
    """
    for row in rows:
        _refuse_released(row)
    decide(Journal(home.journal), (row.place for row in rows), Action.DISCARD, note=reason)


def write_csv(rows: list[AsideRow], path: Path) -> None:
    """The list as a CSV that a spreadsheet opens; no cell of it is taken for a formula."""
    names = ("id", "state", "table", "file", "line", "reason", "run_id", "next_run")
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(names)
        writer.writerows([harmless(str(cell)) for cell in astuple(row)] for row in rows)


def _refuse_released(row: AsideRow) -> None:
    if row.state == State.RELEASED.value:
        raise ConfigurationError(
            f"quarantine: {row.id} ({row.file} line {row.line}) was released and is in the "
            "warehouse. A corrected row comes with a new file."
        )
