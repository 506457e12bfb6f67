"""Cohorts: of the month of the first order, who came back and what they spent."""

from __future__ import annotations

from collections import defaultdict

import pandas as pd

from tests.recomputation.facts import Facts, date_of, month_end, month_of, month_start

COLUMNS = ["scope_type", "scope_key", "cohort_month", "months_since", "cohort_size"]
CENSORED_SHARE = 10
"""One in so many known before the first date: the cohort is flagged."""


def cohorts(facts: Facts) -> dict[tuple[str, str, int], set[str]]:
    """Customers by scope and month of their first order."""
    found: dict[tuple[str, str, int], set[str]] = defaultdict(set)
    first = facts.first_orders
    for key, day, store, channel in zip(
        first.index, first.day, first.store_id, first.channel, strict=True
    ):
        month = month_of(day)
        found["all", "all", month].add(key)
        found["store", store, month].add(key)
        found["channel", "unknown" if pd.isna(channel) else channel, month].add(key)
    return found


def _months(facts: Facts, cohort_month: int) -> range:
    return range(month_of(facts.as_of) - cohort_month + 1)


def _censored(facts: Facts, members: set[str]) -> int:
    people = facts.customers
    before = facts.keep(
        "known_before", lambda: set(people.customer_key[people.member_since < facts.first_day])
    )
    return len(members & before)


def retention(facts: Facts) -> pd.DataFrame:
    """cohort_retention: customers with an order in each month after their first."""
    months: dict[int, set[str]] = defaultdict(set)
    for key, days in facts.purchase_days.items():
        for day, _, _ in days:
            months[month_of(day)].add(key)
    rows = []
    for (scope, name, month), members in cohorts(facts).items():
        censored = _censored(facts, members)
        for since in _months(facts, month):
            is_complete = month_end(month + since) <= facts.as_of
            retained = len(members & months[month + since]) if is_complete else None
            rows.append(
                {
                    "scope_type": scope,
                    "scope_key": name,
                    "cohort_month": pd.Timestamp(date_of(month_start(month))),
                    "months_since": since,
                    "cohort_size": len(members),
                    "retained_customers": retained,
                    "retention": None if retained is None else retained / len(members),
                    "is_complete": is_complete,
                    "left_censored_customers": censored,
                    "is_left_censored": CENSORED_SHARE * censored > len(members),
                }
            )
    return pd.DataFrame(rows)


def spending(facts: Facts) -> pd.DataFrame:
    """cohort_ltv: order-dated net sales of each month after the first order, and up to it."""
    first_day = facts.first_orders.day
    sales = facts.personal[facts.personal.customer_key.isin(first_day.index)]
    sales = sales[sales.day >= sales.customer_key.map(first_day)]
    spent: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for key, day, amount in zip(
        sales.customer_key, sales.day, sales.net_sales_order_dated, strict=True
    ):
        spent[key][month_of(day)] += amount
    rows = []
    for (scope, name, month), members in cohorts(facts).items():
        censored = _censored(facts, members)
        total = 0
        for since in _months(facts, month):
            amount = sum(spent[key].get(month + since, 0) for key in members)
            total += amount
            is_complete = month_end(month + since) <= facts.as_of
            rows.append(
                {
                    "scope_type": scope,
                    "scope_key": name,
                    "cohort_month": pd.Timestamp(date_of(month_start(month))),
                    "months_since": since,
                    "cohort_size": len(members),
                    "net_sales": amount / 100 if is_complete else None,
                    "cum_net_sales": total / 100 if is_complete else None,
                    "cum_net_sales_per_customer": (
                        total / 100 / len(members) if is_complete else None
                    ),
                    "is_complete": is_complete,
                    "is_left_censored": CENSORED_SHARE * censored > len(members),
                }
            )
    return pd.DataFrame(rows)
