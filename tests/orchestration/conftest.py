"""Homes made by hand: a small warehouse, a journal and runs on them, without Dagster or dbt."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import duckdb
import pytest

from ingestion import personal
from ingestion.settings import Settings, load_settings
from orchestration.home import Home
from orchestration.journal import Journal
from orchestration.marts_file import of_current
from orchestration.publication import Mart, Outcome, publish
from orchestration.run import Run
from tests.conftest import empty_warehouse

MARTS = [Mart("dim_store", ["store_id"]), Mart("fct_sale", ["sale_id"])]
CHECKS = {"run": 3, "passed": 2, "warnings": 1}


@dataclass
class SmallHome:
    """A home with two marts, `dim_store` and `fct_sale`, that hold one number everywhere."""

    home: Home
    settings: Settings

    @property
    def journal(self) -> Journal:
        return Journal(self.home.journal)

    def run(self, run_id: str, number: int, as_of: str = "2026-09-30") -> Run:
        """A run whose gates have passed, its copy of the warehouse made."""
        run = Run(
            run_id, self.home, self.settings, datetime(2026, 10, 1), date.fromisoformat(as_of)
        )
        self.home.work.mkdir(parents=True)
        if self.home.current.exists():
            run.base = self.home.current.stat().st_mtime_ns
            shutil.copyfile(self.home.current, self.home.work_warehouse)
            shutil.copyfile(of_current(self.home), self.home.work_marts)
        else:
            empty = empty_warehouse("demo", personal.fingerprint(run.key()))
            self.home.work_warehouse.write_bytes(empty)
        self.journal.start_run(run_id, "demo", datetime(2026, 10, 1))
        with run.open() as connection:
            _build(connection, number)
        run.save()
        return run

    def publish(self, run_id: str, number: int, as_of: str = "2026-09-30") -> Outcome:
        """Publish a version and end the run."""
        run = self.run(run_id, number, as_of)
        outcome = publish(run, MARTS, CHECKS, [])
        shutil.rmtree(self.home.work)
        self.journal.finish_run(run_id, "published", version=outcome.version)
        return outcome

    def number_of(self, database: Path) -> int:
        """The number that every mart of a database holds."""
        with duckdb.connect(str(database), read_only=True) as connection:
            found = connection.sql(
                "select store_id from marts.dim_store union select number from marts.fct_sale"
            ).fetchall()
        assert len(found) == 1, "the marts are of different versions"
        return found[0][0]

    def number_of_warehouse(self, warehouse: Path) -> int:
        """The number that a warehouse holds."""
        with duckdb.connect(str(warehouse), read_only=True) as connection:
            ((number,),) = connection.sql(
                "select superseded_rows from staging.stg_row_accounting"
            ).fetchall()
        return number


@pytest.fixture
def make_home(tmp_path: Path) -> Callable[[str], SmallHome]:
    def make(name: str = "home", settings: str = "") -> SmallHome:
        config = tmp_path / f"{name.replace('/', '_')}.toml"
        config.write_text(f'[run]\nprofile = "demo"\n{settings}', encoding="utf-8")
        return SmallHome(Home(tmp_path / name), load_settings(config))

    return make


@pytest.fixture(scope="module")
def make_module_home(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], SmallHome]:
    """Homes that the tests of a module share; the demo's key needs no environment."""

    def make() -> SmallHome:
        folder = tmp_path_factory.mktemp("homes")
        config = folder / "tokui.toml"
        config.write_text('[run]\nprofile = "demo"\n', encoding="utf-8")
        return SmallHome(Home(folder / "home"), load_settings(config))

    return make


@pytest.fixture
def small(make_home: Callable[[str], SmallHome]) -> SmallHome:
    return make_home("home")


def _build(connection: duckdb.DuckDBPyConnection, number: int) -> None:
    connection.execute("create schema if not exists staging")
    connection.execute(f"create or replace table marts.dim_store as select {number} as store_id")
    connection.execute(
        f"create or replace table marts.fct_sale as select range as sale_id, {number} as number "
        "from range(1000)"
    )
    connection.execute(
        "create or replace table staging.stg_row_accounting as select 'raw_pos.stores' as "
        f"table_name, {number} as superseded_rows, 0 as deleted_rows, 1 as staged_rows"
    )
