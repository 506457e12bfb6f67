"""Every published table of metrics equals its recomputation, on all rows.

The generated demo of the test suite is compared; `RECOMPUTE_HOME` names another published home
(`make recompute` takes the whole small demo).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest

from tests.recomputation import (
    cohorts,
    consents,
    kpis,
    lifecycle,
    lists,
    mail,
    repeat,
    rfm,
    segments,
    support,
    surveys,
    targets,
    worth,
)
from tests.recomputation.comparison import assert_same
from tests.recomputation.facts import Facts

SCOPE = ("scope_type", "scope_key")
COHORT = (*SCOPE, "cohort_month", "months_since")
TARGET = ("kpi", *SCOPE, "period_start", "period_end")


@dataclass(frozen=True)
class Recomputed:
    """A table, its key, how it is worked out again, and what is left out of that."""

    name: str
    recompute: Callable[[Facts], pd.DataFrame]
    key: tuple[str, ...]
    left_out: tuple[str, ...] = ()


TABLES = (
    Recomputed("customer_rfm", rfm.recompute, ("customer_key", "rfm_window")),
    Recomputed("customer_rfm_history", rfm.history, ("customer_key", "rfm_window", "month_end")),
    Recomputed(
        "rfm_migration", rfm.migration, ("rfm_window", "month_end", "from_group", "to_group")
    ),
    Recomputed("customer_ltv", worth.recompute, ("customer_key",)),
    Recomputed("customer_lifecycle", lifecycle.recompute, ("customer_key",)),
    Recomputed("lifecycle_flow", lifecycle.flow, ("month_end", "from_status", "to_status")),
    Recomputed("repeat_funnel", repeat.funnel, (*SCOPE, "step", "days_bucket")),
    Recomputed("purchase_timing", repeat.timing, ("customer_key", "category")),
    Recomputed("cohort_retention", cohorts.retention, COHORT),
    Recomputed("cohort_ltv", cohorts.spending, COHORT),
    Recomputed("kpi_daily", kpis.recompute, ("kpi", "business_date", *SCOPE)),
    Recomputed("kpi_target", targets.targets, TARGET),
    Recomputed("kpi_scorecard", targets.scorecard, TARGET),
    Recomputed("support_ticket", support.recompute, ("ticket_id",)),
    Recomputed("survey_nps", surveys.nps, ("survey_id", "wave", "segment_type", "segment")),
    Recomputed("email_engagement", mail.engagement, ("customer_key",)),
    Recomputed("campaign_performance", mail.campaigns, ("campaign_id", "variant")),
    Recomputed("consent_status", consents.status, ("customer_key", "purpose", "channel")),
    Recomputed(
        "segment_membership", segments.membership, ("segment_id", "customer_key", "entered_on")
    ),
    Recomputed("segment_summary", segments.summary, ("segment_id",)),
    # A hash only has to differ when the recipe does, which the unit test of its model holds.
    Recomputed("promotion_list", lists.recompute, ("list_id", "customer_key"), ("recipe_hash",)),
)

STARTED_FROM = {
    "customer_360",
    "customer_key_change",
    "dim_customer",
    "dim_customer_history",
    "dim_customer_identity",
    "dim_date",
    "dim_product",
    "dim_store",
    "fct_email_event",
    "fct_sales_line",
    "fct_sales_receipt",
    "household",
    "store_daily",
}
"""Facts and dimensions, and what other tests hold against them: `expected/` of the sample."""


@pytest.fixture(scope="module")
def facts(request: pytest.FixtureRequest) -> Facts:
    named = os.environ.get("RECOMPUTE_HOME")
    root = Path(named) if named else request.getfixturevalue("generated_demo").root
    return Facts.of_home(root.absolute())


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_table_is_what_its_definition_says(facts: Facts, table: Recomputed) -> None:
    published = facts.mart(table.name)
    assert published is not None, f"{table.name} is not published"
    recomputed = table.recompute(facts)
    assert set(published.columns) == {*recomputed.columns, *table.left_out}
    assert_same(published, recomputed, list(table.key), table.name)


def test_every_table_is_recomputed_or_started_from(facts: Facts) -> None:
    assert facts.marts() == {table.name for table in TABLES} | STARTED_FROM
