"""Assets of models are those that dagster-dbt would make of the same manifest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import dagster as dg
import pytest
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, build_dbt_asset_specs

from orchestration.defs.transformation import MANIFEST, asset_key, table_spec

OF_DAGSTER_DBT_ITSELF = ("manifest", "dagster_dbt_translator", "project_id")
"""Metadata by which its own step finds its way."""


class _Translator(DagsterDbtTranslator):
    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        return asset_key(dbt_resource_props)

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str:
        return dbt_resource_props["schema"]

    def get_description(self, dbt_resource_props: Mapping[str, Any]) -> str:
        return dbt_resource_props["description"]

    def get_metadata(self, dbt_resource_props: Mapping[str, Any]) -> Mapping[str, Any]:
        return {}


@pytest.fixture(scope="module")
def of_dagster_dbt() -> dict[str, dg.AssetSpec]:
    settings = DagsterDbtTranslatorSettings(enable_asset_checks=False)
    specs = build_dbt_asset_specs(
        manifest=MANIFEST, dagster_dbt_translator=_Translator(settings), select="fqn:*"
    )
    return {spec.metadata["dagster_dbt/unique_id"]: spec for spec in specs}


def test_every_model_and_seed_is_the_asset_that_dagster_dbt_makes(
    of_dagster_dbt: dict[str, dg.AssetSpec],
) -> None:
    ours = {
        name: table_spec(node)
        for name, node in MANIFEST["nodes"].items()
        if node["resource_type"] in ("model", "seed")
    }
    assert {name: _facts(spec) for name, spec in ours.items()} == {
        name: _facts(spec) for name, spec in of_dagster_dbt.items()
    }


def _facts(spec: dg.AssetSpec) -> dict[str, Any]:
    hidden = {f"dagster_dbt/{name}" for name in OF_DAGSTER_DBT_ITSELF}
    return {
        "key": spec.key,
        "deps": {dep.asset_key: dict(dep.metadata) for dep in spec.deps},
        "description": spec.description,
        "group": spec.group_name,
        "kinds": spec.kinds,
        "tags": dict(spec.tags),
        "code_version": spec.code_version,
        "skippable": spec.skippable,
        "metadata": {name: value for name, value in spec.metadata.items() if name not in hidden},
    }
