"""A warehouse that the commit before made: refused, upgraded, and then as good as a new one."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from ingestion import ledger, migrations
from ingestion.errors import ConfigurationError
from ingestion.settings import load_settings
from orchestration import journal_schema, upgrade
from orchestration.cli import main
from orchestration.home import Home
from orchestration.journal import TABLES, Journal
from orchestration.lock import RunLock
from tests.conftest import ROOT, Retailer
from tests.orchestration.conftest import SmallHome

ROWS = {"raw_pos.receipts": 128, "raw_email.events": 37, "pii.pos_members": 33, "ledger.files": 57}
"""Counted by hand in the files of version 2."""


def sql(path: Path, query: str) -> list[tuple]:
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.sql(query).fetchall()


def run_sql(path: Path, statement: str) -> None:
    with duckdb.connect(str(path)) as connection:
        connection.execute(statement)


def rows_of(path: Path) -> dict[str, int]:
    return {name: sql(path, f"select count(*) from {name}")[0][0] for name in ROWS}


def version_of(path: Path) -> int:
    return sql(path, "select schema_version from ledger.identity")[0][0]


def hashes(home: Home) -> dict[str, str]:
    """Of every file below the home, but the lock."""
    return {
        str(path.relative_to(home.root)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in home.root.rglob("*")
        if path.is_file() and path != home.lock
    }


def tokui(retailer: Retailer, *arguments: str) -> int:
    retailer.use()
    try:
        return main(list(arguments))
    finally:
        RunLock.release(retailer.home.lock)


def test_refused_then_upgraded_then_as_good_as_new(
    old: Retailer, published_demo: Retailer, capsys: pytest.CaptureFixture[str]
) -> None:
    assert old.refresh() == 2
    assert "Run `tokui upgrade`" in capsys.readouterr().err
    assert not old.home.published.exists()
    assert tokui(old, "upgrade") == 0
    said = capsys.readouterr().out
    assert "warehouse: upgraded from version 2 to 3" in said
    assert "journal: upgraded from version 1 to 3" in said
    assert rows_of(old.home.current) == ROWS
    assert version_of(old.home.current) == 3
    kept = old.home.current.with_name("warehouse.v2.duckdb")
    assert version_of(kept) == 2
    assert not old.home.work.exists()
    assert old.refresh() == 0, old.message()
    assert old.digests() == published_demo.digests()
    assert not old.home.kept_by_upgrade
    assert sql(old.home.journal, "select part, version from ops.schema_versions order by part") == [
        ("journal", 3),
        ("warehouse", 3),
    ]


def test_files_loaded_before_know_no_settings(old: Retailer) -> None:
    tokui(old, "upgrade")
    known = sql(old.home.current, "select count(*) from ledger.files where format_sha256 is null")
    assert known == [(57,)]
    assert sql(old.home.current, "select count(*) from ledger.applied_decisions") == [(0,)]


def test_a_refused_refresh_writes_nothing(old: Retailer) -> None:
    before = hashes(old.home)
    old.use()
    from orchestration import refresh

    try:
        assert refresh.main([]) == 2
    finally:
        RunLock.release(old.home.lock)
    assert hashes(old.home) == before


def test_a_dry_run_changes_nothing(old: Retailer, capsys: pytest.CaptureFixture[str]) -> None:
    before = hashes(old.home)
    assert tokui(old, "upgrade", "--dry-run") == 0
    assert "warehouse: can be upgraded from version 2 to 3" in capsys.readouterr().out
    assert hashes(old.home) == before
    assert not old.home.work.exists()


def test_a_second_upgrade_finds_nothing_to_do(
    old: Retailer, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tokui(old, "upgrade") == 0
    before = hashes(old.home)
    capsys.readouterr()
    assert tokui(old, "upgrade") == 0
    assert "nothing to upgrade" in capsys.readouterr().out
    assert hashes(old.home) == before


def test_an_upgrade_waits_for_no_run(old: Retailer) -> None:
    held = "from orchestration.lock import RunLock; import sys, pathlib; " + (
        "RunLock.acquire(pathlib.Path(sys.argv[1])); print('held', flush=True); sys.stdin.read()"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", held, str(old.home.lock)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert holder.stdout is not None
    holder.stdout.readline()
    assert tokui(old, "upgrade") == 3
    holder.kill()
    holder.wait()
    assert version_of(old.home.current) == 2


@pytest.mark.parametrize("moment", ["_upgrade_copy", "_swap", "_upgrade_journal", "replace"])
def test_an_upgrade_killed_anywhere_is_done_by_the_next(old: Retailer, moment: str) -> None:
    old.use()
    child = os.fork()
    if child == 0:
        if moment == "replace":  # Between the old file's second name and the swap.
            upgrade.drop_log = lambda path: os.kill(os.getpid(), signal.SIGKILL)
        else:
            _kill_after(moment)
        upgrade.upgrade(old.home, load_settings(old.config))
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    assert rows_of(old.home.current) == ROWS
    assert tokui(old, "upgrade") == 0
    assert version_of(old.home.current) == 3
    assert rows_of(old.home.current) == ROWS
    assert old.journal.version() == journal_schema.VERSION
    assert not old.home.work.exists()
    assert version_of(old.home.current.with_name("warehouse.v2.duckdb")) == 2


def _kill_after(name: str) -> None:
    real = getattr(upgrade, name)

    def killed(*arguments: object) -> None:
        real(*arguments)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(upgrade, name, killed)


def test_rows_that_would_be_lost_stop_the_upgrade(
    old: Retailer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    real = migrations.STEPS[2]

    def loses(connection: duckdb.DuckDBPyConnection) -> None:
        real(connection)
        connection.execute("delete from raw_pos.receipts where _line = 2")

    monkeypatch.setitem(migrations.STEPS, 2, loses)
    before = hashes(old.home)
    assert tokui(old, "upgrade") == 4
    said = capsys.readouterr().err
    assert "raw_pos.receipts had 128 rows" in said
    assert "Nothing was changed" in said
    assert hashes(old.home) == before


def test_a_step_that_forgets_a_column_stops_the_upgrade(
    old: Retailer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(migrations.STEPS, 2, lambda connection: None)
    assert tokui(old, "upgrade") == 4
    assert "have not the columns of a new warehouse: ledger.files" in capsys.readouterr().err


def test_a_warehouse_of_another_key_is_not_upgraded(
    old: Retailer, capsys: pytest.CaptureFixture[str]
) -> None:
    run_sql(old.home.current, "update ledger.identity set key_fingerprint = 'another'")
    assert tokui(old, "upgrade") == 2
    assert "the secret key is not the one" in capsys.readouterr().err
    assert version_of(old.home.current) == 2


@pytest.mark.parametrize(
    ("version", "words"),
    [
        (1, "steps begin at version 2"),
        (ledger.SCHEMA_VERSION + 1, "made by a newer Tokui"),
    ],
)
def test_versions_without_steps_are_refused(
    old: Retailer, version: int, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    run_sql(old.home.current, f"update ledger.identity set schema_version = {version}")
    before = hashes(old.home)
    assert tokui(old, "upgrade") == 2
    assert words in capsys.readouterr().err
    assert hashes(old.home) == before


def test_a_newer_warehouse_is_refused_by_a_refresh(small: SmallHome) -> None:
    small.publish("run-a", 1)
    run_sql(small.home.current, "update ledger.identity set schema_version = 99")
    with pytest.raises(ConfigurationError, match=r"made by a newer Tokui.*99.*Update Tokui"):
        upgrade.refuse_other_versions(small.home)


def test_a_newer_journal_is_neither_written_nor_upgraded(small: SmallHome) -> None:
    small.publish("run-a", 1)
    run_sql(small.home.journal, "insert into ops.schema_versions values ('journal', 99, null, '')")
    with pytest.raises(ConfigurationError, match=r"journal.*newer Tokui"):
        small.journal.finish_run("run-a", "crashed")
    with pytest.raises(ConfigurationError, match=r"journal.*newer Tokui"):
        upgrade.upgrade(small.home, small.settings)
    assert small.journal.last_runs(1)[0].status == "published"


def test_a_table_that_the_contract_gained_is_made_by_the_next_load(old: Retailer) -> None:
    """A warehouse of today's version from before the table; raising the version is not needed."""
    tokui(old, "upgrade")
    run_sql(old.home.current, "drop table raw_email.attendances")
    settings = load_settings(old.config)
    with duckdb.connect(str(old.home.current)) as connection:
        fingerprint = ledger.read_owner(connection).key_fingerprint
        ledger.prepare(connection, settings.profile, fingerprint)
    assert sql(old.home.current, "select count(*) from raw_email.attendances") == [(0,)]
    assert rows_of(old.home.current) == ROWS


