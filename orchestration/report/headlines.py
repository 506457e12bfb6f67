"""The KPIs that a report puts first, a line each; docs/metrics/kpis.md says what they count."""

from __future__ import annotations

from dataclasses import dataclass

from charts.names import NAMES
from words import Text, both


@dataclass(frozen=True)
class Headline:
    """A KPI, how it is written, and by which reason its change is split (`reasons.REASONS`).

    `words` are what the reason calls its parts.
    """

    kpi: str
    unit: str
    direction: str
    reason: str = ""
    words: tuple[str, str] = ("", "")

    @property
    def label(self) -> Text:
        """What people call it."""
        return both(NAMES[self.kpi])


HEADLINES = (
    Headline("net_sales", "amount", "up", "product", ("receipts", "value a receipt")),
    Headline("receipts", "count", "up", "stores"),
    Headline("aov", "amount", "up", "mix"),
    Headline("return_rate", "share", "down", "mix"),
    Headline("new_customers", "count", "up", "stores"),
    Headline("active_customers_90d", "count", "up", "active"),
    Headline(
        "repeat_purchase_rate",
        "share",
        "up",
        "ratio",
        ("customers who did", "customers who bought"),
    ),
    Headline(
        "churn_rate",
        "share",
        "down",
        "ratio",
        ("customers lapsed", "customers on the 1st"),
    ),
    Headline("identified_sales_rate", "share", "up", "mix"),
    Headline("members", "count", "up", "flow", ("members_net_add", "joined less left")),
    Headline("tickets", "count", "down"),
    Headline("email_human_open_rate", "share", "up"),
)
