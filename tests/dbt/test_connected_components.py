"""Connected components: DuckDB's way and the one of other engines give one answer."""

from __future__ import annotations

import random
from pathlib import Path

import duckdb
import pytest

from tests.dbt.conftest import Warehouse, run_dbt


@pytest.fixture
def graph(warehouse: Warehouse) -> Warehouse:
    """A chain, a ring, a star and random links, in table `intermediate.links`."""
    dice = random.Random(7)
    links = [(n, n + 1) for n in range(40)]
    links += [(100 + n, 100 + (n + 1) % 9) for n in range(9)]
    links += [(200, 200 + n) for n in range(1, 12)]
    links += [(dice.randrange(300, 900), dice.randrange(300, 900)) for _ in range(250)]
    with duckdb.connect(str(warehouse.path)) as connection:
        connection.execute("create schema intermediate")
        connection.execute("create table intermediate.links (node_a bigint, node_b bigint)")
        connection.executemany("insert into intermediate.links values (?, ?)", links)
    return warehouse


def test_both_ways_agree_with_a_walk_through_the_graph(graph: Warehouse) -> None:
    expected = components_by_walking(graph)
    assert len(expected) > 300
    assert labels(graph, "duckdb__connected_components") == expected
    assert labels(graph, "default__connected_components") == expected


def labels(graph: Warehouse, macro: str) -> dict[int, int]:
    call = f"{macro}('intermediate.links', 'node_a', 'node_b', 'true')"
    result = run_dbt(
        ["show", "--quiet", "--limit=-1", "--inline", "{{ " + call + " }}"],
        graph.path,
        Path(graph.target),
        {},
    )
    assert result.success, result.exception
    table = result.result.results[0].agate_table
    return {int(row["node"]): int(row["label"]) for row in table.rows}


def components_by_walking(graph: Warehouse) -> dict[int, int]:
    neighbours: dict[int, set[int]] = {}
    for a, b in graph.query("select node_a, node_b from intermediate.links"):
        neighbours.setdefault(a, set()).add(b)
        neighbours.setdefault(b, set()).add(a)
    found: dict[int, int] = {}
    for start in sorted(neighbours):
        waiting = [start]
        while waiting:
            node = waiting.pop()
            if node not in found:
                found[node] = start
                waiting += neighbours[node]
    return found
