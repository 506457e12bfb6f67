"""An empty warehouse made from the feed contract, and dbt on it.

What belongs here: raw, `pii` and ledger tables without a loader, rows put in by hand, dbt in this
process. What does not: assertions.
"""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pytest

from ingestion.contract import find_table
from orchestration.home import Home
from orchestration.project import load_parsed, read_manifest
from plans.load import load_plans
from tests.conftest import empty_warehouse, one_process_at_a_time, shared_folder

DBT_PROJECT = Path(__file__).resolve().parents[2] / "dbt_project"


@dataclass
class Warehouse:
    """A warehouse file of its own: raw, `pii` and ledger tables, all empty, and default plans."""

    path: Path
    target: Path
    threads: str = "1"

    def __post_init__(self) -> None:
        self.path.write_bytes(_empty())

    def deliver(
        self,
        table_name: str,
        rows: list[dict[str, Any]],
        *,
        sequence: str = "",
        load_number: int = 1,
        file: str | None = None,
    ) -> None:
        """Store rows of `table_name` as one loaded file; columns left out are NULL.

        A keyed id that comes without its hash gets a made-up one, `hash of <id>`. Identity keys
        are columns like others: any number, as `{"email_key": 1}`.
        """
        table = find_table(table_name)
        file = file or f"{table.name}_{sequence or load_number}.csv"
        load_id = f"load-{load_number}"
        stored = [
            _with_hashes(table_name, row) | {"_file": file, "_line": line, "_load_id": load_id}
            for line, row in enumerate(rows, start=2)
        ]
        loaded_file = {
            "load_id": load_id,
            "load_number": load_number,
            "feed": table.feed_name,
            "table_name": table_name,
            "file": file,
            "sequence": sequence,
            "rows_in": len(rows),
            "rows_stored": len(rows),
        }
        with duckdb.connect(str(self.path)) as connection:
            _insert(connection, table_name, stored)
            _insert(connection, "ledger.files", [loaded_file])

    def delete(
        self, table_name: str, *key: object, sequence: str = "", load_number: int = 1
    ) -> None:
        """Note that a snapshot no longer held a key."""
        deletion = {
            "table_name": table_name,
            "row_key": chr(31).join(str(value) for value in key),
            "sequence": sequence,
            "load_number": load_number,
            "load_id": f"load-{load_number}",
        }
        with duckdb.connect(str(self.path)) as connection:
            _insert(connection, "ledger.deletions", [deletion])

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows that a statement gives."""
        with duckdb.connect(str(self.path), read_only=True) as connection:
            return connection.sql(sql).fetchall()

    def dbt(self, *arguments: str, variables: dict[str, object] | None = None) -> Any:
        """Run dbt on this file; the result of dbt's own runner."""
        return run_dbt(list(arguments), self.path, self.target, variables or {}, self.threads)


def in_one_file(home: Home, folder: Path) -> Path:
    """A copy of the current warehouse of a home with its marts in it, as dbt knows them."""
    path = folder / "warehouse.duckdb"
    shutil.copy(home.current, path)
    with duckdb.connect(str(path)) as connection:
        connection.execute(f"attach '{home.served}' as crm (read_only)")
        connection.execute("create schema marts")
        tables = connection.execute(
            "select table_name from duckdb_tables() where schema_name = 'marts'"
        ).fetchall()
        for (name,) in tables:
            connection.execute(f"create table marts.{name} as from crm.marts.{name}")
    return path


def run_dbt(
    arguments: list[str],
    warehouse: Path,
    target: Path,
    variables: dict[str, object],
    threads: str = "1",
) -> Any:
    """Run dbt in this process and let go of the warehouse file afterwards.

    The project is neither parsed nor its manifest written: that would cost more than most tests.
    """
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    from orchestration.aside import events_for_people

    environment = {"TOKUI_WAREHOUSE": str(warehouse), "TOKUI_ENGINE_THREADS": threads}
    command = [
        *arguments,
        "--no-write-json",
        f"--project-dir={DBT_PROJECT}",
        f"--profiles-dir={DBT_PROJECT}",
        f"--target-path={target}",
        f"--log-path={target}",
        f"--vars={json.dumps(variables)}",
    ]
    before = {name: os.environ.get(name) for name in environment}
    os.environ.update(environment)
    try:
        with events_for_people():
            return dbtRunner(manifest=load_parsed()).invoke(command)
    finally:
        DuckDBConnectionManager.close_all_connections()
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    """An empty warehouse for one test."""
    return Warehouse(tmp_path / "warehouse.duckdb", tmp_path / "target")


@pytest.fixture(scope="session")
def manifest() -> dict[str, Any]:
    """The manifest of the project as it stands."""
    return read_manifest()


@pytest.fixture(scope="session")
def compiled_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """dbt's target folder in which every model stands compiled; one for all test processes."""
    folder = shared_folder(tmp_path_factory) / "compiled"
    with one_process_at_a_time(folder.with_suffix(".lock")):
        if not folder.exists():
            making = tmp_path_factory.mktemp("compiling")
            warehouse = Warehouse(making / "warehouse.duckdb", making / "target")
            result = warehouse.dbt("compile", "--quiet")
            assert result.success, result.exception
            making.rename(folder)
    return folder / "target"


@cache
def _empty() -> bytes:
    """The file of an empty warehouse with the default plans, made once a process."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "warehouse.duckdb"
        path.write_bytes(empty_warehouse("test", "test"))
        with duckdb.connect(str(path)) as connection:
            load_plans(connection, {})
        return path.read_bytes()


def _with_hashes(table_name: str, row: dict[str, Any]) -> dict[str, Any]:
    hashes = {
        column.hash_name: f"hash of {row[column.name]}"
        for column in find_table(table_name).hashed
        if row.get(column.name) is not None
    }
    plain = {column.name for column in find_table(table_name).personal}
    return hashes | {name: value for name, value in row.items() if name not in plain}


def _insert(
    connection: duckdb.DuckDBPyConnection, table_name: str, rows: list[dict[str, Any]]
) -> None:
    for row in rows:
        names = ", ".join(f'"{name}"' for name in row)
        marks = ", ".join("?" for _ in row)
        connection.execute(
            f"insert into {table_name} ({names}) values ({marks})", list(row.values())
        )
