"""Keys of intermediate models, checked after the layer is built.

The SQL is that of dbt's test `unique_key`; a node of dbt a key would cost more than the layer.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ingestion.engine import connect


def count_broken(warehouse: Path, tests: Sequence[Any]) -> list[int]:
    """For each test of dbt's manifest the keys that stand twice or are NULL without leave."""
    with connect(warehouse, read_only=True) as connection:
        return [connection.execute(_query(test)).fetchall()[0][0] for test in tests]


def _query(test: Any) -> str:
    schema, table = "intermediate", test.attached_node.split(".")[-1]
    arguments = test.test_metadata.kwargs
    columns = ", ".join(arguments["columns"])
    broken = ["count(*) > 1"]
    if not arguments.get("nullable", False):
        broken += [f"{column} is null" for column in arguments["columns"]]
    return (
        f"select count(*) from (select {columns} from {schema}.{table} group by {columns} "
        f"having {' or '.join(broken)})"
    )
