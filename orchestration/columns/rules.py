"""What is certain of columns: keys, what is never empty, which values there are.

Read from dbt's tests, the feed contract and the plans, which runs hold their rows to.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ingestion.contract import all_tables
from ingestion.contract.model import Table
from orchestration.columns.model import ColumnName
from plans.tables import PLANS


@dataclass
class Rules:
    """Keys by table; columns that are never NULL; the values of a column where they are listed.

    `keys` are unique; `version_keys` (raw) tell whose versions rows are.
    """

    keys: dict[str, tuple[str, ...]] = field(default_factory=dict)
    version_keys: dict[str, tuple[str, ...]] = field(default_factory=dict)
    present: set[ColumnName] = field(default_factory=set)
    values: dict[ColumnName, tuple[str, ...]] = field(default_factory=dict)


def read_rules(manifest: Mapping[str, Any]) -> Rules:
    """The rules of all layers."""
    rules = Rules()
    for table in all_tables():
        _add_contract(rules, table)
    for plan in PLANS.values():
        rules.keys[f"plans.{plan.name}"] = plan.key
    for test in manifest["nodes"].values():
        if test["resource_type"] == "test" and test.get("test_metadata"):
            for table in _tested(manifest, test):
                _add_test(rules, table, test["test_metadata"])
    return rules


def _add_contract(rules: Rules, table: Table) -> None:
    name = table.qualified_name
    rules.version_keys[name] = tuple(
        column if column in table.raw_columns else table.column(column).hash_name
        for column in table.key
    )
    if table.personal:
        rules.version_keys[f"pii.{table.pii_name}"] = table.key
    for column in table.columns:
        shown = column.name if column.name in table.raw_columns else column.hash_name
        if column.required:
            rules.present.add(ColumnName(name, shown))
        if column.allowed and shown == column.name:
            rules.values[ColumnName(name, shown)] = column.allowed


def _tested(manifest: Mapping[str, Any], test: Mapping[str, Any]) -> Iterator[str]:
    """The table that a test is of: a model, a seed or a source."""
    attached = test.get("attached_node")
    sources = test["depends_on"]["nodes"][:1] if attached is None else []
    for unique_id in [attached, *sources]:
        node = manifest["nodes"].get(unique_id) or manifest["sources"].get(unique_id)
        if node is not None:
            yield f"{node['schema']}.{node['name']}"


def _add_test(rules: Rules, table: str, metadata: Mapping[str, Any]) -> None:
    kind, arguments = metadata["name"], metadata["kwargs"]
    if kind == "unique_key":
        rules.keys[table] = tuple(arguments["columns"])
        if not arguments.get("nullable", False):
            rules.present |= {ColumnName(table, column) for column in arguments["columns"]}
        return
    column = ColumnName(table, arguments.get("column_name", ""))
    if kind == "not_null":
        rules.present.add(column)
    elif kind == "unique":
        rules.keys.setdefault(table, (column.column,))
    elif kind == "accepted_values":
        rules.values[column] = tuple(str(value) for value in arguments["values"])
