"""A server a process, its database emptied for each test; small publications."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import duckdb
import pytest

from evaluation.postgres_server import Server
from ingestion.postgres_settings import Postgres
from orchestration import postgres_copy
from serving.postgres.copying import Copied, bring_up
from serving.postgres.models import Model
from serving.postgres.schemas import Publication
from tests.orchestration.conftest import make_home, small  # noqa: F401
from tests.serving.postgres_server import Database, emptied_database, server

SETTINGS = Postgres(enabled=True, lock_wait_seconds=0.6)
MODELS = {
    "dim_store": Model("One row a store.", ("store_id",)),
    "fct_sale": Model("One row a sale.", ("sale_id",)),
}
_models = cache(postgres_copy._models)


@dataclass
class Copies:
    """Copies of made publications, which hold one number in every table."""

    database: Database
    folder: Path
    settings: Postgres = SETTINGS
    address: str = ""

    def publication(self, number: int) -> Publication:
        return Publication("demo", f"20260930T0000{number:02}000000Z-aaaaaaaa", "2026-09-30")

    def bring(
        self, number: int, tables: str = "", *, force: bool = False, **settings: object
    ) -> Copied:
        """Bring the copy to a publication; `tables` is SQL that changes the file before."""
        publication = self.publication(number)
        return bring_up(
            _file(self.folder / f"{number}.duckdb", number, publication.version, tables),
            publication,
            lambda: MODELS,
            replace(self.settings, **settings),
            self.address or self.database.address,
            print,
            force=force,
        )


def _file(path: Path, number: int, version: str, tables: str) -> Path:
    if not path.exists():
        with duckdb.connect(str(path)) as connection:
            connection.execute(
                "create schema marts; create schema ops; "
                f"create table ops.publication as select '{version}' as version; "
                f"create table marts.dim_store as select {number} as store_id; "
                f"create table marts.fct_sale as select range as sale_id, {number} as number, "
                f"'得意' as word from range(1000); {tables}"
            )
    return path


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """The server of this process, started when the first test asks."""
    with server() as found:
        yield found


@pytest.fixture
def database(postgres: Server, monkeypatch: pytest.MonkeyPatch) -> Database:
    """An empty database that `TOKUI_POSTGRES_URL` names."""
    found = emptied_database(postgres)
    monkeypatch.setenv("TOKUI_POSTGRES_URL", found.address)
    return found


@pytest.fixture
def copies(database: Database, tmp_path: Path) -> Copies:
    return Copies(database, tmp_path)


@pytest.fixture(autouse=True)
def _manifest_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """dbt's manifest is the same for every test here, and long."""
    monkeypatch.setattr(postgres_copy, "_models", _models)
