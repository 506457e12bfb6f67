"""The rules of the layers, read from dbt's manifest of the whole project."""

from __future__ import annotations

from typing import Any

import pytest

Manifest = dict[str, Any]
Node = dict[str, Any]

READERS_OF_SOURCES = {
    "pii": ("intermediate",),
    "identity": ("intermediate",),
    "plans": ("intermediate",),
    "baskets": ("intermediate",),
    "prediction": ("intermediate", "marts"),
}
"""Sources that a layer other than staging reads; staging alone reads all the others."""


def models(manifest: Manifest) -> list[Node]:
    """Every model, in a stable order."""
    nodes = manifest["nodes"].values()
    return sorted((n for n in nodes if n["resource_type"] == "model"), key=lambda n: n["name"])


def layer(node: Node) -> str:
    """First folder under `models`."""
    return node["fqn"][1]


def parents(manifest: Manifest, node: Node) -> list[Node]:
    """Models, seeds and sources that a model reads."""
    known = manifest["nodes"] | manifest["sources"]
    return [known[name] for name in node["depends_on"]["nodes"]]


def wrong_readers_of_sources(manifest: Manifest) -> list[str]:
    """Models that read a source which their layer must not read."""
    return [
        f"{node['name']} reads {parent['source_name']}.{parent['name']}"
        for node in models(manifest)
        for parent in parents(manifest, node)
        if parent["resource_type"] == "source"
        and layer(node) not in READERS_OF_SOURCES.get(parent["source_name"], ("staging",))
    ]


def marts_that_read_staging(manifest: Manifest) -> list[str]:
    """Marts that pass `intermediate` by."""
    return [
        f"{node['name']} reads {parent['name']}"
        for node in models(manifest)
        for parent in parents(manifest, node)
        if layer(node) == "marts" and layer(parent) == "staging"
    ]


def layers_read_backwards(manifest: Manifest) -> list[str]:
    """Models that read a layer which is built after theirs."""
    order = ["staging", "intermediate", "marts"]
    return [
        f"{node['name']} reads {parent['name']}"
        for node in models(manifest)
        for parent in parents(manifest, node)
        if parent["resource_type"] == "model"
        and order.index(layer(parent)) > order.index(layer(node))
    ]


def readers_of_personal_values(manifest: Manifest) -> list[str]:
    """Models other than those of identity that read `pii` or the identity ledger."""
    return [
        node["name"]
        for node in models(manifest)
        for parent in parents(manifest, node)
        if parent.get("source_name") in ("pii", "identity") and "identity" not in node["fqn"]
    ]


def models_without_a_grain(manifest: Manifest) -> list[str]:
    """Models whose description does not begin with what one row is."""
    return [
        node["name"]
        for node in models(manifest)
        if not node["description"].strip().startswith("One row ")
    ]


def undescribed_columns(manifest: Manifest) -> list[str]:
    """Columns of models and sources without a description."""
    tables = [*models(manifest), *manifest["sources"].values()]
    return [
        f"{table['name']}.{column['name']}"
        for table in tables
        for column in table["columns"].values()
        if not column["description"].strip()
    ]


def models_without_a_contract(manifest: Manifest) -> list[str]:
    """Models of staging and marts whose columns and types dbt does not enforce."""
    return [
        node["name"]
        for node in models(manifest)
        if layer(node) in ("staging", "marts")
        and not (node["config"]["contract"]["enforced"] and node["columns"])
    ]


def keys_under_test(manifest: Manifest) -> dict[str, list[str]]:
    """Columns of the `unique_key` test of each model that has one."""
    return {
        test["attached_node"]: test["test_metadata"]["kwargs"]["columns"]
        for test in manifest["nodes"].values()
        if test["resource_type"] == "test"
        and (test.get("test_metadata") or {}).get("name") == "unique_key"
        and test["attached_node"]
    }


def models_without_a_key_test(manifest: Manifest) -> list[str]:
    """Models of staging and marts whose key is not tested."""
    keys = keys_under_test(manifest)
    return [
        node["name"]
        for node in models(manifest)
        if layer(node) in ("staging", "marts") and node["unique_id"] not in keys
    ]


def marts_whose_key_differs(manifest: Manifest) -> list[str]:
    """Marts whose declared primary key, which the digest sorts by, is not the tested one."""
    keys = keys_under_test(manifest)
    return [
        node["name"]
        for node in models(manifest)
        if layer(node) == "marts"
        and node["config"]["meta"].get("primary_key") != keys.get(node["unique_id"])
    ]


def models_outside_their_schema(manifest: Manifest) -> list[str]:
    """Models whose schema is not their folder."""
    return [node["name"] for node in models(manifest) if node["schema"] != layer(node)]


RULES = [
    wrong_readers_of_sources,
    marts_that_read_staging,
    layers_read_backwards,
    readers_of_personal_values,
    models_without_a_grain,
    undescribed_columns,
    models_without_a_contract,
    models_without_a_key_test,
    marts_whose_key_differs,
    models_outside_their_schema,
]


@pytest.mark.parametrize("rule", RULES)
def test_project_keeps_the_rule(rule: Any, manifest: Manifest) -> None:
    assert rule(manifest) == []


@pytest.mark.parametrize("rule", RULES)
def test_rule_finds_a_model_that_breaks_it(rule: Any) -> None:
    assert rule(_manifest_that_breaks_every_rule())


def test_project_has_models_of_staging(manifest: Manifest) -> None:
    assert {"staging"} <= {layer(node) for node in models(manifest)}


def _manifest_that_breaks_every_rule() -> Manifest:
    mart = _model("bad_mart", "marts", reads=["model.bad_staging", "source.pii"])
    staging = _model("bad_staging", "staging", reads=["model.bad_mart"])
    personal = {
        "resource_type": "source",
        "name": "members",
        "source_name": "pii",
        "fqn": ["tokui", "staging", "pii"],
        "columns": {},
    }
    mart["config"]["meta"]["primary_key"] = ["id"]
    return {
        "nodes": {node["unique_id"]: node for node in (mart, staging)},
        "sources": {"source.pii": personal},
    }


def _model(name: str, folder: str, reads: list[str]) -> Node:
    return {
        "resource_type": "model",
        "unique_id": f"model.{name}",
        "name": name,
        "fqn": ["tokui", folder, name],
        "schema": "elsewhere",
        "description": "",
        "columns": {"id": {"name": "id", "description": ""}},
        "config": {"contract": {"enforced": False}, "meta": {}},
        "depends_on": {"nodes": reads},
    }
