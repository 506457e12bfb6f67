"""Campaigns: what became of the messages, who bought after them, and was it a success."""

from __future__ import annotations

from collections import Counter, defaultdict
from math import ceil
from typing import Any

import pandas as pd

from tests.recomputation import attribution
from tests.recomputation.effects import effects, groups, people, segment_of
from tests.recomputation.facts import Facts, dates, instants

TELLS_OPENS = ("email",)
TELLS_CLICKS = ("email", "line", "sms")
LESS_IS_BETTER = ("hard_bounce_rate", "soft_bounce_rate", "unsub_rate", "complaint_rate")
LATE = ("conversion_rate", "revenue_per_recipient", "redemption_rate")
DAYS_TO_JUDGE = 5
OTHER_NAMES = {
    "email_human_open_rate": "open_rate_human",
    "open_rate": "open_rate_human",
    "email_click_rate": "click_rate",
    "ctr": "click_rate",
    "ctor": "click_to_open_rate",
    "email_hard_bounce_rate": "hard_bounce_rate",
    "email_unsubscribe_rate": "unsub_rate",
    "unsubscribe_rate": "unsub_rate",
}
RATES = {
    "delivery_rate": ("delivered", "sent"),
    "open_rate_human": ("unique_human_open", "delivered"),
    "open_rate_all": ("opened", "delivered"),
    "machine_only_share": ("unique_machine_only_open", "opened"),
    "click_rate": ("unique_click", "delivered"),
    "click_to_open_rate": ("unique_click", "unique_human_open"),
    "hard_bounce_rate": ("bounced_hard", "sent"),
    "soft_bounce_rate": ("bounced_soft", "sent"),
    "unsub_rate": ("unsub", "delivered"),
    "complaint_rate": ("complaint", "delivered"),
    "conversion_rate": ("converters", "delivered"),
    "revenue_per_recipient": ("attributed_net_sales", "delivered"),
    "redemption_rate": ("redeemed", "issued"),
}
TRACED = ("conversion_rate", "revenue_per_recipient")
NOT_JUDGED = ("revenue_per_recipient",)


def performance(facts: Facts) -> pd.DataFrame:
    """campaign_performance: a row a campaign, variant and group."""
    listed = attribution.listed(facts)
    grades = effects(facts)
    grades = grades[grades.metric == "purchase_rate"]
    graded = {
        (c, v, s): grade
        for c, v, s, grade in grades[
            ["campaign_id", "variant", "segment", "evidence_grade"]
        ].itertuples(index=False)
    }
    orders = _attributed(facts)
    coupons, expiry = _coupons(facts)
    rows = []
    for name, campaign in attribution.begun(facts).items():
        cells = _cells(facts, name)
        for (variant, segment), here in cells.items():
            counts = _counts(here, campaign["channel"])
            counts |= _sales(orders[name], variant, segment, here)
            counts |= _redeemed(coupons[name], variant, segment, here)
            rows.append(
                _row(
                    facts,
                    listed.get(name, {}),
                    name,
                    campaign,
                    (variant, segment),
                    counts,
                    expiry.get(name),
                    graded.get((name, variant, segment), "before_after_only"),
                )
            )
    table = pd.DataFrame(rows)
    for column in ("first_sent_at", "registered_at"):
        table[column] = instants(table[column])
    return table.assign(sent_date=dates(table.sent_date))


def _cells(facts: Facts, name: str) -> dict[tuple[str, str], dict[str, dict[str, Any]]]:
    found: dict[tuple[str, str], dict[str, Any]] = {("all", "all"): {}}
    known = groups(facts, name)
    for variant, members in people(facts)[name].items():
        for person, of in members.items():
            for segment in ("all", segment_of(known, of)):
                found.setdefault((variant, segment), {})[person] = of
    return found


def _counts(here: dict[str, dict[str, Any]], channel: str) -> dict[str, Any]:
    outcomes = Counter(of["outcome"] for of in here.values())
    human = sum("human" in of["done"] for of in here.values())
    machine = sum("machine" in of["done"] - _if_human(of) for of in here.values())
    opens, clicks = channel in TELLS_OPENS, channel in TELLS_CLICKS
    return {
        "audience": len(here),
        "holdout": sum(
            "control" in of["arms"] and of["outcome"] == "not_sent" for of in here.values()
        ),
        "sent": sum(outcomes[o] for o in ("delivered", "bounced_soft", "bounced_hard")),
        "bounced_hard": outcomes["bounced_hard"],
        "bounced_soft": outcomes["bounced_soft"],
        "dropped": outcomes["dropped"],
        "delivered": outcomes["delivered"],
        "unique_human_open": human if opens else None,
        "unique_machine_only_open": machine if opens else None,
        "opened": human + machine if opens else None,
        **{
            column: sum(kind in of["done"] for of in here.values()) if clicks else None
            for column, kind in (
                ("unique_click", "click"),
                ("unsub", "unsubscribe"),
                ("complaint", "complaint"),
            )
        },
    }


def _if_human(of: dict[str, Any]) -> set[str]:
    return {"machine"} if "human" in of["done"] else set()


def _attributed(facts: Facts) -> dict[str, list[tuple[str | None, str | None, int]]]:
    """Of each campaign its orders: customer, variant, hundredths."""
    table = attribution.attribution(facts)
    found: dict[str, list[Any]] = defaultdict(list)
    for row in table.to_dict("records"):
        key, variant = attribution.here(row["customer_key"]), attribution.here(row["variant"])
        found[row["campaign_id"]].append((key, variant, round(row["net_sales_order_dated"] * 100)))
    return found


Orders = list[tuple[str | None, str | None, int]]
"""Customer, variant, hundredths."""


