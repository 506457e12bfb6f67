"""The file of the marts: what a run takes over of the published one, and what it leaves."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pytest

from ingestion.engine import connect_both
from orchestration import marts_file
from orchestration.home import Home
from orchestration.run import Request, _open
from tests.orchestration.conftest import SmallHome


@pytest.fixture
def published(small: SmallHome) -> SmallHome:
    small.publish("one", 1)
    return small


def _schemas(connection: duckdb.DuckDBPyConnection) -> set[tuple[str, str]]:
    return set(
        connection.execute(
            "select database_name, schema_name from duckdb_schemas() "
            "where schema_name in ('marts', 'ops', 'staging')"
        ).fetchall()
    )


def test_a_mart_lands_in_its_own_file_whatever_is_done_with_it(tmp_path: Path) -> None:
    warehouse, marts = tmp_path / "warehouse.duckdb", tmp_path / "crm.duckdb"
    with connect_both(warehouse, marts) as connection:
        connection.execute("create schema staging; create table staging.a as from range(3) t(x)")
        connection.execute('create table marts.b as from "staging"."a"')
        connection.execute("delete from marts.b where rowid in (select 0)")
        connection.execute("insert into marts.b by name select 7 as x")
        connection.execute("create or replace table staging.c as from marts.b")
        assert _schemas(connection) == {("warehouse", "staging"), ("crm", "marts")}
    with duckdb.connect(str(marts), read_only=True) as connection:
        assert connection.execute("from marts.b order by x").fetchall() == [(1,), (2,), (7,)]
    with connect_both(warehouse, marts, read_only=True) as connection:
        assert connection.execute("select count(*) from marts.b").fetchall() == [(3,)]


def test_a_run_goes_on_from_the_published_marts(published: SmallHome) -> None:
    run = _open(published.home, published.settings, "two", Request())
    with run.open() as connection:
        assert connection.execute("from marts.dim_store").fetchall() == [(1,)]
        assert _schemas(connection) == {("warehouse", "staging"), ("crm", "marts")}


def test_a_copy_of_a_home_knows_its_marts(published: SmallHome, tmp_path: Path) -> None:
    shutil.copytree(published.home.root, tmp_path / "copy", copy_function=shutil.copyfile)
    assert marts_file.as_it_was_made(Home(tmp_path / "copy")) is not None


@pytest.mark.parametrize("doubt", ["somebody wrote into it", "no note", "another version", "gone"])
def test_in_doubt_a_run_goes_on_from_no_marts(published: SmallHome, doubt: str) -> None:
    home = published.home
    if doubt == "somebody wrote into it":
        with duckdb.connect(str(home.served)) as connection:
            connection.execute("update marts.dim_store set store_id = 99")
    elif doubt == "no note":
        with duckdb.connect(str(home.current)) as connection:
            connection.execute("alter table ledger.publication drop column marts")
    elif doubt == "another version":
        before = home.current.read_bytes()
        published.publish("two", 2)
        home.current.write_bytes(before)
        shutil.rmtree(min(home.versions.iterdir()))
    else:
        shutil.rmtree(home.versions)
        home.served.unlink()
    assert marts_file.as_it_was_made(home) is None
    run = _open(home, published.settings, "next", Request())
    with run.open() as connection:
        tables = "select count(*) from duckdb_tables() where schema_name = 'marts'"
        assert connection.execute(tables).fetchall() == [(0,)]


def test_marts_of_an_older_version_go_from_the_warehouse(published: SmallHome) -> None:
    with duckdb.connect(str(published.home.current)) as connection:
        connection.execute("create schema marts; create table marts.dim_store as select 5 as a")
        connection.execute("create view marts.v as from marts.dim_store")
    run = _open(published.home, published.settings, "two", Request())
    with run.open(read_only=True) as connection:
        assert ("warehouse", "marts") not in _schemas(connection)
        assert connection.execute("from marts.dim_store").fetchall() == [(1,)]


def test_an_unchanged_publication_keeps_the_note(published: SmallHome) -> None:
    before = marts_file.as_it_was_made(published.home)
    assert published.publish("two", 1).status == "unchanged"
    assert before is not None
    assert marts_file.as_it_was_made(published.home) == before


def test_the_file_does_not_grow_from_night_to_night(tmp_path: Path) -> None:
    files = tmp_path / "warehouse.duckdb", tmp_path / "crm.duckdb"
    sizes = []
    for night in range(5):
        with connect_both(*files) as connection:
            marts_file.drop_all_but(connection, {"kept"})
            connection.execute(
                "create table if not exists marts.kept as select hash(range) as a "
                "from range(200000)"
            )
            connection.execute(f"delete from marts.kept where a % 1000 = {night}")
            for name in ("one", "two"):
                connection.execute(
                    f"create table marts.{name} as select hash(range + {night}) as a "
                    "from range(400000)"
                )
        sizes.append(files[1].stat().st_size)
    assert max(sizes[1:]) <= 1.2 * sizes[0]
