"""Which of dbt's nodes a step runs, settled here: dbt's own selection costs more than building.

dbt looks through every test of the project three times a call. Here the manifest it is handed
holds no test that is not wanted, and the nodes that are bear a tag.

Some tests are left out of a night. Keys of staging and marts are held by the gates, keys of
intermediate by `orchestration.keys`, and seeds are files of this repository: dbt tests all of
these in the test suite.
"""

from __future__ import annotations

import copy
from collections.abc import Collection, Iterator
from typing import Any

TAG = "chosen"
KEY_TEST = "unique_key"
_LAYERS = ("seeds", "staging", "intermediate", "marts")


def cut(manifest: Any, chosen: Collection[str]) -> Any:
    """A copy of dbt's manifest: its models, and of its tests those of the chosen models.

    What is only said about models (exposures, metrics) is left out: a night need not order it.

    Args:
        chosen: unique ids of models and seeds. They and their tests bear `TAG`.
    """
    tests = set(_tests_of(manifest, chosen))
    part = copy.copy(manifest)
    for unbuilt in ("unit_tests", "exposures", "metrics", "semantic_models", "saved_queries"):
        setattr(part, unbuilt, {})
    part.nodes = {
        unique_id: _tagged(node) if unique_id in tests or unique_id in chosen else node
        for unique_id, node in manifest.nodes.items()
        if str(node.resource_type) != "test" or unique_id in tests
    }
    return part


def key_tests(manifest: Any, chosen: Collection[str]) -> list[Any]:
    """The tests of keys of the chosen models of intermediate, one a model."""
    return [
        node
        for node in manifest.nodes.values()
        if _is_key_test(node)
        and node.attached_node in chosen
        and _layer(manifest.nodes[node.attached_node]) == "intermediate"
    ]


def _tests_of(manifest: Any, chosen: Collection[str]) -> Iterator[str]:
    """Tests that can run when the chosen models are built, for one of them at the earliest."""
    for unique_id, node in manifest.nodes.items():
        if str(node.resource_type) != "test" or _is_key_test(node):
            continue
        tested = [one for one in node.depends_on.nodes if one in manifest.nodes]
        mine = [one for one in tested if one in chosen]
        layer = max((_LAYERS.index(_layer(manifest.nodes[one])) for one in mine), default=0)
        others = [_layer(manifest.nodes[one]) for one in tested if one not in chosen]
        if layer > 0 and all(_LAYERS.index(other) < layer for other in others):
            yield unique_id


def _is_key_test(node: Any) -> bool:
    metadata = getattr(node, "test_metadata", None)
    return metadata is not None and metadata.name == KEY_TEST


def _layer(node: Any) -> str:
    return node.config.schema


def _tagged(node: Any) -> Any:
    marked = copy.copy(node)
    marked.tags = [*node.tags, TAG]
    return marked
