"""Publication: the marts of a green run, served atomically.

A version is written whole into `published/versions/<version>/` and synced; then the warehouse is
swapped; then `published/manifest.json` is replaced, and that rename is the commit. The copy that BI
opens (`published/crm.duckdb`) follows, and is rolled forward at the next start if it is behind.
"""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from ingestion.engine import connect
from orchestration.digest import digest
from orchestration.home import Home

if TYPE_CHECKING:
    from orchestration.run import Run

OPS_TABLES = {
    "runs": "select run_id, profile, started_at, finished_at, status, as_of_date, version, message "
    "from journal.ops.runs order by started_at, run_id",
    "check_results": "select suite, expectation, layer, severity, passed, observed, threshold, "
    "unexpected_count, as_of_date, run_id, examples, explanation from journal.ops.check_results "
    "where run_id = $run_id order by all",
    "row_accounting": "select f.table_name, sum(f.rows_in)::bigint as rows_in, "
    "sum(f.rows_unchanged)::bigint as rows_unchanged, any_value(s.superseded_rows) as "
    "rows_superseded, any_value(s.deleted_rows) as rows_deleted, any_value(s.staged_rows) as "
    "rows_staged, sum(f.rows_quarantined)::bigint as rows_quarantined "
    "from warehouse.ledger.files f join warehouse.staging.stg_row_accounting s "
    "on s.table_name = f.table_name group by f.table_name order by f.table_name",
    "source_freshness": "select feed, table_name, count(*) as files, max(loaded_at) as "
    "last_loaded_at, max(sequence) as last_delivery, feed in (select feed from "
    "journal.ops.held_files where run_id = $run_id) as is_stale "
    "from warehouse.ledger.files group by feed, table_name order by feed, table_name",
    "quarantine_summary": "select table_name, file, reason, count(*) as rows, min(line) as "
    "first_line, min(seen_at) as first_seen_at from journal.ops.quarantined_rows "
    "group by all order by all",
}


@dataclass(frozen=True)
class Mart:
    """A table to publish and the columns that tell its rows apart."""

    name: str
    key: list[str]


@dataclass(frozen=True)
class Outcome:
    """What publication did: `published`, `unchanged`, or `as_of` for an older date."""

    status: str
    version: str | None
    tables: dict[str, dict[str, Any]]


def publish(run: Run, marts: list[Mart], checks: dict[str, int], held: list[str]) -> Outcome:
    """Serve the marts of a run whose gates all passed.

    An as-of date older than the published one goes to `published/as_of/<date>/` and never replaces
    the head; digests equal to the published ones write no new version.
    """
    assert run.as_of is not None
    with connect(run.warehouse) as connection:
        tables = {mart.name: _digest_of(connection, mart) for mart in marts}
    head = read_manifest(run.home)
    manifest = {
        "version": _version(run),
        "run_id": run.run_id,
        "profile": run.settings.profile,
        "as_of": run.as_of.isoformat(),
        "finished_at": run.now.isoformat() + "Z",
        "tables": tables,
        "checks": checks,
        "feeds_held": held,
        "code_version": code_version(),
    }
    if head is not None and run.as_of < date.fromisoformat(head["as_of"]):
        target = run.home.published / "as_of" / run.as_of.isoformat()
        _write_version(run, marts, manifest, target)
        return Outcome("as_of", manifest["version"], tables)
    if head is not None and _is_same(head, manifest):
        _swap_warehouse(run)
        return Outcome("unchanged", head["version"], tables)
    _write_version(run, marts, manifest, run.home.versions / manifest["version"])
    with connect(run.warehouse) as connection:
        _remember_version(connection, manifest["version"])
    _swap_warehouse(run)
    _commit(run.home, manifest["version"])
    _follow(run.home)
    prune_versions(run.home, run.settings.publication.keep_versions)
    return Outcome("published", manifest["version"], tables)


def read_manifest(home: Home) -> dict[str, Any] | None:
    """The manifest of the published version, None before the first publication."""
    if not home.manifest.exists():
        return None
    return json.loads(home.manifest.read_text(encoding="utf-8"))


def roll_forward(home: Home) -> None:
    """Finish a publication that was cut off after the warehouse was swapped; drop one cut before.

    The swap is the point of no return: the old warehouse is gone then, and the version was whole
    and synced before it.
    """
    swapped = _version_of_warehouse(home)
    head = read_manifest(home)
    if swapped and (head is None or head["version"] != swapped):
        if (home.versions / swapped / "manifest.json").exists():
            _commit(home, swapped)
    _drop_uncommitted(home)
    _follow(home)


def code_version() -> str:
    """Version of the installed package."""
    from importlib.metadata import version

    return version("tokui")


def prune_versions(home: Home, keep: int) -> None:
    """Keep the newest versions."""
    versions = sorted(path for path in home.versions.iterdir() if not path.name.startswith("."))
    for old in versions[:-keep]:
        shutil.rmtree(old, ignore_errors=True)


