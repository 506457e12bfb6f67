"""Publication: the marts of a green run, served atomically.

A version is written whole into `published/versions/<version>/` and synced; then the warehouse is
swapped; then `published/manifest.json` is replaced, and that rename is the commit. The copy that BI
opens (`published/crm.duckdb`) follows, and is rolled forward at the next start if it is behind.
"""

from __future__ import annotations

import filecmp
import json
import os
import shutil
import stat
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from ingestion.engine import MARTS, connect, literal
from ingestion.errors import ConfigurationError
from ingestion.retries import patiently
from orchestration import marts_file
from orchestration.digest import BATCH_ROWS, Digest, columns_of, in_key_order
from orchestration.home import Home
from orchestration.postgres_copy import follow

if TYPE_CHECKING:
    from orchestration.run import Run

_MARTS_AT_ONCE = 4
"""Each holds some 100 MB of rows on their way into a file, beside what the engine sorts."""
_INSTANT = "%Y%m%dT%H%M%S%fZ"

SPOKEN = ("stopped", "misconfigured", "published", "unchanged")
"""Endings whose message is ours; that of a crash is whatever failed, and may hold a value."""

# The run that publishes has not ended when the file is written; who can read the file knows that
# it was published. Its message, if it has one, is that of an earlier try.
OPS_TABLES = {
    "runs": "select run_id, profile, started_at, "
    "if(run_id = $run_id, cast($finished_at as timestamp), finished_at) as finished_at, "
    "if(run_id = $run_id, 'published', status) as status, "
    "if(run_id = $run_id, cast($as_of as date), as_of_date) as as_of_date, "
    "if(run_id = $run_id, $version, version) as version, "
    f"case when r.run_id <> $run_id and r.status in {SPOKEN} then r.message end as message "
    "from journal.ops.runs as r order by started_at, run_id",
    "check_results": "select suite, expectation, layer, severity, passed, observed, threshold, "
    "unexpected_count, as_of_date, run_id, examples, explanation, accepted, acceptance_id "
    "from journal.ops.check_results "
    "where run_id = $run_id order by all",
    "row_accounting": "select any_value(f.feed) as feed, f.table_name, "
    "sum(f.rows_in)::bigint as rows_in, "
    "sum(f.rows_unchanged)::bigint as rows_unchanged, any_value(s.superseded_rows) as "
    "rows_superseded, any_value(s.deleted_rows) as rows_deleted, any_value(s.staged_rows) as "
    "rows_staged, sum(f.rows_quarantined)::bigint as rows_quarantined, "
    "coalesce(any_value(q.discarded), 0)::bigint as rows_discarded "
    "from warehouse.ledger.files f join warehouse.staging.stg_row_accounting s "
    "on s.table_name = f.table_name left join (select table_name, count(*) as discarded "
    "from warehouse.ledger.quarantined_rows where state = 'discarded' group by table_name) q "
    "on q.table_name = f.table_name group by f.table_name order by f.table_name",
    "source_freshness": "select feed, table_name, count(*) as files, max(loaded_at) as "
    "last_loaded_at, max(sequence) as last_delivery, feed in (select feed from "
    "journal.ops.held_files where run_id = $run_id) as is_stale "
    "from warehouse.ledger.files group by feed, table_name order by feed, table_name",
    "quarantine_summary": "select q.table_name, q.file, q.reason, q.state, count(*) as rows, "
    "min(q.line) as first_line, min(f.loaded_at) as first_seen_at "
    "from warehouse.ledger.quarantined_rows q join warehouse.ledger.files f "
    "on f.table_name = q.table_name and f.file = q.file and f.load_id = q.load_id "
    "group by q.table_name, q.file, q.reason, q.state order by all",
    "model_backtest": "select * from warehouse.prediction.model_backtest "
    "order by model, segment, bucket_type, bucket",
    "publication": "select $version as version, $run_id as run_id, cast($as_of as date) as "
    "as_of_date, cast($finished_at as varchar) as finished_at, $code_version as code_version",
}


@dataclass(frozen=True)
class Mart:
    """A table to publish and the columns that tell its rows apart."""

    name: str
    key: list[str]


@dataclass(frozen=True)
class Outcome:
    """What publication did: `published`, `unchanged`, or `as_of` for an older date.

    `notes` ask for a person though the publication stands.
    """

    status: str
    version: str | None
    tables: dict[str, dict[str, Any]]
    notes: tuple[str, ...] = ()


