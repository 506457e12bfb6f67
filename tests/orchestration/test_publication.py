"""Publication on small warehouses: whole or not at all, wherever it is cut off."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from orchestration import marts_file, publication
from orchestration.digest import BATCH_ROWS, digest
from orchestration.publication import publish, read_manifest, roll_forward
from orchestration.run import heal
from tests.orchestration.conftest import CHECKS, MARTS, SmallHome


class PowerCutError(BaseException):
    """Nothing of ours may catch it, as nothing catches a power cut."""


def _assert_whole(small: SmallHome, number: int, version: str | None = None) -> None:
    """Manifest, served file, version folder and warehouse are of one publication."""
    home, head = small.home, read_manifest(small.home)
    assert head is not None
    assert version in (None, head["version"])
    assert small.number_of(home.served) == number
    assert small.number_of_warehouse(home.current) == number
    assert marts_file.as_it_was_made(home) == home.versions / head["version"] / "crm.duckdb"
    with duckdb.connect(str(home.served), read_only=True) as connection:
        named = connection.sql("select version from ops.publication").fetchone()
    assert named == (head["version"],)
    with duckdb.connect(str(home.current), read_only=True) as connection:
        assert connection.sql("select version from ledger.publication").fetchone() == (
            head["version"],
        )
    versions = sorted(path.name for path in home.versions.iterdir())
    assert versions[-1] == head["version"]
    assert sorted(path.name for path in home.parquet.iterdir()) == versions
    assert not [path for path in home.published.rglob("*") if path.name.endswith((".tmp", ".wal"))]


CUTS = {
    "before_the_parquet": ("_write_parquet", "before", False),
    "within_the_parquet": ("_write_parquet", "after", False),
    "before_the_version": ("_write_tables", "before", False),
    "within_the_version": ("_write_tables", "after", False),
    "after_the_version": ("_write_version", "after", False),
    "before_the_swap": ("sync", "before", False),
    "after_the_swap": ("_swap_warehouse", "after", True),
    "after_the_commit": ("_commit", "after", True),
    "before_the_served_file_is_replaced": ("link", "after", True),
    "after_the_served_file": ("_follow", "after", True),
}


@pytest.mark.parametrize("cut", CUTS)
@pytest.mark.parametrize("is_first", [True, False], ids=["first", "second"])
def test_a_cut_off_publication_heals_to_a_whole_state(
    small: SmallHome, monkeypatch: pytest.MonkeyPatch, cut: str, is_first: bool
) -> None:
    name, when, is_published = CUTS[cut]
    if not is_first:
        small.publish("old", 1)
    run = small.run("new", 2)
    original = getattr(publication, name)

    def cut_off(*arguments: object) -> None:
        if when == "after":
            original(*arguments)
        if arguments[0] != run.marts:  # It is given to the version by the same function.
            raise PowerCutError

    with monkeypatch.context() as patch, pytest.raises(PowerCutError):
        patch.setattr(publication, name, cut_off)
        publish(run, MARTS, CHECKS, [])
    heal(small.home, small.settings)
    assert not small.home.work.exists()
    ended = small.journal.find_run("new")
    assert ended is not None
    if is_published:
        _assert_whole(small, 2)
        assert ended.status == "published"
        assert ended.version == read_manifest(small.home)["version"]
    else:
        assert ended.status in ("killed", "partial")
        if is_first:
            assert read_manifest(small.home) is None
            assert not any(small.home.versions.iterdir())
        else:
            _assert_whole(small, 1)
            assert len(list(small.home.versions.iterdir())) == 1
    small.publish("next", 3)
    _assert_whole(small, 3)


def test_manifest_says_what_was_published(small: SmallHome) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    outcome = small.publish("run-of-seven", 7)
    head = json.loads(small.home.manifest.read_text(encoding="utf-8"))
    assert head["version"] == outcome.version
    assert head["version"].endswith("-run-of-s")
    assert (head["run_id"], head["profile"]) == ("run-of-seven", "demo")
    assert head["as_of"] == "2026-09-30"
    assert before <= datetime.fromisoformat(head["finished_at"]) <= datetime.now(UTC)
    assert head["checks"] == CHECKS
    assert head["feeds_held"] == []
    assert head["code_version"] == publication.code_version()
    assert {name: table["rows"] for name, table in head["tables"].items()} == {
        "dim_store": 1,
        "fct_sale": 1000,
    }
    assert all(len(table["digest"]) == 64 for table in head["tables"].values())
    version = small.home.versions / head["version"]
    assert json.loads((version / "manifest.json").read_text(encoding="utf-8")) == head
    assert {path.name for path in (version / "parquet").iterdir()} == {
        "dim_store.parquet",
        "fct_sale.parquet",
    }


def test_the_served_file_is_old_format_and_holds_tables_of_marts_and_ops(small: SmallHome) -> None:
    small.publish("one", 1)
    with duckdb.connect() as connection:
        connection.execute(f"attach '{small.home.served}' as crm (read_only)")
        tags = connection.sql(
            "select tags from duckdb_databases() where database_name = 'crm'"
        ).fetchone()[0]
        assert tags["storage_version"].startswith("v1.0.0")
        tables = connection.sql(
            "select schema_name, table_name from duckdb_tables() where database_name = 'crm'"
        ).fetchall()
        assert {schema for schema, _ in tables} == {"marts", "ops"}
        assert {name for schema, name in tables if schema == "ops"} == {
            "publication",
            "runs",
            "check_results",
            "row_accounting",
            "source_freshness",
            "quarantine_summary",
            "model_backtest",
        }
        assert not connection.sql(
            "from duckdb_views() where database_name = 'crm' and not internal"
        ).fetchall()
        schemas = connection.sql(
            "select schema_name from duckdb_schemas() where database_name = 'crm' and not internal"
        ).fetchall()
        assert {name for (name,) in schemas} - {"main"} == {"marts", "ops"}
        assert connection.sql("select status, version from crm.ops.runs").fetchall() == [
            ("published", read_manifest(small.home)["version"])
        ]
    assert _storage_number(small.home.served) == 64


def test_nothing_but_the_marts_is_published(small: SmallHome) -> None:
    """What a run of other code left in the file of the marts goes."""
    run = small.run("one", 1)
    with run.open() as connection:
        connection.execute("create table marts.of_old as select 1 as a")
    publish(run, MARTS, CHECKS, [])
    with duckdb.connect(str(small.home.served), read_only=True) as connection:
        tables = connection.sql(
            "select table_name from duckdb_tables() where schema_name = 'marts'"
        )
        assert {name for (name,) in tables.fetchall()} == {mart.name for mart in MARTS}


def test_a_publication_that_failed_is_tried_again(
    small: SmallHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its marts were complete by then, and could not be written any more."""
    run = small.run("one", 1)
    with monkeypatch.context() as patch, pytest.raises(OSError, match="no room"):
        patch.setattr(publication, "_write_report", _fail)
        publish(run, MARTS, CHECKS, [])
    run.marts.chmod(0o444)
    version = publish(run, MARTS, CHECKS, []).version
    roll_forward(small.home, print)  # Sweeps what the first try left.
    _assert_whole(small, 1, version)


