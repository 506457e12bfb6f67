"""The one way to published data: a file of one version, queried read-only and remembered.

A page is made of one version, named by the manifest when the page begins. The file is opened where
that version lies, in `published/versions/<version>/`: DuckDB would give a second connection to
`published/crm.duckdb` in one process the old file. Whoever opens a page after a publication sees
the new version; no restart is needed.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import streamlit as st

from ingestion.engine import engine_settings
from orchestration.home import Home
from orchestration.publication import read_manifest

Row = dict[str, Any]
Value = str | int | date | None
ROWS_AT_MOST = 2_000
"""A page shows less; a query that gives more belongs into SQL or a download."""
_ANSWERS = 2_000
"""Answers that are remembered, of all versions and all who look."""


class TooManyRowsError(Exception):
    """A query of a page gave more rows than a browser should be sent."""


@dataclass(frozen=True)
class Version:
    """A published version and its file; `stamp` tells a file from another of the same name."""

    name: str
    as_of: date
    file: Path
    stamp: int

    def rows(self, query: str, **values: Value) -> list[Row]:
        """Rows of a query on `marts` and `ops`, at most `ROWS_AT_MOST`.

        `$name` in the query stands for a value. Answers are remembered: leave the rows as they are.

        Raises:
            TooManyRowsError: there are more.
        """
        rows = _answer(str(self.file), self.stamp, query, tuple(sorted(values.items())))
        if len(rows) > ROWS_AT_MOST:
            raise TooManyRowsError(f"more than {ROWS_AT_MOST} rows: {query}")
        return rows

    def row(self, query: str, **values: Value) -> Row:
        """The first row of a query; empty where there is none."""
        return next(iter(self.rows(query, **values)), {})

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A connection of one's own for what is not remembered; close it."""
        return _database(str(self.file), self.stamp).cursor()


def published(home: Home) -> Version | None:
    """The published version; None while there is none, or its folder was taken away."""
    manifest = read_manifest(home)
    if manifest is None:
        return None
    file = home.versions / manifest["version"] / "crm.duckdb"
    try:
        stamp = file.stat().st_mtime_ns
    except FileNotFoundError:
        return None
    return Version(manifest["version"], date.fromisoformat(manifest["as_of"]), file, stamp)


def home() -> Home:
    """The home of the warehouse to show, as `tokui dashboard` passed it on."""
    return Home(Path(os.environ["TOKUI_HOME"]).absolute())


@st.cache_resource(max_entries=2, show_spinner=False, on_release=lambda opened: opened.close())
def _database(file: str, stamp: int) -> duckdb.DuckDBPyConnection:
    """A version's file, opened once for all; queries have cursors of their own."""
    return duckdb.connect(file, read_only=True, config=engine_settings(Path(file)))


@st.cache_data(max_entries=_ANSWERS, show_spinner=False)
def _answer(file: str, stamp: int, query: str, values: tuple[tuple[str, Value], ...]) -> list[Row]:
    with _database(file, stamp).cursor() as cursor:
        result = cursor.execute(query, dict(values))
        names = [column[0] for column in result.description]
        found = result.fetchmany(ROWS_AT_MOST + 1)
    return [dict(zip(names, row, strict=True)) for row in found]
