"""The whole warehouse, empty, in memory: what its tables' columns are, as the engine sees them.

dbt compiles the models; the engine binds each of them once, on tables without rows.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import duckdb

from ingestion import ledger
from ingestion.engine import connect, literal
from orchestration.project import PROJECT_DIR, load_parsed
from plans.load import load_plans


@dataclass(frozen=True)
class Scratch:
    """Compiled SQL by table, in the order in which they are made; types by schema and table."""

    compiled: dict[str, str]
    types: dict[str, dict[str, dict[str, str]]]


def build_scratch() -> Scratch:
    """Compile the project and bind it; some ten seconds.

    Raises:
        RuntimeError: the project does not compile.
        duckdb.Error: the engine does not take a model.
    """
    manifest = load_parsed()
    with tempfile.TemporaryDirectory() as folder:
        warehouse = Path(folder) / "warehouse.duckdb"
        with connect(warehouse) as connection:
            ledger.prepare(connection, profile="demo", fingerprint="")
            load_plans(connection, {})
        compiled = _compile(manifest, warehouse)
        with connect(warehouse) as connection:
            ordered = _bind(connection, manifest, compiled)
            return Scratch(ordered, _types(connection))


def _compile(manifest: Any, warehouse: Path) -> dict[str, str]:
    """SQL of each model by schema and table, as dbt would hand it to the engine."""
    from orchestration.aside import invoke

    done = invoke(manifest, warehouse, ["compile"], {})
    if not done.success:
        raise RuntimeError(f"the dbt project does not compile: {done.exception or done.result}")
    return {
        f"{node.schema}.{node.name}": node.compiled_code
        for node in (one.node for one in done.result.results)
        if str(node.resource_type) == "model"
    }


def _bind(
    connection: duckdb.DuckDBPyConnection, manifest: Any, compiled: dict[str, str]
) -> dict[str, str]:
    """Make every table of dbt without rows, and return the models' SQL in that order.

    Tables, because a view on views would be bound again and again.
    """
    nodes = {key: node for key, node in sorted(manifest.nodes.items()) if _is_table(node)}
    for schema in sorted({node.schema for node in nodes.values()}):
        connection.execute(f"create schema if not exists {schema}")
    ordered = {}
    for key in TopologicalSorter({key: _above(nodes, key) for key in nodes}).static_order():
        name = f"{nodes[key].schema}.{nodes[key].name}"
        query = compiled.get(name) or _seed(nodes[key])
        connection.execute(f"create table {name} as {query} with no data")
        if name in compiled:
            ordered[name] = query
    return ordered


def _above(nodes: dict[str, Any], key: str) -> list[str]:
    """What a table of dbt is made of; seeds are made of nothing."""
    wanted = getattr(nodes[key].depends_on, "nodes", ())
    return sorted(name for name in wanted if name in nodes)


def _is_table(node: Any) -> bool:
    return str(node.resource_type) in ("model", "seed")


def _seed(node: Any) -> str:
    types = ", ".join(
        f"{literal(name)}: {literal(kind)}" for name, kind in node.config.column_types.items()
    )
    path = literal(str(PROJECT_DIR / node.original_file_path))
    return f"select * from read_csv({path}, header = true, types = {{{types}}})"


def _types(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, dict[str, str]]]:
    found: dict[str, dict[str, dict[str, str]]] = {}
    for schema, table, column, kind in connection.execute(
        "select schema_name, table_name, column_name, data_type from duckdb_columns() "
        "where not internal and database_name = current_database() "
        "order by schema_name, table_name, column_index"
    ).fetchall():
        found.setdefault(schema, {}).setdefault(table, {})[column] = kind
    return found
