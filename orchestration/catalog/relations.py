"""Which column of a published table leads to which other table.

Keys bear one name everywhere, so most relations follow from the name of a column. A test holds
each of them to published data: whatever stands in the column is a row of the table it leads to.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from orchestration.catalog.tables import Table


@dataclass(frozen=True)
class Relation:
    """Columns of `child` that name a row of `parent` by its key."""

    child: str
    columns: tuple[str, ...]
    parent: str
    parent_columns: tuple[str, ...]

    @property
    def is_optional(self) -> bool:
        """Whether a row of the child may name nobody."""
        return (self.child, self.columns[0]) in OPTIONAL

    def is_one_to_one(self, tables: dict[str, Table]) -> bool:
        """Whether a row of the parent has at most one of the child."""
        return set(tables[self.child].key) == set(self.columns)


LEADS_TO = {
    "customer_key": ("dim_customer", "customer_key"),
    "old_customer_key": None,
    "new_customer_key": None,
    "store_id": ("dim_store", "store_id"),
    "home_store_id": ("dim_store", "store_id"),
    "product_id": ("dim_product", "product_id"),
    "because_product_id": ("dim_product", "product_id"),
    "next_product_1": ("dim_product", "product_id"),
    "receipt_id": ("fct_sales_receipt", "receipt_id"),
    "order_receipt_id": ("fct_sales_receipt", "receipt_id"),
    "original_receipt_id": None,
    "related_receipt_id": None,
    "campaign_id": ("dim_campaign", "campaign_id"),
    "ticket_id": ("support_ticket", "ticket_id"),
    "touchpoint_id": ("fct_touchpoint", "touchpoint_id"),
    "segment_id": ("segment_summary", "segment_id"),
}
"""Table and column that a column of this name leads to; None where the row need not be there."""

EXCEPT = {
    ("trial_conversion", "product_id"): "product `all` is the first trial of any product",
    ("kpi_target", "campaign_id"): "a plan may name a campaign that has not begun",
    ("kpi_scorecard", "campaign_id"): "a plan may name a campaign that has not begun",
    ("promotion_list", "segment_id"): "a plan may name a segment that is gone",
}
"""Columns that bear such a name and lead nowhere for certain, with the reason."""

OPTIONAL = {
    ("campaign_attribution", "customer_key"),
    ("chatbot_conversation", "customer_key"),
    ("customer_360", "home_store_id"),
    ("customer_360", "next_product_1"),
    ("customer_next_product", "because_product_id"),
    ("customer_tastes", "next_product_1"),
    ("dim_customer", "home_store_id"),
    ("dim_customer_history", "home_store_id"),
    ("fct_campaign_contact", "customer_key"),
    ("fct_chat_message", "customer_key"),
    ("fct_email_event", "campaign_id"),
    ("fct_email_event", "customer_key"),
    ("fct_event_attendance", "store_id"),
    ("fct_sales_line", "customer_key"),
    ("fct_sales_line", "product_id"),
    ("fct_sales_receipt", "customer_key"),
    ("fct_survey_response", "customer_key"),
    ("fct_touchpoint", "campaign_id"),
    ("fct_touchpoint", "receipt_id"),
    ("fct_touchpoint", "store_id"),
    ("fct_touchpoint", "ticket_id"),
    ("journey_event", "campaign_id"),
    ("support_ticket", "customer_key"),
    ("support_ticket", "store_id"),
}
"""Columns that may be empty: nobody was identified, or there is nothing to name."""

DAY_OF = {
    "fct_sales_receipt": "business_date",
    "fct_sales_line": "business_date",
    "store_daily": "business_date",
    "kpi_daily": "business_date",
    "campaign_attribution": "business_date",
    "fct_email_event": "event_date",
    "fct_survey_response": "responded_date",
    "support_ticket": "created_date",
    "chatbot_daily": "date_key",
    "chatbot_conversation": "started_date",
    "fct_chat_message": "created_date",
    "lifecycle_flow": "month_end",
    "rfm_migration": "month_end",
    "customer_rfm_history": "month_end",
}
"""The date by which a table is cut, always a row of dim_date. Other dates may lie outside of it."""

COMPOSITE = (
    Relation(
        "kpi_scorecard",
        ("kpi", "scope_type", "scope_key", "period_start", "period_end"),
        "kpi_target",
        ("kpi", "scope_type", "scope_key", "period_start", "period_end"),
    ),
)


def relations(tables: dict[str, Table]) -> list[Relation]:
    """Every relation between published tables."""
    found = [one for table in tables.values() for one in _by_name(table)]
    dates = [
        Relation(child, (column,), "dim_date", ("date_key",)) for child, column in DAY_OF.items()
    ]
    return sorted([*found, *dates, *COMPOSITE], key=lambda one: (one.child, one.columns))


def _by_name(table: Table) -> Iterator[Relation]:
    for column in table.columns:
        target = LEADS_TO.get(column.name)
        is_itself = target == (table.name, column.name)
        if target and not is_itself and (table.name, column.name) not in EXCEPT:
            yield Relation(table.name, (column.name,), target[0], (target[1],))
