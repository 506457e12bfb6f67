"""What a published table is about, and the page that explains it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Area:
    """Tables on one subject. `pages` maps pages, from `docs/`, to the tables that they explain."""

    name: str
    title: str
    about: str
    pages: dict[str, tuple[str, ...]]

    @property
    def tables(self) -> list[str]:
        """Names of the tables, in the order in which a reader should meet them."""
        return [table for tables in self.pages.values() for table in tables]

    def page_of(self, table: str) -> str:
        """The page that explains a table."""
        return next(page for page, tables in self.pages.items() if table in tables)


AREAS = (
    Area(
        "sales",
        "Sales",
        "What was sold, where and when: receipts, their lines, and what they are grouped by.",
        {
            "feed-contract.md": (
                "fct_sales_receipt",
                "fct_sales_line",
                "dim_store",
                "dim_product",
                "dim_date",
            ),
            "metrics/kpis.md": ("store_daily",),
        },
    ),
    Area(
        "kpis",
        "KPIs and targets",
        "Headline figures of each day, the targets that people set, and how far they are.",
        {"metrics/kpis.md": ("kpi_daily", "kpi_target", "kpi_scorecard")},
    ),
    Area(
        "customers",
        "Customers",
        "Who they are: one row a person, and how their records came together.",
        {
            "identity.md": (
                "customer_360",
                "dim_customer",
                "dim_customer_history",
                "dim_customer_identity",
                "customer_key_change",
                "household",
            )
        },
    ),
    Area(
        "value",
        "Value and loyalty",
        "What customers are worth, who the best are, who comes back and who leaves.",
        {
            "metrics/rfm.md": ("customer_rfm", "customer_rfm_history", "rfm_migration"),
            "metrics/ltv.md": ("customer_ltv", "cohort_ltv"),
            "metrics/lifecycle.md": ("customer_lifecycle", "lifecycle_flow"),
            "metrics/repeat.md": ("repeat_funnel", "purchase_timing"),
            "metrics/cohorts.md": ("cohort_retention",),
        },
    ),
    Area(
        "journeys",
        "Journeys",
        "Every touch of a customer with the retailer, and where people stop on their way.",
        {
            "metrics/journey.md": (
                "fct_touchpoint",
                "journey_event",
                "journey_stage",
                "journey_map",
            )
        },
    ),
    Area(
        "campaigns",
        "Campaigns and e-mail",
        "What was sent, how it was received, what it sold and what it added.",
        {
            "metrics/campaigns.md": (
                "dim_campaign",
                "fct_campaign_contact",
                "campaign_attribution",
                "coupon_performance",
                "fct_event_attendance",
            ),
            "metrics/campaign_effect.md": ("campaign_effect",),
            "metrics/email.md": ("campaign_performance", "email_engagement", "fct_email_event"),
        },
    ),
    Area(
        "products",
        "Baskets and next products",
        "What is bought together, what somebody would buy next, and when again.",
        {
            "metrics/baskets.md": ("basket_pair",),
            "metrics/next_product.md": (
                "customer_next_product",
                "category_replenishment",
                "upsell",
                "customer_tastes",
            ),
        },
    ),
    Area(
        "members",
        "Members",
        "What memberships, trials, recommendations and several channels are worth.",
        {
            "metrics/members.md": (
                "member_value",
                "member_tier_summary",
                "trial_conversion",
                "ambassador",
                "channel_omni",
            )
        },
    ),
    Area(
        "support",
        "Support, surveys and chat",
        "What people ask, how fast they are answered, how content they are.",
        {
            "metrics/support.md": (
                "support_ticket",
                "support_topic",
                "fct_survey_response",
                "survey_nps",
            ),
            "metrics/chat.md": ("chatbot_conversation", "chatbot_daily", "fct_chat_message"),
        },
    ),
    Area(
        "segments",
        "Segments, consent and lists",
        "Groups of customers by rule, what they agreed to, and whom a list names.",
        {
            "metrics/segments.md": (
                "segment_membership",
                "segment_summary",
                "consent_status",
                "promotion_list",
            )
        },
    ),
)
"""Every area; a published table stands in exactly one."""