def publish(run: Run, marts: list[Mart], checks: dict[str, int], held: list[str]) -> Outcome:
    """Serve the marts of a run whose gates all passed.

    An as-of date older than the published one goes to `published/as_of/<date>/` and never replaces
    the head; digests equal to the published ones write no new version.
    """
    assert run.as_of is not None
    head = read_manifest(run.home)
    version = _version(run, head)
    is_past = head is not None and run.as_of < date.fromisoformat(head["as_of"])
    target = (
        run.home.published / "as_of" / run.as_of.isoformat()
        if is_past
        else run.home.versions / version
    )
    temporary = _begin(target)
    tables = _write_parquet(run, marts, temporary / "parquet")
    manifest = {
        "version": version,
        "run_id": run.run_id,
        "profile": run.settings.profile,
        "as_of": run.as_of.isoformat(),
        "finished_at": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "tables": tables,
        "checks": checks,
        "feeds_held": held,
        "code_version": code_version(),
    }
    if is_past:
        _write_version(run, marts, manifest, temporary, target)
        return Outcome("as_of", version, tables)
    if head is not None and _is_same(head, manifest) and _is_there(run.home, head):
        _remove(temporary)
        _swap_warehouse(run, head["version"])
        notes = follow(run.home, run.settings, head)
        return Outcome("unchanged", head["version"], tables, notes)
    if head is not None:
        _share_parquet(run.home, head, tables, temporary / "parquet")
    _write_version(run, marts, manifest, temporary, target)
    _swap_warehouse(run, version, target / run.marts.name)
    _commit(run.home, version)
    _follow(run.home)
    prune_versions(run.home, run.settings.publication.keep_versions)
    notes = follow(run.home, run.settings, manifest)
    return Outcome("published", version, tables, notes)


def read_manifest(home: Home) -> dict[str, Any] | None:
    """The manifest of the published version, None before the first publication."""
    if not home.manifest.exists():
        return None
    return json.loads(home.manifest.read_text(encoding="utf-8"))


def published_date(home: Home) -> date | None:
    """The as-of date of what is published, None before the first publication."""
    head = read_manifest(home)
    return date.fromisoformat(head["as_of"]) if head else None


def roll_forward(home: Home, progress: Callable[[str], None]) -> None:
    """Finish a publication that was cut off after the warehouse was swapped; drop one cut before.

    The swap is the point of no return: the old warehouse is gone then, and the version was whole
    and synced before it.
    """
    swapped = _version_of_warehouse(home, progress)
    head = read_manifest(home)
    is_behind = swapped is not None and (head is None or head["version"] != swapped)
    if is_behind and (home.versions / swapped / "manifest.json").exists():
        _commit(home, swapped)
    _drop_uncommitted(home)
    _follow(home)


def code_version() -> str:
    """Version of the installed package."""
    from importlib.metadata import version

    return version("tokui")


def prune_versions(home: Home, keep: int) -> None:
    """Keep the newest versions, at least the published one."""
    versions = sorted(path for path in home.versions.iterdir() if not path.name.startswith("."))
    for old in versions[: -max(keep, 1)]:
        _drop_parquet(home, old.name)
        # Out of sight first: what is left of a removal that is cut off must not pass for a version.
        hidden = old.with_name(f".{old.name}")
        os.replace(old, hidden)
        shutil.rmtree(hidden, ignore_errors=True)


def _is_same(head: dict[str, Any], manifest: dict[str, Any]) -> bool:
    """Whether a reader would see anything new."""
    names = ("tables", "as_of", "feeds_held", "code_version")
    return all(head.get(name) == manifest[name] for name in names)


def _is_there(home: Home, head: dict[str, Any]) -> bool:
    """Whether the folder of the published version was left alone."""
    return (home.versions / head["version"] / "crm.duckdb").exists()


def _version(run: Run, head: dict[str, Any] | None) -> str:
    """Sorts in the order of publication, even when the clock was set back meanwhile."""
    instant = datetime.now(UTC).replace(tzinfo=None)
    if head is not None:
        last = datetime.strptime(head["version"].split("-")[0], _INSTANT)
        instant = max(instant, last + timedelta(microseconds=1))
    return f"{instant.strftime(_INSTANT)}-{run.run_id[:8]}"


def _begin(target: Path) -> Path:
    """The folder in which a version is written until it is whole."""
    temporary = target.parent / f".{target.name}.tmp"
    _remove(temporary)
    (temporary / "parquet").mkdir(parents=True)
    return temporary