def _sales(
    orders: Orders, variant: str, segment: str, here: dict[str, dict[str, Any]]
) -> dict[str, Any]:
    mine = [
        (key, cents)
        for key, of, cents in orders
        if variant in ("all", of) and (segment == "all" or key in here)
    ]
    reached = {person for person, of in here.items() if of["outcome"] == "delivered"}
    return {
        "converters": len({key for key, _ in mine} & reached),
        "attributed_orders": len(mine),
        "attributed_net_sales": sum(cents for _, cents in mine) / 100,
    }


def _coupons(facts: Facts) -> tuple[dict[str, list[tuple[str, bool]]], dict[str, float]]:
    """Of each campaign its coupons, holder and whether redeemed; and when the last expires."""
    held = [
        r for r in attribution.issues(facts).values() if r["customer_key"] not in facts.internal
    ]
    used = [row for row in attribution.redemptions(facts) if not row["is_internal"]]
    holders = Counter(row["coupon_code"] for row in held)
    codes = {row["coupon_code"] for row in used}
    pairs = {(row["coupon_code"], row["person"]) for row in used}
    found: dict[str, list[tuple[str, bool]]] = defaultdict(list)
    expiry: dict[str, float] = {}
    for row in held:
        code, name = row["coupon_code"], row["campaign_id"]
        if name is None:
            continue
        done = code in codes if holders[code] == 1 else (code, row["person"]) in pairs
        found[name].append((row["person"], done))
        if row["expires"] is not None:
            expiry[name] = max(expiry.get(name, row["expires"]), row["expires"])
    return found, expiry


def _traced(facts: Facts) -> set[str]:
    """Campaigns with coupons handed out, orders or guests."""
    return facts.keep(
        "traced",
        lambda: (
            set(_coupons(facts)[0])
            | set(_attributed(facts))
            | {
                row["campaign_id"]
                for row in attribution.event_records(facts)
                if row["action"] == "attended"
            }
        ),
    )


def _redeemed(
    coupons: list[tuple[str, bool]], variant: str, segment: str, here: dict[str, Any]
) -> dict[str, int]:
    is_whole = (variant, segment) == ("all", "all")
    mine = [done for person, done in coupons if is_whole or person in here]
    return {"issued": len(mine), "redeemed": sum(mine)}


def _row(
    facts: Facts,
    rule: dict[str, Any],
    name: str,
    campaign: dict[str, Any],
    cell: tuple[str, str],
    counts: dict[str, Any],
    expires: float | None,
    grade: str,
) -> dict[str, Any]:
    passed = facts.as_of - min(facts.local_day(campaign["last"]), facts.as_of)
    hours = attribution.windows(facts).get(campaign["channel"], 0)
    complete = passed >= DAYS_TO_JUDGE + ceil(hours / 24)
    complete &= expires is None or expires < attribution.end_of_as_of(facts)
    cost = attribution.here(rule.get("cost")) if cell == ("all", "all") else None
    rates = {}
    is_traced = campaign["channel"] in TELLS_CLICKS or name in _traced(facts)
    for rate, (above, below) in RATES.items():
        a, b = counts[above], counts[below]
        of_openers = rate == "click_to_open_rate"
        least = facts.metrics.min_human_openers if of_openers else facts.metrics.min_recipients
        is_known = a is not None and b is not None and b >= least
        is_known &= rate not in TRACED or is_traced
        rates[rate] = a / b if is_known and (complete or rate not in LATE) else None
    sales, orders, buyers = (
        counts[each] for each in ("attributed_net_sales", "attributed_orders", "converters")
    )
    row = {
        "campaign_id": name,
        "variant": cell[0],
        "segment": cell[1],
        "campaign_name": rule.get("name"),
        "channel": campaign["channel"],
        "first_sent_at": campaign["first"],
        "sent_date": min(facts.local_day(campaign["first"]), facts.as_of),
        "is_complete": complete,
        **{column: value for column, value in counts.items() if column != "opened"},
        **rates,
        "aov": sales / orders if orders else None,
        "cost": cost,
        "cost_per_conversion": cost / buyers if cost is not None and buyers else None,
        "attributed_sales_per_cost": sales / cost if cost else None,
        "evidence_grade": grade,
        "success_metric": attribution.here(rule.get("success_metric")),
        "success_threshold": attribution.here(rule.get("threshold")),
        "registered_at": attribution.here(rule.get("registered")),
    }
    return row | _verdict(row, passed, complete)


def _verdict(row: dict[str, Any], passed: int, complete: bool) -> dict[str, Any]:
    """Success by the rule that was set beforehand, and why it is not known."""
    found: dict[str, Any] = {"registered_before_send": None, "success_value": None}
    metric, least = row["success_metric"], row["success_threshold"]
    if metric is None or least is None:
        return found | {"met_target": None, "verdict": "no_rule"}
    registered = row["registered_at"]
    before = registered is not None and registered < row["first_sent_at"]
    name = OTHER_NAMES.get(metric, metric)
    is_known = name in RATES and name not in NOT_JUDGED
    value = row[name] if is_known else None
    found |= {"registered_before_send": before, "success_value": value}
    if not before:
        return found | {"met_target": None, "verdict": "not_registered_before_send"}
    if not is_known:
        return found | {"met_target": None, "verdict": "unknown_metric"}
    if not complete if name in LATE else passed < DAYS_TO_JUDGE:
        return found | {"met_target": None, "verdict": "too_early"}
    if value is None:
        return found | {"met_target": None, "verdict": "not_measurable"}
    met = round(value, 9) <= least if name in LESS_IS_BETTER else round(value, 9) >= least
    return found | {"met_target": met, "verdict": "met" if met else "missed"}
