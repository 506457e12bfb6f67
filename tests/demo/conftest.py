"""One small world for all tests of a session, and a check of rows against the feed contract."""

from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from demo.scale import SCALES
from demo.world import World
from ingestion.contract import Kind, find_table

TYPES = {
    Kind.TEXT: pa.types.is_string,
    Kind.INTEGER: pa.types.is_integer,
    Kind.MONEY: lambda kind: pa.types.is_integer(kind) or pa.types.is_decimal(kind),
    Kind.RATE: pa.types.is_floating,
    Kind.BOOLEAN: pa.types.is_boolean,
    Kind.INSTANT: pa.types.is_timestamp,
}


@pytest.fixture(scope="session")
def small_world() -> World:
    return World(1, SCALES["small"])


@pytest.fixture(scope="session")
def breaches() -> Callable[[str, pa.Table], list[str]]:
    """What rows of a table such as "email.events" say that its contract does not allow."""
    return find_breaches


def find_breaches(name: str, rows: pa.Table) -> list[str]:
    table, found = find_table(f"raw_{name}"), []
    known = {column.name for column in table.columns}
    found += [f"unknown column {column}" for column in rows.column_names if column not in known]
    for column in table.columns:
        if column.name not in rows.column_names:
            if column.required:
                found.append(f"no {column.name}")
            continue
        values = rows[column.name]
        if not TYPES[column.kind](values.type):
            found.append(f"{column.name} is {values.type}")
        if column.required and values.null_count:
            found.append(f"{values.null_count} rows without {column.name}")
        if column.allowed:
            others = set(pc.unique(values).to_pylist()) - {*column.allowed, None}
            found += [f"{column.name} = {value}" for value in others]
    return found