def _write_parquet(run: Run, marts: list[Mart], folder: Path) -> dict[str, dict[str, Any]]:
    """A file a mart, in key order; rows and digest of each.

    Each mart is sorted and read once: the digest is taken of the very batches that are written.
    Several are at once, each by one thread: threads that sort one table wait for each other.
    """
    with _engine(run) as connection:
        threads = connection.execute("select current_setting('threads')").fetchall()[0][0]
        connection.execute("set threads = 1")
        pool = ThreadPoolExecutor(min(threads, _MARTS_AT_ONCE))
        try:
            written = {
                mart.name: pool.submit(_write_mart, connection, mart, folder)
                for mart in _largest_first(connection, marts)
            }
            return {mart.name: written[mart.name].result() for mart in marts}
        finally:
            pool.shutdown(cancel_futures=True)  # Where one failed, the others are not begun.


def _largest_first(connection: duckdb.DuckDBPyConnection, marts: list[Mart]) -> list[Mart]:
    """The order in which no thread is left alone with a large mart at the end."""
    rows = connection.execute(
        "select table_name, estimated_size * column_count from duckdb_tables()"
    ).fetchall()
    sizes = dict(rows)
    return sorted(marts, key=lambda mart: -sizes.get(mart.name, 0))


def _write_mart(engine: duckdb.DuckDBPyConnection, mart: Mart, folder: Path) -> dict[str, Any]:
    with engine.cursor() as connection:
        connection.execute("set timezone = 'UTC'")  # A cursor has a session of its own.
        return _write_rows(connection, mart, folder)


def _write_rows(connection: duckdb.DuckDBPyConnection, mart: Mart, folder: Path) -> dict[str, Any]:
    from pyarrow.parquet import ParquetWriter

    table = f"{MARTS}.marts.{mart.name}"
    digest = Digest(columns_of(connection, table))
    batches = in_key_order(connection, table, mart.key)
    path = folder / f"{mart.name}.parquet"
    # Amounts as integers, as the engine writes them and every reader knows them.
    with ParquetWriter(path, batches.schema, store_decimal_as_integer=True) as writer:
        for batch in batches:
            digest.update(batch)
            writer.write_batch(batch, row_group_size=BATCH_ROWS)
    return {"rows": digest.rows, "digest": digest.hexdigest()}


def _share_parquet(
    home: Home, head: dict[str, Any], tables: dict[str, dict[str, Any]], folder: Path
) -> None:
    """Where a file is that of the published version, byte for byte, keep one for both."""
    for name, table in tables.items():
        old = home.versions / head["version"] / "parquet" / f"{name}.parquet"
        new = folder / old.name
        if head["tables"].get(name) != table or not old.exists():
            continue
        if filecmp.cmp(old, new, shallow=False):
            _make_one(old, new)


def _make_one(old: Path, new: Path) -> None:
    """Make `new` a second name of `old`, its equal; where there are no hard links both stay."""
    second = new.with_suffix(".same")
    try:
        os.link(old, second)
    except OSError:
        return
    os.replace(second, new)


def _write_version(
    run: Run, marts: list[Mart], manifest: dict[str, Any], temporary: Path, target: Path
) -> None:
    """Complete the folder that holds the Parquet, and give it its name."""
    _write_tables(run, marts, manifest, temporary)
    text = json.dumps(manifest, ensure_ascii=False, indent=2)
    (temporary / "manifest.json").write_text(text, encoding="utf-8")
    _write_report(run, temporary, is_head=target.parent == run.home.versions)
    for path in [*temporary.rglob("*"), temporary]:
        if path.is_file():
            _protect(path)
        sync(path)
    _remove(target)
    os.replace(temporary, target)
    for folder in (target.parent, target.parent.parent):
        sync(folder)


def _protect(path: Path) -> None:
    """Take the right to write away, also from the owner: the served file is a name of this one."""
    path.chmod(path.stat().st_mode & 0o7555)


def _write_report(run: Run, folder: Path, *, is_head: bool) -> None:
    """The page about the run, beside the tables."""
    from orchestration.report.keep import write_into_version  # Late: it reads what is written here.

    write_into_version(run, folder, is_head=is_head)


@contextmanager
def _engine(run: Run) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection of its own that reads the run's marts, and sorts out of core."""
    with connect(Path(":memory:")) as connection:
        connection.execute(f"set temp_directory = {literal(str(run.home.work / 'spill'))}")
        connection.execute(f"attach {literal(str(run.marts))} as {MARTS} (read_only)")
        yield connection