def test_an_upgraded_journal_takes_what_a_new_one_takes(old: Retailer) -> None:
    run = old.journal.last_runs(1)[0]
    checks = "select count(*) from ops.check_results"
    before = sql(old.home.journal, checks)
    tokui(old, "upgrade")
    with old.journal.open(read_only=True) as connection:
        assert journal_schema.is_current(connection, TABLES)
    assert old.journal.find_run(run.run_id) == run
    assert sql(old.home.journal, checks) == before
    kept = old.home.journal.with_name("journal.v1.duckdb")
    assert Journal(kept).version() == 1
    assert sql(kept, checks) == before


def test_a_column_that_a_journal_lacks_is_added_behind_the_others(tmp_path: Path) -> None:
    old_tables = (
        "create schema ops; create table ops.runs (run_id varchar primary key, status varchar); "
        "insert into ops.runs values ('a', 'published')"
    )
    tables = (
        "create schema if not exists ops; create table if not exists ops.runs "
        "(run_id varchar primary key, status varchar, cost bigint, note varchar); "
        "create table if not exists ops.schema_versions "
        "(part varchar, version bigint, since timestamp, code_version varchar);"
    )
    with duckdb.connect(str(tmp_path / "journal.duckdb")) as connection:
        connection.execute(old_tables)
        journal_schema.upgrade(connection, tables)
        assert connection.execute("from ops.runs").fetchall() == [("a", "published", None, None)]
        assert journal_schema.read_version(connection) == journal_schema.VERSION


def test_a_journal_with_strange_columns_is_left_alone(tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "journal.duckdb")) as connection:
        connection.execute("create schema ops; create table ops.runs (run_id varchar, mine int)")
        with pytest.raises(migrations.MigrationError, match=r"ops\.runs.*Nothing was changed"):
            journal_schema.upgrade(connection, TABLES)
        connection.execute("rollback")
        assert connection.execute("select count(*) from duckdb_tables()").fetchone() == (1,)
