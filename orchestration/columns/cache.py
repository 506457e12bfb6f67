"""The facts of all columns, worked out once and kept beside dbt's manifest."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

from orchestration.columns.model import ColumnFacts, ColumnName, Personal, TableFacts
from orchestration.project import ROOT, TARGET_DIR, fingerprint, read_manifest

COLUMNS = TARGET_DIR / "columns.json"
_SOURCES = ("orchestration/columns", "ingestion/contract", "plans/tables.py", "ingestion/ledger.py")
"""What the facts are made of and by, beside the dbt project."""

LEFT_OUT = "TOKUI_COLUMNS_LEFT_OUT"
"""Set in the environment of a process that shows nobody any columns: it starts half a second
sooner."""

Facts = Mapping[str, TableFacts]
"""By schema and table, `marts.customer_360` say."""


def load_columns() -> Facts:
    """The facts as they were worked out last; empty where the project is another one since."""
    try:
        kept = json.loads(COLUMNS.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    if kept["fingerprint"] != _wanted():
        return {}
    return {name: _table(facts) for name, facts in kept["tables"].items()}


def columns_to_show() -> Facts:
    """The facts as they were worked out last, in a process that shows them; else none."""
    return {} if os.environ.get(LEFT_OUT) else load_columns()


def ensure_columns() -> Facts:
    """The facts of the project as it stands; works them out where there are none.

    Raises:
        RuntimeError: the project does not parse or compile.
    """
    read_manifest()
    found = load_columns()
    return found or _make()


def _make() -> Facts:
    # Late: reading SQL and compiling are no part of a start.
    from orchestration.columns.working_out import work_out

    tables = work_out(read_manifest())
    kept = {
        "fingerprint": _wanted(),
        "tables": {name: dataclasses.asdict(facts) for name, facts in tables.items()},
    }
    temporary = COLUMNS.with_suffix(f".{os.getpid()}.tmp")
    temporary.write_text(json.dumps(kept, ensure_ascii=False), encoding="utf-8")
    os.replace(temporary, COLUMNS)
    return tables


def _table(facts: Mapping) -> TableFacts:
    columns = tuple(_column(column) for column in facts["columns"])
    return TableFacts(
        columns, tuple(facts["key"]), tuple(facts["version_key"]), Personal(facts["personal"])
    )


def _column(facts: Mapping) -> ColumnFacts:
    sources = tuple(ColumnName(*source) for source in facts["sources"])
    return ColumnFacts(**{**facts, "values": tuple(facts["values"]), "sources": sources})


def _wanted() -> str:
    """Of the dbt project as it was parsed, and of the code that reads it."""
    digest = hashlib.sha256(f"{fingerprint()} {version('sqlglot')}".encode())
    for name in _SOURCES:
        for path in _files(ROOT / name):
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _files(path: Path) -> list[Path]:
    return sorted(path.glob("*.py")) if path.is_dir() else [path]