def _write_tables(run: Run, marts: list[Mart], manifest: dict[str, Any], folder: Path) -> None:
    """Complete the file that the marts were built in, and make it the version's."""
    # A try that failed behind this may have taken the right away.
    run.marts.chmod(run.marts.stat().st_mode | stat.S_IWUSR)
    with run.open() as connection:
        connection.execute(f"attach {literal(str(run.home.journal))} as journal (read_only)")
        marts_file.drop_all_but(connection, {mart.name for mart in marts})
        connection.execute(f"drop schema if exists {MARTS}.ops cascade")
        connection.execute(f"create schema {MARTS}.ops")
        for name, query in OPS_TABLES.items():
            parameters = {key: value for key, value in manifest.items() if f"${key}" in query}
            connection.execute(f"create table {MARTS}.ops.{name} as {query}", parameters)
        connection.execute(f"checkpoint {MARTS}")  # All into the file, none in a log beside.
    link(run.marts, folder / run.home.served.name)


def _version_of_warehouse(home: Home, progress: Callable[[str], None]) -> str | None:
    """The version that was made of the current warehouse.

    Raises:
        ConfigurationError: another program holds the warehouse open for writing.
    """
    if not home.current.exists():
        return None
    try:
        return patiently(
            f"opening {home.current}",
            lambda: marts_file.version_of(home.current),
            progress,
            duckdb.IOException,
        )
    except duckdb.IOException as error:
        raise ConfigurationError(
            f"{home.current} cannot be read. Close the program that has it open; programs that "
            f"only look should open it read-only. {error}"
        ) from error


def _swap_warehouse(run: Run, version: str, marts: Path | None = None) -> None:
    """Make the run's copy the current warehouse, which remembers the version made of it."""
    with connect(run.warehouse) as connection:
        marts_file.remember(connection, version, marts)
        connection.execute("checkpoint")
    sync(run.warehouse)
    current = run.home.current
    current.parent.mkdir(parents=True, exist_ok=True)
    drop_log(current)
    os.replace(run.warehouse, current)
    for folder in (current.parent, run.home.root):
        sync(folder)


def _commit(home: Home, version: str) -> None:
    """Replace the published manifest by that of a version: the commit."""
    temporary = home.published / ".manifest.tmp"
    shutil.copyfile(home.versions / version / "manifest.json", temporary)
    sync(temporary)
    os.replace(temporary, home.manifest)
    sync(home.published)


def _follow(home: Home) -> None:
    """Bring the served file, the page and the folders of Parquet to the committed version."""
    head = read_manifest(home)
    if head is None:
        return
    for target in (home.served, home.report):
        source = home.versions / head["version"] / target.name
        # A version whose folder somebody removed is written anew by the next publication.
        if not source.exists() or _is_copy(source, target):
            continue
        temporary = home.published / f".{target.name}.tmp"
        link(source, temporary)
        drop_log(target)
        os.replace(temporary, target)
        sync(home.published)
    _follow_with_parquet(home)


def _follow_with_parquet(home: Home) -> None:
    from orchestration.parquet_folders import follow  # Late: it needs this module.

    follow(home)


def _drop_parquet(home: Home, version: str) -> None:
    from orchestration.parquet_folders import drop  # Late: it needs this module.

    drop(home, version)


def link(source: Path, target: Path) -> None:
    """A second name for a file, taken from what had it; a copy where there are no hard links."""
    target.unlink(missing_ok=True)
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
        sync(target)


def _is_copy(source: Path, target: Path) -> bool:
    """Whether `target` was made of `source` by `link`."""
    if not target.exists():
        return False
    one, other = source.stat(), target.stat()
    return os.path.samestat(one, other) or (
        (one.st_size, one.st_mtime_ns) == (other.st_size, other.st_mtime_ns)
    )


def drop_log(database: Path) -> None:
    """Remove the log of changes beside a database that is about to be replaced.

    It is there when somebody wrote into the old file and was killed; DuckDB would apply it to the
    new one.
    """
    database.with_name(database.name + ".wal").unlink(missing_ok=True)


def _drop_uncommitted(home: Home) -> None:
    """Remove versions beyond the published one, and folders that were not written to their end."""
    head = read_manifest(home)
    for folder in (home.versions, home.published / "as_of"):
        for path in folder.iterdir() if folder.exists() else ():
            is_newer = folder == home.versions and (head is None or path.name > head["version"])
            if path.name.startswith(".") or is_newer:
                shutil.rmtree(path, ignore_errors=True)


def _remove(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)


def sync(path: Path) -> None:
    """Make a file or folder survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
