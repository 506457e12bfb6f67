"""The code location as Dagster and a person see it: it loads, and its lineage is whole."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import dagster as dg
import pytest
import yaml

from ingestion.contract import FEEDS, all_tables
from tests.conftest import ROOT

MARTS = {
    "ambassador",
    "campaign_attribution",
    "campaign_effect",
    "basket_pair",
    "campaign_performance",
    "category_replenishment",
    "channel_omni",
    "chatbot_conversation",
    "chatbot_daily",
    "cohort_ltv",
    "cohort_retention",
    "consent_status",
    "coupon_performance",
    "customer_360",
    "customer_key_change",
    "customer_lifecycle",
    "customer_ltv",
    "customer_next_product",
    "customer_rfm",
    "customer_rfm_history",
    "customer_tastes",
    "dim_campaign",
    "dim_customer",
    "dim_customer_history",
    "dim_customer_identity",
    "dim_date",
    "dim_product",
    "dim_store",
    "email_engagement",
    "fct_campaign_contact",
    "fct_chat_message",
    "fct_email_event",
    "fct_event_attendance",
    "fct_sales_line",
    "fct_sales_receipt",
    "fct_survey_response",
    "fct_touchpoint",
    "household",
    "journey_event",
    "journey_map",
    "journey_stage",
    "kpi_daily",
    "kpi_scorecard",
    "kpi_target",
    "lifecycle_flow",
    "member_tier_summary",
    "member_value",
    "promotion_list",
    "purchase_timing",
    "repeat_funnel",
    "rfm_migration",
    "segment_membership",
    "segment_summary",
    "store_daily",
    "support_ticket",
    "support_topic",
    "survey_nps",
    "trial_conversion",
    "upsell",
}
"""The published tables, pinned: one that comes or goes is a decision."""


@pytest.fixture(scope="module")
def graph() -> dg.AssetGraph:
    from orchestration.definitions import defs

    return defs.resolve_asset_graph()


def test_every_dependency_is_an_asset_that_we_make(graph: dg.AssetGraph) -> None:
    assert graph.external_asset_keys == set()


def test_asset_keys_are_schema_and_table(graph: dg.AssetGraph) -> None:
    keys = {key.to_user_string() for key in graph.get_all_asset_keys()}
    raw = {f"{table.dataset}/{table.name}" for table in all_tables()}
    pii = {f"pii/{table.pii_name}" for feed in FEEDS.values() for table in feed.pii_tables}
    assert raw | pii | {"published/crm", "ledger/files", "ledger/deletions"} <= keys
    assert {key for key in keys if key.startswith("marts/")} == {f"marts/{name}" for name in MARTS}


def test_lineage_runs_unbroken_from_receipts_to_publication(graph: dg.AssetGraph) -> None:
    downstream = graph.get_downstream if hasattr(graph, "get_downstream") else None
    assert downstream is None or callable(downstream)
    reached, waiting = set(), [dg.AssetKey(["raw_pos", "receipts"])]
    while waiting:
        key = waiting.pop()
        if key not in reached:
            reached.add(key)
            waiting += graph.get(key).child_keys
    assert dg.AssetKey(["published", "crm"]) in reached
    assert dg.AssetKey(["marts", "customer_360"]) in reached


def test_every_raw_staging_and_mart_table_has_a_blocking_check(graph: dg.AssetGraph) -> None:
    checked = {key.asset_key for key in graph.asset_check_keys}
    expected = {
        key
        for key in graph.get_all_asset_keys()
        if key.path[0] in ("staging", "marts") or key.path[0].startswith("raw_")
    }
    assert checked == expected
    assert all(graph.get(key).blocking for key in graph.asset_check_keys)


def test_workspace_and_tool_dg_name_one_code_location() -> None:
    workspace = yaml.safe_load((ROOT / "workspace.yaml").read_text())["load_from"][0]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["dg"]["project"]
    module = workspace["python_module"]
    assert module["location_name"] == project["code_location_name"]
    assert module["module_name"] == project["code_location_target_module"]


@pytest.mark.parametrize(
    "command",
    [["dagster", "definitions", "validate", "-w", "workspace.yaml"], ["dg", "check", "defs"]],
    ids=["dagster", "dg"],
)
def test_the_tools_of_dagster_accept_the_code_location(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:/usr/bin:/bin")
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
