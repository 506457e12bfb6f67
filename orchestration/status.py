"""What the reading commands print: status, digests, and the story of one run."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import Any

from orchestration import home as homes
from orchestration.home import Home
from orchestration.journal import Journal, RunRow, utc_now
from orchestration.publication import read_manifest
from orchestration.quarantine import waiting_by_reason
from orchestration.report import formats


def print_status() -> int:
    """Print the published version, what waits for a person, and the last runs."""
    home, _ = homes.load()
    manifest = read_manifest(home)
    if manifest is None:
        print("nothing is published yet; run `tokui refresh`")
    else:
        _print_published(home, manifest)
    runs = Journal(home.journal).last_runs(5)
    if runs:
        _print_decisions(home, Journal(home.journal))
    print("last runs")
    for row in runs:
        print(f"  {_line(row)}")
    return 0


def _print_published(home: Home, manifest: dict[str, Any]) -> None:
    checks = manifest["checks"]
    finished = datetime.fromisoformat(manifest["finished_at"]).astimezone(UTC).replace(tzinfo=None)
    age = formats.seconds((utc_now() - finished).total_seconds())
    print(f"published   {manifest['version']}  as of {manifest['as_of']}, {age} ago")
    print(f"file        {home.served}")
    if home.report.exists():
        print(f"report      {home.report}")
    print(
        f"checks      {checks['passed']} of {checks['run']} passed, {checks['warnings']} warning(s)"
    )
    if manifest["feeds_held"]:
        print(f"held        {', '.join(manifest['feeds_held'])}: not up to date")
    for name, table in manifest["tables"].items():
        print(f"  marts.{name:<24}{table['rows']:>12,} rows")


def _print_decisions(home: Home, journal: Journal) -> None:
    """Rows that wait for one, and checks that are accepted."""
    waiting = waiting_by_reason(home).total()
    accepted = journal.query(
        "select suite || '.' || expectation || ' for ' || as_of_date || ': ' || reason "
        "from ops.gate_acceptances where withdrawn_at is null order by decided_at, acceptance_id"
    )
    print(f"quarantine  {waiting:,} row(s) wait for a decision")
    for row in accepted:
        print(f"accepted    {row[0]}")


def print_digests() -> int:
    """Print `digest  table` of each published mart, as sha256sum would."""
    home, _ = homes.load()
    manifest = read_manifest(home)
    if manifest is None:
        print("tokui: nothing is published yet; run `tokui refresh`", file=sys.stderr)
        return 2
    for name, table in manifest["tables"].items():
        print(f"{table['digest']}  marts.{name}")
    return 0


def inspect_run(run_id: str) -> int:
    """Print steps, row accounting, refused files and failed checks of a run."""
    home, _ = homes.load()
    journal = Journal(home.journal)
    row = journal.find_run(run_id)
    if row is None:
        print(f"tokui: no run {run_id}; `tokui status` lists them", file=sys.stderr)
        return 2
    print(_line(row))
    if row.message:
        print(row.message)
    _print_table(
        "steps (seconds wall, CPU; peak MiB)",
        journal.query(
            "select step, round(wall_seconds, 2), round(cpu_seconds, 2), round(peak_memory_mib) "
            "from ops.steps where run_id = ? order by started_at",
            [row.run_id],
        ),
    )
    _print_table(
        "rows (in, unchanged, quarantined, stored)",
        journal.query(
            "select table_name, rows_in, rows_unchanged, rows_quarantined, rows_stored "
            "from ops.row_accounting where run_id = ? and rows_in > 0 order by table_name",
            [row.run_id],
        ),
    )
    _print_table(
        "files refused",
        journal.query("select message from ops.held_files where run_id = ?", [row.run_id]),
    )
    _print_table(
        "checks that failed",
        journal.query(
            "select severity, suite, expectation, observed, threshold, examples, explanation "
            "from ops.check_results where run_id = ? and not passed order by severity, suite",
            [row.run_id],
        ),
    )
    copy = home.runs / row.run_id / "warehouse.duckdb"
    if copy.exists():
        print(f"its warehouse is kept at {copy}, its marts at {copy.with_name(home.served.name)}")
    return 0


def _print_table(title: str, rows: list[tuple[object, ...]]) -> None:
    if rows:
        print(title)
    for row in rows:
        print("  " + "  ".join("" if value is None else str(value) for value in row))


def _line(row: RunRow) -> str:
    as_of = f"  as of {row.as_of_date}" if row.as_of_date else ""
    ended = row.finished_at
    took = f"  in {formats.seconds((ended - row.started_at).total_seconds())}" if ended else ""
    return f"{row.run_id[:8]}  {row.started_at:%Y-%m-%d %H:%M:%S}Z  {row.status}{as_of}{took}"
