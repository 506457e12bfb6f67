"""Coupons: what was handed out and redeemed, and what people held out did not earn."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from statistics import NormalDist
from typing import Any

import pandas as pd

from tests.recomputation.attribution import (
    end_of_as_of,
    entries,
    issues,
    opaque,
    orders_by_id,
    orders_in_time,
    redemptions,
)
from tests.recomputation.facts import Facts, instants

WORTH = (
    "treated",
    "held_out",
    "margin_treated",
    "margin_held_out",
    "incremental_margin_per_person",
    "incremental_margin_per_person_low",
    "incremental_margin_per_person_high",
    "incremental_margin",
    "incremental_margin_low",
    "incremental_margin_high",
    "evidence_grade",
)


def coupons(facts: Facts) -> pd.DataFrame:
    """coupon_performance: a row a campaign and code, personal ones together, and one a campaign."""
    held = [row for row in issues(facts).values() if row["customer_key"] not in facts.internal]
    used = [row for row in redemptions(facts) if not row["is_internal"]]
    holders, users = defaultdict(set), defaultdict(set)
    for row in held:
        holders[row["coupon_code"]].add(row["person"])
    for row in used:
        users[row["coupon_code"]].add(row["person"] or row["redemption_id"])
    personal = {
        code
        for code in {*holders, *users}
        if len(holders[code]) == 1 or (not holders[code] and len(users[code]) <= 1)
    }
    groups: dict[tuple[str | None, str], tuple[list, list]] = defaultdict(lambda: ([], []))
    for side, rows in enumerate((held, used)):
        for row in rows:
            code = row["coupon_code"]
            name = f"{code} (code)" if code in ("all", "(personal)") else code
            for label in ("(personal)" if code in personal else name, "all"):
                groups[row["campaign_id"], label][side].append(row)
    shown = {(row["coupon_code"], row["person"]) for row in used}
    codes = {row["coupon_code"] for row in used}
    table = pd.DataFrame(
        _coupon(facts, *place, *rows, shown, codes & personal) for place, rows in groups.items()
    )
    for column in ("first_issued_at", "last_expires_at"):
        table[column] = instants(table[column])
    return table


def _coupon(
    facts: Facts,
    campaign: str | None,
    label: str,
    held: list[dict],
    used: list[dict],
    shown: set[tuple[str, str]],
    shown_codes: set[str],
) -> dict[str, Any]:
    end = end_of_as_of(facts)
    redeemed = [
        (row["coupon_code"], row["person"]) in shown or row["coupon_code"] in shown_codes
        for row in held
    ]
    expired = sum(
        not done and row["expires"] is not None and row["expires"] < end
        for row, done in zip(held, redeemed, strict=True)
    )
    first = min((row["issued"] for row in held if row["issued"] is not None), default=None)
    last = max((row["expires"] for row in held if row["expires"] is not None), default=None)
    complete = None if last is None else last < end
    counted = orders_by_id(facts)
    orders = {row["receipt_id"] for row in used} & counted.keys()
    discounts = [row["discount"] for row in used if row["discount"] is not None]
    margins = [margins_by_order(facts)[receipt] for receipt in orders]
    covered, total = sum(m[1] for m in margins), sum(m[2] for m in margins)
    kind = {"all": "all", "(personal)": "personal"}.get(label, "shared")
    given = len(held) or None
    row = {
        "coupon_key": opaque("k", campaign or "", label),
        "campaign_id": campaign,
        "coupon_code": label,
        "coupon_kind": kind,
        "first_issued_at": first,
        "last_expires_at": last,
        "is_complete": complete,
        "issued": given,
        "issued_redeemed": sum(redeemed) if given else None,
        "redemption_rate": sum(redeemed) / given if given and complete is not False else None,
        "expired_unredeemed": expired if last is not None else None,
        "expired_share": expired / given if complete else None,
        "redemptions": len(used),
        "redeemed_by_recipients": sum(r["is_issued"] for r in used) if given else None,
        "redeemed_by_others": sum(not r["is_issued"] and r["person"] is not None for r in used)
        if given
        else None,
        "redeemed_unidentified": sum(r["person"] is None for r in used),
        "discount_amount": sum(discounts) / 100 if discounts else None,
        "orders": len(orders),
        "orders_new": len(orders & set(facts.first_orders.receipt_id)),
        "net_sales": sum(counted[receipt]["net_sales_order_dated"] for receipt in orders) / 100,
        "margin": sum(m[0] for m in margins) / 100 if covered else None,
        "cost_coverage": covered / total if total else None,
    }
    is_judged = kind == "all" and campaign is not None
    arms = _arms(facts, campaign, first, last) if is_judged and complete and first else None
    return row | _worth(facts, arms, is_judged)


def margins_by_order(facts: Facts) -> dict[str, tuple[int, int, int]]:
    """Of each order margin, sales whose cost is known, and sales; in hundredths."""
    return facts.keep("margins_by_order", lambda: _margins_by_order(facts))


def _margins_by_order(facts: Facts) -> dict[str, tuple[int, int, int]]:
    found: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    lines = facts.lines[facts.lines.is_revenue]
    columns = lines[["order_receipt_id", "net_sales", "quantity", "unit_cost"]]
    for receipt, sales, quantity, cost in columns.itertuples(index=False):
        of = found[receipt]
        of[2] += abs(sales)
        if not pd.isna(cost):
            # Thousandths times millionths, in hundredths, halves away from zero.
            exact = int(quantity) * int(cost)
            cents = (abs(exact) + 5_000_000) // 10_000_000
            of[0] += sales - (cents if exact >= 0 else -cents)
            of[1] += abs(sales)
    return {receipt: tuple(of) for receipt, of in found.items()}


def _arms(facts: Facts, campaign: str, first: float, last: float) -> dict[bool, list] | None:
    """Margin, and sales whose cost is known, of the people of each arm while coupons were valid."""
    arms_of = defaultdict(set)
    for entry in entries(facts):
        if entry["campaign_id"] == campaign and entry["customer_key"] is not None:
            arms_of[entry["customer_key"]].add(entry["is_holdout"])
    arms: dict[bool, list] = {True: [], False: []}
    for key, drawn in arms_of.items():
        if len(drawn) == 1 and key not in facts.internal:
            times, receipts = orders_in_time(facts).get(key, ([], []))
            within = receipts[bisect_left(times, first) : bisect_right(times, last)]
            bought = [margins_by_order(facts)[receipt] for receipt in within]
            sums = (sum(m[0] for m in bought), sum(m[1] for m in bought))
            arms[drawn.pop()].append(sums)
    return arms if arms[True] or arms[False] else None


def _worth(facts: Facts, arms: dict[bool, list] | None, is_judged: bool) -> dict[str, Any]:
    columns: dict[str, Any] = dict.fromkeys(WORTH)
    if is_judged:
        columns["evidence_grade"] = "before_after_only"
    if arms is None:
        return columns
    treated, held_out = arms[False], arms[True]
    columns |= {"treated": len(treated), "held_out": len(held_out)}
    least = facts.metrics.min_recipients
    if min(len(treated), len(held_out)) < least or not any(m[1] for m in treated + held_out):
        return columns
    means = [sum(m[0] for m in arm) / 100 / len(arm) for arm in (treated, held_out)]
    spread = sum(
        pd.Series([_whole(m[0]) for m in arm], dtype=float).var() / len(arm)
        for arm in (treated, held_out)
    )
    difference, reach = means[0] - means[1], NormalDist().inv_cdf(0.975) * spread**0.5
    columns |= {
        "margin_treated": sum(m[0] for m in treated) / 100,
        "margin_held_out": sum(m[0] for m in held_out) / 100,
        "evidence_grade": "randomised",
    }
    for end, value in (("", 0), ("_low", -reach), ("_high", reach)):
        columns[f"incremental_margin_per_person{end}"] = round(difference + value, 2)
        columns[f"incremental_margin{end}"] = round((difference + value) * len(treated))
    return columns


def _whole(cents: int) -> int:
    """Whole units, halves away from zero."""
    units = (abs(cents) + 50) // 100
    return units if cents >= 0 else -units
