"""The KPIs that a report puts first, a line each; docs/metrics/kpis.md says what they count."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Headline:
    """A KPI, how it is written, and by which reason its change is split (`reasons.REASONS`).

    `words` are what the reason calls its parts.
    """

    kpi: str
    label: str
    unit: str
    direction: str
    reason: str = ""
    words: tuple[str, str] = ("", "")


HEADLINES = (
    Headline("net_sales", "Net sales", "amount", "up", "product", ("receipts", "value a receipt")),
    Headline("receipts", "Receipts", "count", "up", "stores"),
    Headline("aov", "Order value", "amount", "up", "mix"),
    Headline("return_rate", "Returns", "share", "down", "mix"),
    Headline("new_customers", "New customers", "count", "up", "stores"),
    Headline("active_customers_90d", "Active customers, 90 days", "count", "up", "active"),
    Headline(
        "repeat_purchase_rate",
        "Bought twice or more",
        "share",
        "up",
        "ratio",
        ("customers who did", "customers who bought"),
    ),
    Headline(
        "churn_rate",
        "Churn, this month",
        "share",
        "down",
        "ratio",
        ("customers lapsed", "customers on the 1st"),
    ),
    Headline("identified_sales_rate", "Sales with a customer", "share", "up", "mix"),
    Headline("members", "Members", "count", "up", "flow", ("members_net_add", "joined less left")),
    Headline("tickets", "Tickets", "count", "down"),
    Headline("email_human_open_rate", "E-mail opened", "share", "up"),
)
