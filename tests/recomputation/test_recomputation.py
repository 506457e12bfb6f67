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
    ambassadors,
    attribution,
    baskets,
    campaigns,
    channels,
    chat,
    cohorts,
    consents,
    coupons,
    effects,
    guests,
    journeys,
    kpis,
    lifecycle,
    lists,
    mail,
    members,
    next_purchases,
    repeat,
    rfm,
    segments,
    support,
    surveys,
    targets,
    trials,
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
    Recomputed(
        "category_replenishment",
        next_purchases.replenishment,
        ("category_level", "category", *SCOPE),
    ),
    Recomputed("upsell", next_purchases.upsell, ("customer_key", "category")),
    Recomputed(
        "customer_next_product", next_purchases.next_products, ("customer_key", "product_rank")
    ),
    Recomputed("customer_tastes", next_purchases.tastes, ("customer_key",)),
    Recomputed("cohort_retention", cohorts.retention, COHORT),
    Recomputed("cohort_ltv", cohorts.spending, COHORT),
    Recomputed("kpi_daily", kpis.recompute, ("kpi", "business_date", *SCOPE)),
    Recomputed("kpi_target", targets.targets, TARGET),
    Recomputed("kpi_scorecard", targets.scorecard, TARGET),
    Recomputed("support_ticket", support.recompute, ("ticket_id",)),
    Recomputed("support_topic", chat.topics, ("month_start", "topic", "channel")),
    Recomputed("fct_chat_message", chat.messages, ("message_id",)),
    Recomputed("chatbot_conversation", chat.conversations, ("ticket_id",)),
    Recomputed("chatbot_daily", chat.daily, ("date_key", "channel")),
    Recomputed("survey_nps", surveys.nps, ("survey_id", "wave", "segment_type", "segment")),
    Recomputed("email_engagement", mail.engagement, ("customer_key",)),
    Recomputed(
        "campaign_performance", campaigns.performance, ("campaign_id", "variant", "segment")
    ),
    Recomputed("campaign_effect", effects.effects, ("campaign_id", "variant", "segment", "metric")),
    Recomputed("dim_campaign", attribution.campaigns, ("campaign_id",)),
    Recomputed("fct_campaign_contact", attribution.audience, ("contact_key",)),
    Recomputed("campaign_attribution", attribution.attribution, ("receipt_id",)),
    Recomputed("coupon_performance", coupons.coupons, ("coupon_key",)),
    Recomputed("fct_event_attendance", guests.guests, ("attendance_key",)),
    Recomputed("basket_pair", baskets.recompute, (*SCOPE, "level", "item_a", "item_b")),
    Recomputed("consent_status", consents.status, ("customer_key", "purpose", "channel")),
    Recomputed(
        "segment_membership", segments.membership, ("segment_id", "customer_key", "entered_on")
    ),
    Recomputed("segment_summary", segments.summary, ("segment_id",)),
    # A touch's key is opaque: the one of the published touch that is alike stands in.
    Recomputed("fct_touchpoint", journeys.touchpoints, ("touchpoint_id",)),
    Recomputed("journey_event", journeys.events, ("touchpoint_id",)),
    Recomputed("journey_stage", journeys.stages, ("customer_key",)),
    Recomputed("journey_map", journeys.maps, ("map_type", "segment_type", "segment", "step")),
    Recomputed("channel_omni", channels.omni, ("segment_type", "segment", "purchase_channel")),
    Recomputed("trial_conversion", trials.conversion, ("trial_kind", "product_id", "cohort_week")),
    Recomputed("member_value", members.value, ("customer_key",)),
    Recomputed("member_tier_summary", members.tiers, ("member_tier",)),
    Recomputed("ambassador", ambassadors.recompute, ("customer_key",)),
    Recomputed("fct_survey_response", surveys.responses, ("response_id",)),
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
