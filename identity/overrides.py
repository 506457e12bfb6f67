"""Decisions of people about identity: a CSV file that says which records are always one or never.

Columns: `action` (`always` or `never`), `source_system_a`, `source_id_a`, `source_system_b`,
`source_id_b` (systems: pos, email, support; ids as the source writes them) and `reason`. The file
is the whole truth: a line that is taken out of it is withdrawn at the next run.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from identity.person_tables import PERSON_TABLES, id_column
from ingestion.engine import values_rows
from ingestion.errors import ConfigurationError
from ingestion.personal import keyed_hash

if TYPE_CHECKING:
    import duckdb

_COLUMNS = (
    "action",
    "source_system_a",
    "source_id_a",
    "source_system_b",
    "source_id_b",
    "reason",
)
_ADVICE = f"Its columns are {', '.join(_COLUMNS)}; docs/identity.md has an example."


def read_overrides(path: Path, key: bytes) -> list[tuple[str, ...]]:
    """Decisions as rows of `identity.overrides`, ids hashed with the warehouse's key.

    Raises:
        ConfigurationError: the file is missing or not UTF-8, or a line is wrong; it names file,
            line and column, never the id.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            return list(_rows(path, csv.DictReader(stream), key))
    except FileNotFoundError as error:
        raise ConfigurationError(
            f"{path}: no such file. Make it, or take `overrides` out of [identity] in tokui.toml."
        ) from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{path} is not UTF-8. Save it as UTF-8.") from error


def load_overrides(connection: duckdb.DuckDBPyConnection, path: Path | None, key: bytes) -> int:
    """Replace the ledger's decisions by those of the file (none: no decision); their number."""
    rows = read_overrides(path, key) if path else []
    connection.execute("delete from identity.overrides")
    if rows:
        connection.execute(f"insert into identity.overrides values {values_rows(rows)}")
    return len(rows)


def record_hash(key: bytes, source_system: str, source_id: str) -> str:
    """The name of a record in the warehouse: the keyed hash of its id."""
    return keyed_hash(key, id_column(source_system), source_id)


def _rows(path: Path, reader: csv.DictReader, key: bytes) -> Iterator[tuple]:
    missing = [name for name in _COLUMNS[:5] if name not in (reader.fieldnames or ())]
    if missing:
        raise ConfigurationError(f"{path}: line 1: no column {', '.join(missing)}. {_ADVICE}")
    seen: dict[frozenset[tuple[str, str]], str] = {}
    for row in reader:
        where = f"{path}: line {reader.line_num}"
        action = (row["action"] or "").strip()
        if action not in ("always", "never"):
            raise ConfigurationError(f'{where}: action is "always" or "never". {_ADVICE}')
        a, b = (_record(where, row, side, key) for side in "ab")
        if a == b:
            raise ConfigurationError(f"{where}: both sides are the same record.")
        if seen.setdefault(frozenset((a, b)), action) != action:
            raise ConfigurationError(
                f'{where}: an earlier line decides "{seen[frozenset((a, b))]}" about these two '
                "records. Keep one of them."
            )
        yield (action, *a, *b, (row.get("reason") or "").strip(), path.name, reader.line_num)


def _record(where: str, row: dict[str, str], side: str, key: bytes) -> tuple[str, str]:
    system = (row[f"source_system_{side}"] or "").strip()
    source_id = (row[f"source_id_{side}"] or "").strip()
    if system not in PERSON_TABLES:
        raise ConfigurationError(
            f"{where}: source_system_{side} is one of {', '.join(PERSON_TABLES)}. {_ADVICE}"
        )
    if not source_id:
        raise ConfigurationError(f"{where}: source_id_{side} is empty. {_ADVICE}")
    return system, record_hash(key, system, source_id)
