"""A feed for tests: a folder of files, its settings, and a warehouse that they are loaded into."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingestion import ledger, source, table_load
from ingestion.contract import find_table
from ingestion.decisions import Action, Decisions, ReloadRequest, RowDecision
from ingestion.discovery import FoundFile, fetch
from ingestion.engine import connect, literal
from ingestion.errors import FileProblemError
from ingestion.landing import Landing, QuarantinedRow
from ingestion.personal import fingerprint
from ingestion.reading import Part, Reader
from ingestion.settings import FileFormat, Limits, Settings, load_settings
from ingestion.source import FeedReport, LoadContext

KEY = b"a key for tests"
NOW = datetime(2026, 7, 31, 6, 0)


@dataclass
class Landed:
    """Files of one table after typing: rows by column name, rows set aside, unknown columns."""

    rows: list[dict[str, Any]]
    aside: list[tuple[str, int, str]]
    payloads: list[str]
    unknown: list[str]
    counts: dict[str, int]
    parts: list[Part]

    def column(self, name: str) -> list[Any]:
        return [row[name] for row in self.rows]


@dataclass
class Bench:
    """Reads and types files of one table, without settings, versions or a load."""

    root: Path
    connection: duckdb.DuckDBPyConnection
    limits: Limits = field(default_factory=Limits)
    _numbers: Iterable[int] = field(default_factory=lambda: itertools.count(1))

    def land(self, table_name: str, files: dict[str, str | bytes | Path], **given: Any) -> Landed:
        """Land files by name; `given` are the settings of their format."""
        table, file_format = find_table(table_name), FileFormat(**given)
        scratch = self.root / f"scratch_{next(iter(self._numbers))}"
        for kind in ("view", "table"):
            for (name,) in self.connection.execute(
                f"select {kind}_name from duckdb_{kind}s() where temporary and not internal"
            ).fetchall():
                self.connection.execute(f'drop {kind} if exists "{name}"')
        reader = Reader(self.connection, table, file_format, scratch, self.limits)
        landing = Landing(self.connection, table, KEY, "load1", NOW)
        found = [self._found(table_name, name, content) for name, content in files.items()]
        parts: dict[tuple[str, ...], Part] = {}

        def take(part: Part) -> dict[str, int]:
            parts[tuple(part.files)] = part
            return landing.add(part, file_format)

        reader.stage([reader.read(file) for file in found], take)
        landing.set_duplicates_aside()
        problems = landing.refuse_bad_files(1.0, table.never_empty)
        if problems:
            raise problems[0]
        landing.hash_personal_values()
        # `_row` is the scratch table's own number: it says nothing of what the files hold.
        relation = self.connection.sql(
            f"select * exclude (_row) from {landing.good} order by _file, _line"
        )
        aside = landing.quarantined()
        return Landed(
            [dict(zip(relation.columns, row, strict=True)) for row in relation.fetchall()],
            [(row.file, row.line, row.reason) for row in aside],
            [row.payload for row in aside],
            landing.unknown_columns,
            landing.rows_in(),
            list(parts.values()),
        )

    def refused(
        self, table_name: str, files: dict[str, str | bytes | Path], **given: Any
    ) -> FileProblemError:
        """The problem that landing these files ends in."""
        with pytest.raises(FileProblemError) as raised:
            self.land(table_name, files, **given)
        return raised.value

    def _found(self, table_name: str, name: str, content: str | bytes | Path) -> FoundFile:
        if isinstance(content, Path):
            path = content
        else:
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        size = path.stat().st_size
        file = FoundFile(find_table(table_name), name, f"file://{path}", size, "")
        return fetch(file, self.root / "fetched")


@dataclass
class Shop:
    """A retailer's feed, loaded night by night into a warehouse."""

    root: Path
    template: Path
    toml: str = ""
    nights: int = 0
    aside: list[QuarantinedRow] = field(default_factory=list)
    decisions: Decisions = field(default_factory=Decisions)

    @property
    def warehouse(self) -> Path:
        return self.root / "warehouse.duckdb"

    @property
    def landing(self) -> Path:
        return self.root / "landing"

    def put(self, name: str, content: str | bytes, feed: str = "pos") -> Path:
        path = self.root / feed / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def settings(self) -> Settings:
        config = self.root / "tokui.toml"
        sections = "".join(
            f'[feeds.{feed}]\npath = "{feed}"\nsettle_seconds = 0\n'
            for feed in ("pos", "email", "support")
            if (self.root / feed).is_dir() and f"[feeds.{feed}]" not in self.toml
        )
        config.write_text(sections + self.toml, encoding="utf-8")
        return load_settings(config)

    def load(self, feed: str = "pos") -> FeedReport:
        """One night."""
        self.nights += 1
        settings = self.settings()
        if not self.warehouse.exists():
            shutil.copyfile(self.template, self.warehouse)
        context = LoadContext(
            self.warehouse,
            self.landing / f"night{self.nights}",
            self.root / "scratch",
            f"night{self.nights}",
            KEY,
            NOW,
            limits=settings.limits,
            decisions=self.decisions,
        )
        report = source.load_feed(feed, settings.feeds[feed], context)
        self.aside += report.quarantined
        return report

    def decide(self, file: str, line: int, action: Action = Action.RELEASE, **changes: str) -> str:
        """Decide about the row of a line, as it was last set aside; the decision's id."""
        row = [one for one in self.aside if (one.file, one.line) == (file, line)][-1]
        decision = RowDecision(
            f"d{len(self.decisions.rows)}",
            *(action, row.table, row.file, row.line, row.reason, row.payload, changes),
        )
        self.decisions = replace(self.decisions, rows=(*self.decisions.rows, decision))
        return decision.decision_id

    def ask_to_reload(self, table: str, file: str) -> str:
        """Ask the next night to read a file again; the request's id."""
        request = ReloadRequest(f"r{len(self.decisions.reloads)}", table, file)
        self.decisions = replace(self.decisions, reloads=(*self.decisions.reloads, request))
        return request.decision_id

    def outcome(self, decision_id: str) -> str:
        """What the warehouse made of a decision; empty if it has not heard it."""
        found = self.rows(
            f"select outcome from ledger.applied_decisions where decision_id = '{decision_id}'"
        )
        return found[0][0] if found else ""

    def states(self) -> dict[tuple[str, int], str]:
        """State of each row in quarantine by file and line."""
        rows = self.rows("select file, line, state from ledger.quarantined_rows order by all")
        return {(file, line): state for file, line, state in rows}

    def counts(self, table: str, feed: str = "pos") -> tuple[int, int, int, int]:
        """Rows in, unchanged, quarantined, stored of the table in the next night."""
        report = self.load(feed).tables[table]
        counted = (report.rows_in, report.unchanged, report.quarantined, report.stored)
        assert counted[0] == sum(counted[1:])
        return counted

    def rows(self, sql: str) -> list[tuple]:
        with connect(self.warehouse, read_only=True) as connection:
            return connection.sql(sql).fetchall()