def _digest_of(connection: duckdb.DuckDBPyConnection, mart: Mart) -> dict[str, Any]:
    rows, value = digest(connection, f"marts.{mart.name}", mart.key)
    return {"rows": rows, "digest": value}


def _is_same(head: dict[str, Any], manifest: dict[str, Any]) -> bool:
    """Whether a reader would see anything new."""
    names = ("tables", "as_of", "feeds_held", "code_version")
    return all(head[name] == manifest[name] for name in names)


def _version(run: Run) -> str:
    """Sorts by time; the run's id keeps two publications of one second apart."""
    from datetime import UTC, datetime

    return f"{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}-{run.run_id[:8]}"


def _write_version(
    run: Run, marts: list[Mart], manifest: dict[str, Any], target: Path
) -> None:
    temporary = target.parent / f".{target.name}.tmp"
    shutil.rmtree(temporary, ignore_errors=True)
    (temporary / "parquet").mkdir(parents=True)
    _write_tables(run, marts, manifest, temporary)
    text = json.dumps(manifest, ensure_ascii=False, indent=2)
    (temporary / "manifest.json").write_text(text, encoding="utf-8")
    for path in [*temporary.rglob("*"), temporary]:
        _sync(path)
    shutil.rmtree(target, ignore_errors=True)
    os.replace(temporary, target)
    _sync(target.parent)


def _write_tables(
    run: Run, marts: list[Mart], manifest: dict[str, Any], folder: Path
) -> None:
    with connect(Path(":memory:")) as connection:
        connection.execute(f"attach '{run.warehouse}' as warehouse (read_only)")
        connection.execute(f"attach '{run.home.journal}' as journal (read_only)")
        connection.execute(f"attach '{folder / 'crm.duckdb'}' as crm (storage_version 'v1.0.0')")
        connection.execute("create schema crm.marts")
        connection.execute("create schema crm.ops")
        for mart in marts:
            connection.execute(
                f"create table crm.marts.{mart.name} as from warehouse.marts.{mart.name}"
            )
            connection.execute(
                f"copy (from warehouse.marts.{mart.name} order by {', '.join(mart.key)}) "
                f"to '{folder / 'parquet' / mart.name}.parquet' (format parquet)"
            )
        for name, query in OPS_TABLES.items():
            parameters = {"run_id": run.run_id} if "$run_id" in query else {}
            connection.execute(f"create table crm.ops.{name} as {query}", parameters)
        connection.execute(
            "create table crm.ops.publication as select $version as version, $run_id as run_id, "
            "cast($as_of as date) as as_of_date, cast($finished_at as varchar) as finished_at, "
            "$code_version as code_version",
            {
                name: manifest[name]
                for name in ("version", "run_id", "as_of", "finished_at", "code_version")
            },
        )


def _remember_version(connection: duckdb.DuckDBPyConnection, version: str) -> None:
    connection.execute(
        "create or replace table ledger.publication as select cast(? as varchar) as version",
        [version],
    )


def _version_of_warehouse(home: Home) -> str | None:
    if not home.current.exists():
        return None
    with connect(home.current, read_only=True) as connection:
        known = connection.execute(
            "select 1 from duckdb_tables() where schema_name = 'ledger' "
            "and table_name = 'publication'"
        ).fetchone()
        if known is None:
            return None
        row = connection.execute("select version from ledger.publication").fetchone()
    return row[0] if row else None


def _swap_warehouse(run: Run) -> None:
    _sync(run.warehouse)
    run.home.current.parent.mkdir(parents=True, exist_ok=True)
    os.replace(run.warehouse, run.home.current)
    _sync(run.home.current.parent)


def _commit(home: Home, version: str) -> None:
    """Replace the published manifest by that of a version: the commit."""
    temporary = home.published / ".manifest.tmp"
    shutil.copyfile(home.versions / version / "manifest.json", temporary)
    _sync(temporary)
    os.replace(temporary, home.manifest)
    _sync(home.published)


def _follow(home: Home) -> None:
    """Bring the served file to the committed version."""
    head = read_manifest(home)
    if head is None:
        return
    source = home.versions / head["version"] / "crm.duckdb"
    if home.served.exists() and os.path.samefile(source, home.served):
        return
    temporary = home.published / ".crm.tmp"
    temporary.unlink(missing_ok=True)
    os.link(source, temporary)
    os.replace(temporary, home.served)
    _sync(home.published)


def _drop_uncommitted(home: Home) -> None:
    head = read_manifest(home)
    if not home.versions.exists():
        return
    for path in home.versions.iterdir():
        is_newer = head is None or path.name > head["version"]
        if path.name.startswith(".") or is_newer:
            shutil.rmtree(path, ignore_errors=True)


def _sync(path: Path) -> None:
    """Make a file or folder survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