def _fail(*_: object, **__: object) -> None:
    raise OSError("no room")


def test_equal_digests_publish_nothing(small: SmallHome) -> None:
    version = small.publish("one", 1).version
    inode = small.home.served.stat().st_ino
    current = small.home.current.stat().st_mtime_ns
    again = small.publish("two", 1)
    assert (again.status, again.version) == ("unchanged", version)
    assert small.home.served.stat().st_ino == inode
    assert small.home.current.stat().st_mtime_ns > current  # What was loaded is kept.
    _assert_whole(small, 1, version)
    assert len(list(small.home.versions.iterdir())) == 1


def test_the_parquet_holds_the_rows_in_key_order(small: SmallHome) -> None:
    """With the types of the mart, and in row groups as the engine writes them."""
    run = small.run("one", 1)
    with run.open() as connection:
        connection.execute(
            "create or replace table marts.fct_sale as select range as sale_id, 1 as number, "
            "cast(range / 100 as decimal(18, 2)) as amount, cast(range / 7 as double) as share, "
            "date '2026-01-01' + cast(range % 90 as integer) as day, "
            "cast('2026-01-01 10:00:00.000001' as timestamp) as at, range % 2 = 0 as is_even, "
            "case when range % 3 > 0 then '札幌 ' || range end as text "
            "from range(250_000) order by hash(range)"
        )
    outcome = publish(run, MARTS, CHECKS, [])
    file = small.home.versions / outcome.version / "parquet/fct_sale.parquet"
    with duckdb.connect(str(small.home.served), read_only=True) as connection:
        served = connection.sql("from marts.fct_sale order by sale_id")
        written = connection.sql(f"from '{file}'")
        assert written.dtypes == served.dtypes
        assert written.fetchall() == served.fetchall()
        assert digest(connection, f"'{file}'", ["sale_id"]) == tuple(
            outcome.tables["fct_sale"].values()
        )
        groups = connection.sql(
            f"select distinct row_group_num_rows from parquet_metadata('{file}') order by all"
        ).fetchall()
    assert groups == [(250_000 - 2 * BATCH_ROWS,), (BATCH_ROWS,)]


