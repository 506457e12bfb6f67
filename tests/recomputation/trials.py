"""trial_conversion: what people tried, and whether they paid for it in time."""

from __future__ import annotations

from collections import defaultdict
from statistics import median
from typing import Any, NamedTuple

import pandas as pd

from tests.recomputation.facts import Facts, date_of, dates

Event = tuple[float, str, int, int]
"""Instant, receipt, day and hundredths of a trial or a purchase."""


class Trial(NamedTuple):
    """What came of somebody's first trial of a product."""

    day: int
    is_first_time: bool
    bought: tuple[int, int] | None
    """Days until the purchase and its hundredths."""


def memberships_paid(facts: Facts) -> list[dict[str, Any]]:
    """Memberships of customers that were paid for and kept: a row a receipt and length."""
    lengths = facts.query(
        "select product_id, membership_months from marts.dim_product where membership_months > 0"
    )
    lines = facts.lines.merge(lengths, on="product_id")
    sums = lines.groupby(["order_receipt_id", "membership_months"])[["quantity", "net_sales"]].sum()
    kept = sums[(sums.quantity > 0) & (sums.net_sales > 0)].reset_index()
    sales = facts.personal[facts.personal.receipt_type == "sale"]
    kept = kept.merge(
        sales[["receipt_id", "customer_key", "day", "closed"]],
        left_on="order_receipt_id",
        right_on="receipt_id",
    )
    return kept.to_dict("records")


def _given(facts: Facts) -> pd.DataFrame:
    """Trials on receipts: kind, product, receipt."""
    products = facts.query(
        "select product_id, membership_months, coalesce(is_sample, false) as sample "
        "from marts.dim_product"
    )
    lines = facts.lines[
        (facts.lines.line_type == "sale")
        & (facts.lines.receipt_type == "sale")
        & (facts.lines.quantity > 0)
        & ~facts.lines.is_internal
    ].merge(products, on="product_id")
    lines = lines[lines["sample"] | (lines.membership_months > 0)]
    given = lines.groupby(["receipt_id", "product_id", "sample"]).net_sales.sum().reset_index()
    return given[given["sample"] | (given.net_sales == 0)]


def conversion(facts: Facts) -> pd.DataFrame:
    """trial_conversion: a row a kind, product and week."""
    receipts = facts.receipts.set_index("receipt_id")
    tried: dict[tuple[str, str, str], list[Event]] = defaultdict(list)
    guests: dict[tuple[str, str, int], set[str]] = defaultdict(set)
    for row in _given(facts).to_dict("records"):
        of = receipts.loc[row["receipt_id"]]
        kind = "sample" if row["sample"] else "trial_membership"
        for product in (row["product_id"], "all"):
            if isinstance(of.customer_key, str):
                event = (of.closed, row["receipt_id"], of.day, 0)
                tried[kind, product, of.customer_key].append(event)
            else:
                guests[kind, product, _monday(of.day)].add(row["receipt_id"])
    purchases = _purchases(facts)
    cohorts: dict[tuple[str, str, int], list[Trial]] = defaultdict(list)
    for (kind, product, key), trials in tried.items():
        trial = _follow(facts, min(trials), sorted(purchases[kind].get(key, [])))
        cohorts[kind, product, _monday(trial.day)].append(trial)
    rows = [
        dict(zip(("trial_kind", "product_id", "cohort_week"), cohort, strict=True))
        | _count(facts, cohort[2], cohorts[cohort])
        | {"unidentified_receipts": len(guests[cohort])}
        for cohort in sorted({*cohorts, *guests})
    ]
    table = pd.DataFrame(rows)
    return table.assign(cohort_week=dates(table.cohort_week))


def _monday(day: int) -> int:
    return day - date_of(day).weekday()


def _purchases(facts: Facts) -> dict[str, dict[str, list[Event]]]:
    orders: dict[str, list[Event]] = defaultdict(list)
    names = ["customer_key", "closed", "receipt_id", "day", "net_sales_order_dated"]
    for key, *event in facts.orders[names].itertuples(index=False):
        orders[key].append(tuple(event))
    paid: dict[str, dict[str, Event]] = defaultdict(dict)
    for row in memberships_paid(facts):
        receipt = row["receipt_id"]
        before = paid[row["customer_key"]].get(receipt, (0, "", 0, 0))[3]
        paid[row["customer_key"]][receipt] = (
            row["closed"],
            receipt,
            row["day"],
            before + row["net_sales"],
        )
    return {
        "sample": orders,
        "trial_membership": {key: list(of.values()) for key, of in paid.items()},
    }


def _follow(facts: Facts, trial: Event, purchases: list[Event]) -> Trial:
    closed, _, day, _ = trial
    bought = next(
        (
            (later - day, cents)
            for at, _, later, cents in purchases
            if at > closed and later - day <= facts.metrics.trial_days
        ),
        None,
    )
    return Trial(day, not any(at < closed for at, *_ in purchases), bought)


def _count(facts: Facts, week: int, trials: list[Trial]) -> dict[str, Any]:
    days = facts.metrics.trial_days
    old = [trial for trial in trials if facts.as_of - trial.day >= days]
    young = [trial for trial in trials if facts.as_of - trial.day < days]
    new = [trial for trial in old if trial.is_first_time]
    won = [trial.bought for trial in old if trial.bought]
    won_new = sum(trial.bought is not None for trial in new)
    return {
        "started": len(trials),
        "matured": len(old),
        "converted": len(won),
        "pending": len(young),
        "pending_converted": sum(trial.bought is not None for trial in young),
        "started_first_time": sum(trial.is_first_time for trial in trials),
        "matured_first_time": len(new),
        "converted_first_time": won_new,
        "conversion": len(won) / len(old) if old else None,
        "conversion_first_time": won_new / len(new) if new else None,
        "converted_net_sales": sum(cents for _, cents in won) / 100,
        "median_days_to_convert": median(wait for wait, _ in won) if won else None,
        "is_complete": week + 6 + days <= facts.as_of,
    }