@pytest.fixture(scope="session")
def memory() -> Iterable[duckdb.DuckDBPyConnection]:
    """One engine for all tests that land files: opening one takes longer than most of them."""
    with connect(Path(":memory:")) as connection:
        yield connection


@pytest.fixture
def bench(tmp_path: Path, memory: duckdb.DuckDBPyConnection) -> Bench:
    return Bench(tmp_path, memory)


@pytest.fixture(scope="session")
def empty_warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse with the tables of the contract, to be copied."""
    path = tmp_path_factory.mktemp("empty") / "warehouse.duckdb"
    with connect(path) as connection:
        ledger.prepare(connection, "main", fingerprint(KEY))
    return path


@pytest.fixture
def real_shop(tmp_path: Path, empty_warehouse: Path) -> Shop:
    """A shop whose files are loaded by dlt."""
    return Shop(tmp_path, empty_warehouse)


@pytest.fixture
def shop(tmp_path: Path, empty_warehouse: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """A shop whose landed files are appended by DuckDB alone, which is quicker than dlt."""
    monkeypatch.setattr(table_load, "load_parquet", _append)
    return Shop(tmp_path, empty_warehouse)


def _append(
    connection: duckdb.DuckDBPyConnection,
    dataset: str,
    files: dict[str, tuple[Path, dict]],
    working_dir: Path,
) -> None:
    for table, (path, _) in files.items():
        connection.execute(
            f"insert into {dataset}.{table} by name from read_parquet({literal(str(path))})"
        )
