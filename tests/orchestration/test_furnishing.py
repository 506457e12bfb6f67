"""What a person meets in Dagster's UI: assets, checks, job and sensors say what they are."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import dagster as dg
import pytest

from ingestion.contract import FEEDS
from ingestion.errors import ConfigurationError
from ingestion.settings import Owners, load_settings
from orchestration.columns import TableFacts, ensure_columns
from orchestration.defs.freshness import longest_gap
from orchestration.defs.layers import owner_of
from orchestration.defs.tables import described, table_metadata
from orchestration.project import read_manifest
from tests.conftest import ROOT, SAMPLE

LAYERS = {
    "ledger", "raw", "pii", "plans", "identity", "baskets", "seeds", "staging", "intermediate",
    "prediction", "marts", "published",
}  # fmt: skip
TABLELESS = {"published"}
NOT_A_TABLE = {"published", "pii", "seeds"}
"""Assets whose descriptions begin otherwise than with their grain."""


@pytest.fixture(scope="module")
def facts() -> Mapping[str, TableFacts]:
    return ensure_columns()


@pytest.fixture(scope="module")
def defs(facts: Mapping[str, TableFacts]) -> dg.Definitions:
    """Loaded with columns, whatever another test imported before."""
    from orchestration.definitions import build_definitions
    from orchestration.defs import quality

    return build_definitions(quality.GATES, dg.in_process_executor, facts)


@pytest.fixture(scope="module")
def specs(defs: dg.Definitions) -> list[dg.AssetSpec]:
    return list(defs.resolve_all_asset_specs())


def test_every_asset_says_what_it_is_whose_it_is_and_where_it_belongs(
    specs: list[dg.AssetSpec],
) -> None:
    assert len(specs) > 280
    for spec in specs:
        text = spec.description or ""
        assert text.startswith("One row a") or spec.key.path[0] in NOT_A_TABLE, spec.key
        assert len(text.split()) >= 10, spec.key
        assert len(spec.owners) == 1 and spec.owners[0].startswith("team:")
        assert 1 <= len(spec.kinds) <= 3, spec.key
        assert spec.group_name and spec.group_name.startswith(spec.key.path[0])
        assert spec.tags["layer"] in LAYERS
    assert {spec.tags["layer"] for spec in specs} == LAYERS


def test_a_table_within_a_description_stays_one(specs: list[dg.AssetSpec]) -> None:
    (text,) = (s.description for s in specs if s.key == dg.AssetKey(["marts", "kpi_daily"]))
    assert "\n| net_sales |" in (text or "")


def test_what_is_personal_can_be_chosen_by_a_tag(specs: list[dg.AssetSpec]) -> None:
    by_tag: dict[str, set[str]] = {}
    for spec in specs:
        if spec.key.path[0] not in TABLELESS:
            by_tag.setdefault(spec.tags["personal_data"], set()).add(spec.key.to_user_string())
    pii = {f"pii/{table.pii_name}" for feed in FEEDS.values() for table in feed.pii_tables}
    assert pii <= by_tag["plain"]
    assert {"raw_pos/members", "staging/stg_pos__members"} <= by_tag["plain"]
    assert "marts/customer_360" in by_tag["keyed"]
    assert "marts/kpi_daily" in by_tag["none"]
    assert not {key for key in by_tag["plain"] if key.startswith("marts/")}


def test_feeds_areas_and_grains_are_tags(specs: list[dg.AssetSpec]) -> None:
    tags = {spec.key.to_user_string(): spec.tags for spec in specs}
    assert tags["raw_email/events"]["feed"] == tags["staging/stg_email__events"]["feed"] == "email"
    assert tags["pii/support_requesters"]["feed"] == "support"
    assert "feed" not in tags["marts/customer_360"]
    assert tags["marts/customer_rfm"]["grain"] == "customer_key.rfm_window"
    assert all(value["area"] for key, value in tags.items() if key.startswith("marts/"))


def test_pages_and_files_that_assets_name_exist(specs: list[dg.AssetSpec]) -> None:
    for spec in specs:
        for name in ("explained in", "defined in"):
            path = spec.metadata[name].value
            assert (ROOT / path).is_file(), (spec.key, path)
    pages = {spec.key.to_user_string(): spec.metadata["explained in"].value for spec in specs}
    assert pages["marts/customer_rfm"] == "docs/metrics/rfm.md"
    assert pages["raw_pos/receipts"] == "docs/feed-contract.md"
    assert pages["prediction/identity_edges"] == "docs/identity.md"
    files = {spec.key.to_user_string(): spec.metadata["defined in"].value for spec in specs}
    assert files["prediction/identity_edges"] == "identity/ledger.py"
    assert files["prediction/clv_params"] == "prediction/tables.py"


def test_column_schemas_are_those_of_the_contracts(specs: list[dg.AssetSpec]) -> None:
    nodes = {
        f"{node['schema']}/{node['name']}": node
        for node in read_manifest()["nodes"].values()
        if node["resource_type"] == "model" and node["schema"] in ("staging", "marts")
    }
    shown = {spec.key.to_user_string(): spec.metadata for spec in specs}
    for key, node in nodes.items():
        columns = shown[key]["dagster/column_schema"].columns
        assert [column.name for column in columns] == list(node["columns"])
        for column, declared in zip(columns, node["columns"].values(), strict=True):
            assert column.type == declared["data_type"].replace(" ", "")
            assert column.description.startswith(" ".join(declared["description"].split()))
    for key, metadata in shown.items():
        assert key.split("/")[0] in TABLELESS or metadata["dagster/column_schema"].columns, key


def test_keys_and_what_is_never_empty_are_constraints(facts: Mapping[str, TableFacts]) -> None:
    schema = table_metadata("marts.customer_rfm", facts["marts.customer_rfm"])
    columns = {column.name: column for column in schema["dagster/column_schema"].columns}
    assert not columns["customer_key"].constraints.nullable
    assert "key" in columns["rfm_window"].constraints.other
    assert "one of: lifetime, 365d" in columns["rfm_window"].constraints.other
    assert columns["prev_group"].constraints.nullable
    table = schema["dagster/column_schema"].constraints.other
    assert table == ["one row a customer_key, rfm_window"]


def test_lineage_names_assets_and_columns_that_exist(specs: list[dg.AssetSpec]) -> None:
    columns = {
        spec.key: {column.name for column in spec.metadata["dagster/column_schema"].columns}
        for spec in specs
        if "dagster/column_schema" in spec.metadata
    }
    traced = {
        spec.key: spec.metadata["dagster/column_lineage"].deps_by_column
        for spec in specs
        if "dagster/column_lineage" in spec.metadata
    }
    for deps in traced.values():
        for dep in (dep for of_column in deps.values() for dep in of_column):
            assert dep.column_name in columns[dep.asset_key]
    models = {spec.key for spec in specs if spec.key.path[0] in ("staging", "marts")}
    assert models - set(traced) <= {dg.AssetKey(["staging", "stg_row_accounting"])}
    net = traced[dg.AssetKey(["marts", "customer_360"])]["net_sales_lifetime"]
    assert [(dep.asset_key.path[-1], dep.column_name) for dep in net] == [
        ("fct_sales_receipt", "net_sales_refund_dated")
    ]


def test_a_column_says_where_it_comes_from(facts: Mapping[str, TableFacts]) -> None:
    columns = {column.name: column for column in facts["marts.customer_360"].columns}
    assert described(columns["rfm_group"]).endswith("← marts.customer_rfm.rfm_group")
    many = (c for table in facts.values() for c in table.columns if len(c.sources) == 6)
    assert described(next(many)).endswith(" and 2 more")


def test_checks_say_how_many_rules_stop_the_run(defs: dg.Definitions) -> None:
    checks = list(defs.resolve_asset_graph().asset_check_keys)
    assert len(checks) > 80
    for key in checks:
        spec = defs.resolve_asset_graph().get_check_spec(key)
        assert f"**critical** ({spec.metadata['critical']}; stop the run" in spec.description
        assert spec.metadata["critical"] + spec.metadata["warning"] > 0


def test_job_schedule_and_sensors_are_described(defs: dg.Definitions) -> None:
    repository = defs.get_repository_def()
    described_ones = [
        repository.get_job("nightly_refresh"),
        *repository.schedule_defs,
        *repository.sensor_defs,
    ]
    assert len(described_ones) == 5
    for one in described_ones:
        assert len((one.description or "").split()) > 10, one.name


@pytest.mark.parametrize(
    ("cron", "hours"), [("0 6 * * *", 24), ("0 6 * * 1-5", 72), ("0 6,18 * * *", 12)]
)
def test_a_publication_is_late_when_the_schedule_says_so(cron: str, hours: int) -> None:
    assert longest_gap(cron, "Asia/Tokyo") == timedelta(hours=hours)


def test_freshness_is_of_the_publication_alone(specs: list[dg.AssetSpec]) -> None:
    """Tables of a run that failed are newer than what is published, and gone."""
    timed = {spec.key.to_user_string() for spec in specs if spec.freshness_policy is not None}
    assert timed == {"published/crm"}


def test_owners_are_a_setting(tmp_path) -> None:
    config = tmp_path / "tokui.toml"
    text = (SAMPLE / "tokui.toml").read_text(encoding="utf-8")
    config.write_text(text + '\n[owners]\npos = "team:stores"\ndata = "crm@example.jp"\n', "utf-8")
    owners = load_settings(config).owners
    assert owner_of("raw_pos", "receipts", owners) == "team:stores"
    assert owner_of("pii", "pos_members", owners) == "team:stores"
    assert owner_of("marts", "customer_360", owners) == "crm@example.jp"
    assert owner_of("plans", "kpi_targets", Owners()) == "team:plans"
    config.write_text(text + '\n[owners]\npos = "somebody"\n', "utf-8")
    with pytest.raises(ConfigurationError, match=r"owners\.pos is"):
        load_settings(config)
