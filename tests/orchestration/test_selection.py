"""No data test of dbt's is lost between the steps of a night, and none runs before its tables."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest

from orchestration.keys import count_broken
from orchestration.selection import TAG, cut, key_tests
from orchestration.transformation import parsed_project


@pytest.fixture(scope="module")
def manifest() -> Any:
    return parsed_project()


def _chosen(manifest: Any, *schemas: str) -> set[str]:
    return {
        unique_id
        for unique_id, node in manifest.nodes.items()
        if str(node.resource_type) in ("model", "seed") and node.config.schema in schemas
    }


def _tests(manifest: Any, chosen: set[str]) -> set[str]:
    nodes = cut(manifest, chosen).nodes.values()
    return {node.name for node in nodes if str(node.resource_type) == "test"}


def _is_left_out(node: Any) -> bool:
    """Keys, and tests of seeds, which do not change from night to night."""
    of_seeds = all(name.startswith("seed.") for name in node.depends_on.nodes)
    return of_seeds or node.name.startswith(("unique_key", "source_unique_key"))


def test_each_test_belongs_to_one_step(manifest: Any) -> None:
    steps = [
        _tests(manifest, _chosen(manifest, *schemas))
        for schemas in (("staging",), ("seeds", "intermediate"), ("marts",))
    ]
    wanted = {
        node.name
        for node in manifest.nodes.values()
        if str(node.resource_type) == "test" and not _is_left_out(node)
    }
    assert set().union(*steps) == wanted
    assert sum(map(len, steps)) == len(wanted) > 30


def test_a_test_waits_for_the_last_of_its_tables(manifest: Any) -> None:
    # It reads staging, intermediate and a mart.
    name = "fct_sales_line_has_all_counted_lines"
    assert name not in _tests(manifest, _chosen(manifest, "staging"))
    assert name in _tests(manifest, _chosen(manifest, "marts"))


def test_a_mart_alone_is_not_tested_against_those_beside_it(manifest: Any) -> None:
    found = _tests(manifest, {"model.tokui.household"})
    assert "households_are_small_and_shared" in found
    assert "customer_360_adds_up" not in _tests(manifest, {"model.tokui.customer_360"})


def test_only_what_is_chosen_bears_the_tag(manifest: Any) -> None:
    nodes = cut(manifest, {"model.tokui.dim_store"}).nodes
    tagged = {unique_id for unique_id, node in nodes.items() if TAG in node.tags}
    models = {unique_id for unique_id in tagged if unique_id.startswith("model.")}
    assert models == {"model.tokui.dim_store"}
    assert "model.tokui.stg_pos__stores" in nodes
    assert not any(TAG in node.tags for node in manifest.nodes.values())


def test_keys_of_intermediate_alone_are_counted_here(manifest: Any) -> None:
    chosen = _chosen(manifest, "staging", "intermediate", "marts")
    tested = {test.attached_node for test in key_tests(manifest, chosen)}
    assert "model.tokui.int_campaigns" in tested
    assert tested <= _chosen(manifest, "intermediate")
    assert key_tests(manifest, chosen - {"model.tokui.int_campaigns"}) != []
    assert key_tests(manifest, {"model.tokui.dim_store"}) == []


def _key_test(table: str, **arguments: Any) -> Any:
    return SimpleNamespace(
        attached_node=f"model.tokui.{table}", test_metadata=SimpleNamespace(kwargs=arguments)
    )


def test_keys_that_stand_twice_or_are_empty_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "create schema intermediate; create table intermediate.int_day (store int, day int); "
            "insert into intermediate.int_day values (1, 1), (1, 2), (1, 2), (2, 1), (null, 1)"
        )
    pair = ["store", "day"]
    tests = [_key_test("int_day", columns=pair), _key_test("int_day", columns=pair, nullable=True)]
    # (1, 2) stands twice, and one store is empty.
    assert count_broken(path, tests) == [2, 1]
