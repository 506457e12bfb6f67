"""channel_omni: who bought in which channels, by where they began."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pandas as pd

from tests.recomputation.facts import Facts

YEAR = 365


def omni(facts: Facts) -> pd.DataFrame:
    """channel_omni: a row a group and channel of purchase."""
    began = facts.first_orders.channel.fillna("unknown").to_dict()
    recent = facts.receipts[
        facts.receipts.is_qualifying
        & facts.receipts.channel.notna()
        & (facts.receipts.day > facts.as_of - YEAR)
    ]
    bought: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    everything: dict[str, int] = defaultdict(int)
    names = ["customer_key", "channel", "net_sales_order_dated"]
    for key, channel, cents in recent[names].itertuples(index=False):
        everything[channel] += 1
        everything["all"] += 1
        if isinstance(key, str):
            bought[key][channel].append(cents)
    groups: dict[tuple[str, str], list[str]] = defaultdict(list)
    for key, channels in bought.items():
        groups["all", "all"].append(key)
        groups["origin_channel", began[key]].append(key)
        groups["channel_set", ",".join(sorted(channels))].append(key)
    rows = []
    for (kind, name), people in sorted(groups.items()):
        whole = _row(people, bought, None)
        for channel in (None, "app", "ec", "store"):
            row = _row(people, bought, channel)
            if not row["customers"]:
                continue
            orders = everything[channel or "all"] if kind == "all" else None
            rows.append(
                {"segment_type": kind, "segment": name, "purchase_channel": channel or "all"}
                | row
                | {
                    "segment_net_sales": whole["net_sales"],
                    "sales_share": row["net_sales"] / whole["net_sales"],
                    "all_orders": orders,
                    "identified_order_rate": row["orders"] / orders if orders else None,
                }
            )
    return pd.DataFrame(rows)


def _row(
    people: list[str], bought: dict[str, dict[str, list[int]]], channel: str | None
) -> dict[str, Any]:
    """Sums over the people who bought in a channel; None is any."""
    customers = {True: 0, False: 0}
    cents = {True: 0, False: 0}
    orders = 0
    for key in people:
        channels = bought[key]
        amounts = [a for name, of in channels.items() if channel in (None, name) for a in of]
        if amounts:
            is_omni = len(channels) > 1
            customers[is_omni] += 1
            cents[is_omni] += sum(amounts)
            orders += len(amounts)
    total, sales = sum(customers.values()), sum(cents.values()) / 100
    return {
        "customers": total,
        "omni_customers": customers[True],
        "omni_share": customers[True] / total if total else None,
        "orders": orders,
        "net_sales": sales,
        "aov": sales / orders if orders else None,
        "single_channel_customers": customers[False],
        "omni_net_sales": cents[True] / 100,
        "single_channel_net_sales": cents[False] / 100,
        "net_sales_per_omni_customer": _each(cents[True], customers[True]),
        "net_sales_per_single_channel_customer": _each(cents[False], customers[False]),
    }


def _each(cents: int, people: int) -> float | None:
    return cents / 100 / people if people else None
