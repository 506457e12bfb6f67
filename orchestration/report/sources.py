"""What a report is made of: one run, its journal, what it published and what stood there before."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb

from charts.figure import CURRENCY
from ingestion.engine import literal
from ingestion.settings import Settings
from orchestration.home import Home
from orchestration.journal import Journal, RunRow
from orchestration.publication import read_manifest


@dataclass(frozen=True)
class Sources:
    """A run and the files that tell of it.

    `manifest` is that of the version the run published, None where it published none; `previous`
    that of the version before it, None where there is none to compare with; `head` is what readers
    see. The connection is on the journal, with the published files attached as `now` and `before`.
    """

    run: RunRow
    home: Home
    currency: str
    language: str
    head: dict[str, Any] | None
    manifest: dict[str, Any] | None
    previous: dict[str, Any] | None
    connection: duckdb.DuckDBPyConnection

    @property
    def as_of(self) -> date:
        """The date that the published file was computed for; only where there is one."""
        assert self.manifest is not None
        return date.fromisoformat(self.manifest["as_of"])

    @property
    def previous_as_of(self) -> date | None:
        """The date of the publication before."""
        return date.fromisoformat(self.previous["as_of"]) if self.previous else None

    @contextmanager
    def published(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection on which the schemas are those of the version that the run published."""
        with self.connection.cursor() as cursor:
            cursor.execute("use now")
            yield cursor

    def of_run(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of a query on the journal in which `?` stands for the run's id."""
        return self.query(sql.replace("?", literal(self.run.run_id)))

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of a query on the journal and the published files."""
        return self.connection.execute(sql).fetchall()


@contextmanager
def sources_of(home: Home, settings: Settings, run: RunRow) -> Iterator[Sources]:
    """Sources of a run that ended; what it published may have been removed meanwhile."""
    folder = folder_of(home, run)
    is_head = folder is not None and folder.parent == home.versions
    before = _folder_before(home, folder.name) if folder is not None and is_head else None
    with _attached(home, settings, run, folder, before) as sources:
        yield sources


def folder_of(home: Home, run: RunRow) -> Path | None:
    """Where lies what a run published, at the head or of an older date; None if it is gone."""
    if run.status != "published" or run.version is None:
        return None
    for folder in (home.versions / run.version, home.published / "as_of" / str(run.as_of_date)):
        manifest = _manifest_in(folder)
        if manifest is not None and manifest["run_id"] == run.run_id:
            return folder
    return None


@contextmanager
def sources_while_publishing(
    home: Home, settings: Settings, run_id: str, folder: Path, *, is_head: bool
) -> Iterator[Sources]:
    """Sources of the run that is writing a version into `folder`, before its commit.

    Args:
        is_head: whether readers will see the version; an older date beside the head is compared
            with none.
    """
    manifest = _manifest_in(folder)
    row = Journal(home.journal).find_run(run_id)
    assert manifest is not None
    assert row is not None
    finished = datetime.fromisoformat(manifest["finished_at"]).astimezone(UTC).replace(tzinfo=None)
    run = replace(
        row,
        status="published",
        finished_at=finished,
        as_of_date=date.fromisoformat(manifest["as_of"]),
        version=manifest["version"],
        message=None,
    )
    head = read_manifest(home)
    before = home.versions / head["version"] if head and is_head else None
    with _attached(home, settings, run, folder, before) as sources:
        yield sources


@contextmanager
def _attached(
    home: Home, settings: Settings, run: RunRow, folder: Path | None, before: Path | None
) -> Iterator[Sources]:
    previous = _manifest_in(before) if before else None
    with Journal(home.journal).reading() as connection:
        for name, place in (("now", folder), ("before", before if previous else None)):
            if place is not None:
                database = literal(str(place / "crm.duckdb"))
                connection.execute(f"attach {database} as {name} (read_only)")
        yield Sources(
            run=run,
            home=home,
            currency=_currency(connection, settings, is_published=folder is not None),
            language=settings.publication.language,
            head=read_manifest(home),
            manifest=_manifest_in(folder) if folder else None,
            previous=previous,
            connection=connection,
        )


def _currency(
    connection: duckdb.DuckDBPyConnection, settings: Settings, *, is_published: bool
) -> str:
    """That of the charts; a file of another version of the code may not tell."""
    if not is_published:
        return settings.company.currency
    with connection.cursor() as cursor:
        try:
            cursor.execute("use now")
            (found,) = cursor.execute(f"select {CURRENCY}").fetchone() or (None,)
        except (duckdb.CatalogException, duckdb.BinderException):
            found = None
    return found or settings.company.currency


def _manifest_in(folder: Path) -> dict[str, Any] | None:
    """The manifest of a version whose file is still there."""
    path = folder / "manifest.json"
    if not path.exists() or not (folder / "crm.duckdb").exists():
        return None
    return json.loads(path.read_text(encoding="utf-8"))


def _folder_before(home: Home, version: str) -> Path | None:
    """The version published before this one, as far as it is kept."""
    older = [path for path in home.versions.iterdir() if path.name < version]
    return max((path for path in older if not path.name.startswith(".")), default=None)
