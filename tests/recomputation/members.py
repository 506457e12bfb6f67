"""member_value and member_tier_summary: what members had, and what they brought."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pandas as pd

from tests.recomputation import support
from tests.recomputation.facts import Facts, dates, month_end, month_of
from tests.recomputation.trials import memberships_paid

YEAR = 365
KINDS = ("club", "coupons", "events", "points", "till_discounts")


def value(facts: Facts) -> pd.DataFrame:
    """member_value: a row a member, past ones included."""
    return facts.keep("member value", lambda: _value(facts))


def _value(facts: Facts) -> pd.DataFrame:
    people = facts.customers
    people = people[people.is_member | (people.left_on <= facts.as_of)]
    spent, given = _spent(facts), _given(facts)
    asked = _asked(facts)
    rows = []
    for person in people.to_dict("records"):
        key = person["customer_key"]
        left_on = pd.NA if person["is_member"] else person["left_on"]
        end = facts.as_of if pd.isna(left_on) else left_on
        of, used = given[key], spent.get(key, [0] * 4)
        kinds = [kind for kind in KINDS if of[kind]]
        observed, contacted = asked[key]
        rows.append(
            {
                "customer_key": key,
                "is_member": person["is_member"],
                "member_tier": person["member_tier"],
                "member_since": person["member_since"],
                "left_on": left_on,
                "tenure_days": end - person["member_since"],
                "q_orders_365d": used[0],
                "net_sales_365d": used[1] / 100,
                "q_net_sales_365d": used[2] / 100,
                "discount_amount_365d": used[3] / 100,
                "points_earned_365d": of["earned"] / 100,
                "points_used_365d": of["spent"] / 100,
                "points_net_365d": (of["earned"] - of["spent"]) / 100,
                "coupons_issued_365d": of["issued"],
                "coupons_redeemed_365d": of["coupons"],
                "coupon_discount_365d": of["coupon_cents"] / 100,
                "till_discount_receipts_365d": of["till_discounts"],
                "events_attended_365d": of["events"],
                "has_paid_membership": bool(of["paid"]),
                "benefits_used_365d": len(kinds),
                "benefit_kinds_365d": ",".join(kinds) or None,
                "observed_orders_365d": observed,
                "contacted_orders_365d": contacted,
                "contact_after_purchase_365d": contacted / observed if observed else None,
            }
        )
    table = pd.DataFrame(rows)
    for column in ("member_since", "left_on"):
        table[column] = dates(table[column])
    return table


def _spent(facts: Facts) -> dict[str, list[int]]:
    """Orders, net sales by refund date and by order date, and discounts of each customer."""
    off = facts.lines.line_discount_amount + facts.lines.receipt_discount_amount
    discounts = off.groupby(facts.lines.receipt_id).sum().to_dict()
    found: dict[str, list[int]] = defaultdict(lambda: [0] * 4)
    recent = facts.personal[facts.personal.day > facts.as_of - YEAR]
    for row in recent.itertuples(index=False):
        of = found[row.customer_key]
        of[1] += row.net_sales_refund_dated
        if row.is_qualifying:
            of[0] += 1
            of[2] += row.net_sales_order_dated
            of[3] += discounts.get(row.receipt_id, 0)
    return found


def _given(facts: Facts) -> dict[str, dict[str, int]]:
    """Points, coupons, events, discounts at the till and memberships of each customer."""
    found: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    start = facts.as_of - YEAR + 1
    receipts = facts.receipts.set_index("receipt_id")[["customer_key", "receipt_type", "day"]]
    by_coupon = _coupons(facts, found, receipts, start)
    by_receipt = facts.lines.groupby("receipt_id").receipt_discount_amount.sum().to_dict()
    points = facts.work(
        "select receipt_id, cast(coalesce(points_earned, 0) * 100 as bigint) as earned, "
        "cast(coalesce(points_used, 0) * 100 as bigint) as spent from staging.stg_pos__receipts"
    ).join(receipts[receipts.customer_key.notna()], on="receipt_id", how="inner")
    for row in points[points.day >= start].itertuples(index=False):
        of = found[row.customer_key]
        of["earned"] += row.earned
        of["spent"] += row.spent
        if row.receipt_type == "sale":
            of["points"] += row.spent > 0
            of["till_discounts"] += by_receipt.get(row.receipt_id, 0) > by_coupon[row.receipt_id]
    for row in memberships_paid(facts):
        due = _months_later(row["day"], int(row["membership_months"]))
        found[row["customer_key"]]["club"] += due > start
        found[row["customer_key"]]["paid"] += due > facts.as_of
    for key, came in _came(facts, start).items():
        found[key]["events"] = len(came)
    return found


def _coupons(
    facts: Facts, found: dict[str, dict[str, int]], receipts: pd.DataFrame, start: int
) -> dict[str, int]:
    """Counts the coupons of customers; gives what coupons took off each receipt."""
    issued = facts.work(
        "select member_id_hash as member, issued_date - date '1970-01-01' as day "
        "from staging.stg_pos__coupons_issued where issued_date is not null"
    )
    for member, day in issued.itertuples(index=False):
        key = facts.customer_of.get(("pos", member))
        if key and start <= day <= facts.as_of:
            found[key]["issued"] += 1
    redeemed = facts.work(
        "select receipt_id, member_id_hash as member, redeemed_date - date '1970-01-01' as day, "
        "cast(coalesce(discount_amount, 0) * 100 as bigint) as cents "
        "from staging.stg_pos__coupon_redemptions"
    )
    took: dict[str, int] = defaultdict(int)
    for receipt, member, day, cents in redeemed.itertuples(index=False):
        key = facts.customer_of.get(("pos", member))
        if isinstance(receipt, str):
            if receipt not in receipts.index:
                continue
            day = receipts.day[receipt]
            key = key or receipts.customer_key[receipt]
        if start <= day <= facts.as_of:
            took[receipt] += cents
            if isinstance(key, str):
                found[key]["coupons"] += 1
                found[key]["coupon_cents"] += cents
    return took


def _came(facts: Facts, start: int) -> dict[str, set[str]]:
    """Events that each customer came to."""
    rows = facts.work(
        "select campaign_id, subscriber_id_hash as subscriber, member_id_hash as member, "
        "action_date - date '1970-01-01' as day from staging.stg_email__attendances "
        "where action = 'attended'"
    )
    found: dict[str, set[str]] = defaultdict(set)
    for campaign, subscriber, member, day in rows.itertuples(index=False):
        named = ("email", subscriber) if isinstance(subscriber, str) else ("pos", member)
        key = facts.customer_of.get(named)
        if key and start <= day <= facts.as_of:
            found[key].add(campaign)
    return found


def _months_later(day: int, months: int) -> int:
    """The same day of a later month, its last one where it is shorter."""
    into = day - month_end(month_of(day) - 1)
    last = month_end(month_of(day) + months)
    return min(month_end(month_of(day) + months - 1) + into, last)


def _asked(facts: Facts) -> dict[str, tuple[int, int]]:
    """Orders whose days after are over, and those followed by a ticket, of each customer."""
    tickets: dict[str, list[tuple[float, int]]] = defaultdict(list)
    opened = facts.work(
        "select ticket_id, epoch(created_at) as second from staging.stg_support__tickets"
    ).set_index("ticket_id")
    known = support.tickets(facts)
    for row in known[known.customer_key.notna()].itertuples(index=False):
        tickets[row.customer_key].append((opened.second[row.ticket_id], row.created_day))
    days = facts.metrics.after_purchase_days
    found: dict[str, tuple[int, int]] = defaultdict(lambda: (0, 0))
    over = facts.orders[
        (facts.orders.day > facts.as_of - YEAR) & (facts.orders.day + days <= facts.as_of)
    ]
    for key, closed, day in over[["customer_key", "closed", "day"]].itertuples(index=False):
        followed = any(at > closed and on <= day + days for at, on in tickets.get(key, ()))
        observed, contacted = found[key]
        found[key] = (observed + 1, contacted + followed)
    return found


def tiers(facts: Facts) -> pd.DataFrame:
    """member_tier_summary: a row a tier, and one of all."""
    now = value(facts)
    now = now[now.is_member]
    names = now.member_tier.where(now.member_tier.notna(), "unknown")
    rows = [_tier("all", now)] + [_tier(name, now[names == name]) for name in sorted(set(names))]
    return pd.DataFrame(rows)


def _tier(name: str, of: pd.DataFrame) -> dict[str, Any]:
    row: dict[str, Any] = {
        "member_tier": name,
        "members": len(of),
        "buyers_365d": int((of.q_orders_365d > 0).sum()),
        "paid_members": int(of.has_paid_membership.sum()),
        "benefit_users_365d": int((of.benefits_used_365d > 0).sum()),
    }
    kinds = of.benefit_kinds_365d.fillna("").str.split(",")
    for kind in KINDS:
        row[f"{kind}_users_365d"] = sum(kind in used for used in kinds)
    for column in (
        "q_orders_365d",
        "coupons_issued_365d",
        "coupons_redeemed_365d",
        "observed_orders_365d",
        "contacted_orders_365d",
    ):
        row[column] = int(of[column].sum())
    for column in (
        "net_sales_365d",
        "q_net_sales_365d",
        "discount_amount_365d",
        "points_earned_365d",
        "points_used_365d",
        "coupon_discount_365d",
    ):
        row[column] = round(float(of[column].sum()), 2)
    for rate, above, below in (
        ("buyer_share", "buyers_365d", "members"),
        ("benefit_user_share", "benefit_users_365d", "members"),
        ("net_sales_per_member", "net_sales_365d", "members"),
        ("aov_365d", "q_net_sales_365d", "q_orders_365d"),
        ("points_used_rate", "points_used_365d", "points_earned_365d"),
        ("coupon_redemption_rate", "coupons_redeemed_365d", "coupons_issued_365d"),
        ("contact_after_purchase_365d", "contacted_orders_365d", "observed_orders_365d"),
    ):
        row[rate] = row[above] / row[below] if row[below] else None
    return row
