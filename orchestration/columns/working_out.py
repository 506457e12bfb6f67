"""All facts of all columns, worked out from the compiled project."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from orchestration.columns import describing
from orchestration.columns.model import ColumnFacts, ColumnName, Origin, TableFacts
from orchestration.columns.privacy import levels
from orchestration.columns.rules import Rules, read_rules
from orchestration.columns.scratch import Scratch, build_scratch
from orchestration.columns.tracing import trace


def work_out(manifest: Mapping[str, Any]) -> dict[str, TableFacts]:
    """Facts of every table by schema and name; some fifteen seconds.

    Raises:
        RuntimeError: the project does not compile.
    """
    scratch, rules = build_scratch(), read_rules(manifest)
    origins = _origins(scratch, rules)
    meanings = _meanings(manifest, scratch, origins)
    personal = levels(_columns(scratch), origins)
    return {
        f"{schema}.{table}": TableFacts(
            tuple(
                _facts(ColumnName(f"{schema}.{table}", column), kind, rules, origins, meanings)
                for column, kind in columns.items()
            ),
            key=rules.keys.get(f"{schema}.{table}", ()),
            version_key=rules.version_keys.get(f"{schema}.{table}", ()),
            personal=personal[f"{schema}.{table}"],
        )
        for schema, tables in scratch.types.items()
        for table, columns in tables.items()
    }


def _origins(scratch: Scratch, rules: Rules) -> dict[ColumnName, Origin]:
    """By column, tables in the order in which they are made."""
    keys = rules.version_keys | rules.keys
    return {
        ColumnName(table, column): origin
        for table, sql in scratch.compiled.items()
        for column, origin in trace(sql, scratch.types, keys).items()
    }


def _columns(scratch: Scratch) -> dict[str, list[str]]:
    """Columns by table, those of SQL last and in the order in which they are made."""
    found = {
        f"{schema}.{table}": list(columns)
        for schema, tables in scratch.types.items()
        for table, columns in tables.items()
    }
    made = {table: found.pop(table) for table in scratch.compiled}
    return found | made


def _meanings(
    manifest: Mapping[str, Any], scratch: Scratch, origins: Mapping[ColumnName, Origin]
) -> describing.Descriptions:
    written = describing.declared(manifest)
    by_name = describing.by_name(written)
    found = describing.complete(written, origins)
    for schema, tables in scratch.types.items():
        for table, columns in tables.items():
            for column in columns:
                name = ColumnName(f"{schema}.{table}", column)
                found.setdefault(name, by_name.get(column, ""))
    return found


def _facts(
    name: ColumnName,
    kind: str,
    rules: Rules,
    origins: Mapping[ColumnName, Origin],
    meanings: describing.Descriptions,
) -> ColumnFacts:
    origin = origins.get(name, Origin())
    return ColumnFacts(
        name.column,
        kind.lower(),
        meanings[name],
        is_present=name in rules.present,
        values=rules.values.get(name, ()),
        sources=tuple(sorted(origin.sources)),
    )
