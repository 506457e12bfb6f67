"""The business rules: every dbt unit test of the project passes."""

from __future__ import annotations

from typing import Any


def test_every_unit_test_passes(warehouse: Any) -> None:
    assert warehouse.dbt("seed", "--quiet").success
    assert warehouse.dbt("run", "--empty", "--quiet").success
    tested = warehouse.dbt("test", "--select", "test_type:unit", "--quiet")
    results = tested.result.results
    failed = [f"{r.node.name}: {r.message}" for r in results if str(r.status) != "pass"]
    assert not failed, "\n".join(failed)
    assert len(results) >= 57