def test_a_table_that_did_not_change_is_kept_once(small: SmallHome) -> None:
    """Its Parquet is the file of the version before; one that is not that file byte for byte stays
    a file of its own."""
    files = []
    for run_id, sales in (("one", 1), ("two", 2), ("three", 2)):
        run = small.run(run_id, 1)
        with run.open() as connection:
            connection.execute(f"update marts.fct_sale set number = {sales}")
        version = publish(run, MARTS, CHECKS, [] if run_id == "one" else [run_id]).version
        shutil.rmtree(small.home.work)
        folder = small.home.versions / version / "parquet"
        files.append((folder / "dim_store.parquet", folder / "fct_sale.parquet"))
        if run_id == "two":
            damaged = files[-1][1]
            damaged.chmod(0o644)
            damaged.write_bytes(damaged.read_bytes()[:-1] + b"?")
    (store_1, sale_1), (store_2, sale_2), (store_3, sale_3) = files
    assert store_1.samefile(store_2)
    assert store_2.samefile(store_3)
    assert not sale_1.samefile(sale_2)
    assert not sale_2.samefile(sale_3)
    assert duckdb.sql(f"select distinct number from '{sale_3}'").fetchall() == [(2,)]


def test_a_held_feed_is_news_to_readers(small: SmallHome) -> None:
    small.publish("one", 1)
    outcome = publish(small.run("two", 1), MARTS, CHECKS, ["pos"])
    assert outcome.status == "published"
    assert read_manifest(small.home)["feeds_held"] == ["pos"]


def test_an_older_date_goes_beside_the_head(small: SmallHome) -> None:
    version = small.publish("one", 1).version
    for run_id, number in (("two", 2), ("three", 3)):
        outcome = small.publish(run_id, number, as_of="2026-08-31")
        assert outcome.status == "as_of"
        _assert_whole(small, 1, version)
        assert small.number_of(small.home.published / "as_of/2026-08-31/crm.duckdb") == number


