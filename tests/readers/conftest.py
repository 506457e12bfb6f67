"""The published sample in every form that is read, the copy in Postgres with it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from evaluation.postgres_server import Server
from ingestion.postgres_settings import Postgres
from orchestration.postgres_copy import _models, publication_of
from orchestration.publication import read_manifest
from serving.postgres.copying import bring_up
from tests.conftest import Retailer
from tests.serving.postgres_server import Database, server

OLDER = Path(sys.prefix) / "readers"
"""Where `make setup` puts the older clients of requirements.txt."""


@dataclass(frozen=True)
class Sample:
    """Where the sample is read, and the version that it is of."""

    retailer: Retailer
    there: Database
    manifest: dict

    @property
    def file(self) -> Path:
        return self.retailer.home.served

    def parquet(self, table: str) -> Path:
        folder = self.retailer.home.versions / self.manifest["version"] / "parquet"
        return folder / f"{table}.parquet"


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    with server() as found:
        yield found


@pytest.fixture(scope="session")
def sample(published_demo: Retailer, postgres: Server) -> Sample:
    """The sample, copied by the code that follows each publication."""
    manifest = read_manifest(published_demo.home)
    assert manifest is not None
    database = Database(postgres, "sample")
    copied = bring_up(
        published_demo.home.versions / manifest["version"] / "crm.duckdb",
        publication_of(manifest),
        _models,
        Postgres(),
        database.address,
        print,
    )
    assert copied.is_new
    assert copied.warnings == ()
    return Sample(published_demo, database, manifest)