def test_a_cut_off_older_date_leaves_nothing_half_written(
    small: SmallHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    small.publish("one", 1)
    run = small.run("two", 2, as_of="2026-08-31")

    def cut_off(_: Path) -> None:
        raise PowerCutError

    with monkeypatch.context() as patch, pytest.raises(PowerCutError):
        patch.setattr(publication, "sync", cut_off)
        publish(run, MARTS, CHECKS, [])
    heal(small.home, small.settings)
    assert not any((small.home.published / "as_of").iterdir())
    _assert_whole(small, 1)


def test_the_last_versions_are_kept(make_home: Callable[..., SmallHome]) -> None:
    small = make_home("home", "[publication]\nkeep_versions = 3\n")
    versions = [small.publish(f"run{n}", n).version for n in range(5)]
    assert sorted(path.name for path in small.home.versions.iterdir()) == versions[2:]
    _assert_whole(small, 4)


def test_a_clock_set_back_does_not_make_the_new_version_the_oldest(
    make_home: Callable[..., SmallHome], monkeypatch: pytest.MonkeyPatch
) -> None:
    small = make_home("home", "[publication]\nkeep_versions = 1\n")
    first = small.publish("one", 1).version

    class Yesterday(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime(2020, 1, 1, tzinfo=tz)

    monkeypatch.setattr(publication, "datetime", Yesterday)
    second = small.publish("two", 2).version
    assert second > first
    roll_forward(small.home, print)
    _assert_whole(small, 2, second)


def test_without_hard_links_the_served_file_is_a_copy(
    small: SmallHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EPERM, "no hard links here")

    monkeypatch.setattr(os, "link", refuse)
    small.publish("one", 1)
    small.publish("two", 2)
    _assert_whole(small, 2)
    inode = small.home.served.stat().st_ino
    roll_forward(small.home, print)
    assert small.home.served.stat().st_ino == inode  # It is known again, and not copied again.


def test_published_may_lie_on_another_file_system(small: SmallHome) -> None:
    other = Path("/dev/shm")
    if not other.is_dir() or other.stat().st_dev == small.home.root.parent.stat().st_dev:
        pytest.skip("there is no second file system here")
    import tempfile

    with tempfile.TemporaryDirectory(dir=other) as folder:
        small.home.root.mkdir()
        small.home.published.symlink_to(folder)
        small.publish("one", 1)
        small.publish("two", 2)
        _assert_whole(small, 2)


def test_a_home_with_a_quote_in_its_name(make_home: Callable[..., SmallHome]) -> None:
    small = make_home("o'neill's shop")
    small.publish("one", 1)
    _assert_whole(small, 1)


def test_a_version_that_was_removed_by_hand_is_written_again(small: SmallHome) -> None:
    first = small.publish("one", 1).version
    shutil.rmtree(small.home.versions)
    heal(small.home, small.settings)
    assert small.number_of(small.home.served) == 1
    second = small.publish("two", 1)
    assert second.status == "published"
    assert second.version != first
    _assert_whole(small, 1)


@pytest.mark.parametrize(
    ("which", "statement"),
    [
        ("current", "update staging.stg_row_accounting set superseded_rows = 99"),
        ("served", "update marts.dim_store set store_id = 99"),
    ],
)
def test_the_log_of_a_killed_writer_is_not_applied_to_the_new_file(
    small: SmallHome, which: str, statement: str
) -> None:
    """Somebody changed the file by hand and was killed: DuckDB keeps the change beside it."""
    small.publish("one", 1)
    database = getattr(small.home, which)
    script = (
        "import duckdb, os, sys; c = duckdb.connect(sys.argv[1]); "
        "c.execute(sys.argv[2]); os._exit(9)"
    )
    subprocess.run([sys.executable, "-c", script, str(database), statement], check=False)
    assert database.with_name(database.name + ".wal").exists()
    small.publish("two", 2)
    _assert_whole(small, 2)


def test_readers_never_see_two_versions_or_an_error(small: SmallHome) -> None:
    small.publish("first", 0)
    reading = subprocess.Popen(
        [sys.executable, "-c", READER, str(small.home.served)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert reading.stdout is not None
    assert reading.stdout.readline() == "reading\n"
    for number in range(1, 9):
        small.publish(f"run{number}", number)
    out, _ = reading.communicate("stop\n", timeout=30)
    seen = json.loads(out)
    assert seen["errors"] == []
    assert seen["mixed"] == []
    assert len(set(seen["numbers"])) > 1


READER = """
import duckdb, json, sys, threading
stop = threading.Event()
threading.Thread(target=lambda: (sys.stdin.readline(), stop.set()), daemon=True).start()
errors, mixed, numbers = [], [], []
print("reading", flush=True)
while not stop.is_set():
    try:
        with duckdb.connect(sys.argv[1], read_only=True) as connection:
            for _ in range(3):
                one = connection.sql("select store_id from marts.dim_store").fetchone()[0]
                two = connection.sql("select distinct number from marts.fct_sale").fetchall()
                numbers.append(one)
                if two != [(one,)]:
                    mixed.append([one, two])
    except Exception as error:
        errors.append(repr(error))
print(json.dumps({"errors": errors, "mixed": mixed, "numbers": numbers}))
"""


def test_a_reader_of_the_journal_does_not_disturb_a_publication(small: SmallHome) -> None:
    small.publish("one", 1)
    run = small.run("two", 2)
    holding = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(small.home.journal)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert holding.stdout is not None
        assert holding.stdout.readline() == "holding\n"
        assert publish(run, MARTS, CHECKS, []).status == "published"
    finally:
        holding.kill()
        holding.wait()


HOLDER = """
import duckdb, sys, time
connection = duckdb.connect(sys.argv[1], read_only=True)
print("holding", flush=True)
time.sleep(60)
"""


def test_versions_are_never_seen_half_written(
    small: SmallHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever lists the folder of versions meets only whole ones, dot folders aside."""
    halves: list[str] = []
    original = publication._write_tables

    def look(*arguments: object) -> None:
        original(*arguments)
        halves.extend(p.name for p in small.home.versions.iterdir() if p.name[0] != ".")

    monkeypatch.setattr(publication, "_write_tables", look)
    thread = threading.Thread(target=small.publish, args=("one", 1))
    thread.start()
    thread.join()
    assert halves == []


def _storage_number(database: Path) -> int:
    """The version number in the header of a DuckDB file; 64 is that of v1.0.0."""
    header = database.read_bytes()[:20]
    assert header[8:12] == b"DUCK"
    return int.from_bytes(header[12:20], "little")


def test_what_a_crash_quotes_is_not_published(small: SmallHome) -> None:
    """Nor what an earlier try of the run that publishes said."""
    endings = ("stopped", "misconfigured", "published", "unchanged", "crashed", "killed", "partial")
    for status in endings:
        small.journal.start_run(status, "demo", datetime(2026, 9, 1))
        small.journal.finish_run(status, status, f"{status}: '山田 太郎'")
    run = small.run("now", 1)
    small.journal.finish_run("now", "crashed", "could not convert '山田 太郎'")
    publish(run, MARTS, CHECKS, [])
    with duckdb.connect(str(small.home.served), read_only=True) as connection:
        told = dict(connection.sql("select run_id, message from ops.runs").fetchall())
    assert {run_id for run_id, message in told.items() if message} == set(endings[:4])
    assert told["now"] is None
    assert told["stopped"] == "stopped: '山田 太郎'"
