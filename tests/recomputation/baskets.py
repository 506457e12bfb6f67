"""Baskets: which items are bought together, counted basket by basket."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from itertools import combinations
from typing import Any, NamedTuple

import pandas as pd

from tests.recomputation.facts import Facts

BANDS = (15, 10, 7, 5, 4, 3, 2)
"""Baskets are compared with others from the same of these sizes up to the next one."""
Z = 1.959964
SURE = 2
COLUMNS = (
    *("period", "scope_type", "scope_key", "level", "item_a", "item_b", "n_baskets", "n_a", "n_b"),
    *("n_ab", "support", "confidence", "lift", "lift_low", "lift_high", "leverage"),
    *("expected_n_ab", "lift_adjusted", "lift_adjusted_low", "lift_adjusted_high", "is_affinity"),
)


class Basket(NamedTuple):
    """A sale with what its buyer kept; `items` by level."""

    store: str
    channel: str
    items: dict[str, frozenset[str]]


def recompute(facts: Facts) -> pd.DataFrame:
    """basket_pair: a row a pair in each direction, level and scope."""
    scopes: dict[tuple[str, str, str], list[Basket]] = defaultdict(list)
    for basket in _baskets(facts):
        for level in ("product", "category"):
            scopes[level, "all", "all"].append(basket)
            scopes[level, "channel", basket.channel].append(basket)
        scopes["category", "store", basket.store].append(basket)
    rows = []
    for (level, scope_type, scope_key), baskets in scopes.items():
        fixed = (f"{facts.metrics.basket_days}d", scope_type, scope_key, level)
        found = _pairs(baskets, level, facts.metrics.basket_min_receipts)
        rows += [(*fixed, *row) for row in found]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _baskets(facts: Facts) -> list[Basket]:
    """Sales of the window that are nobody's of ours, with the goods that were not brought back."""
    first_day = facts.as_of - facts.metrics.basket_days + 1
    sales = facts.receipts[
        (facts.receipts.receipt_type == "sale")
        & ~facts.receipts.is_internal
        & facts.receipts.day.between(first_day, facts.as_of)
    ]
    goods = facts.query(
        "select product_id, coalesce(category_3, category_2, category_1) as category "
        "from marts.dim_product where is_merchandise and is_sample is not true "
        "and membership_months is null"
    )
    category = {p: None if pd.isna(c) else c for p, c in goods.itertuples(index=False)}
    left: dict[str, Counter[str]] = defaultdict(Counter)
    lines = facts.lines[facts.lines.line_type.isin(["sale", "return"])]
    for receipt, product, quantity in lines[
        ["order_receipt_id", "product_id", "quantity"]
    ].itertuples(index=False):
        if product in category:
            left[receipt][product] += quantity
    found = []
    for row in sales.itertuples():
        kept = frozenset(p for p, quantity in left[row.receipt_id].items() if quantity > 0)
        if not 1 <= len(kept) <= facts.metrics.basket_max_products:
            continue
        categories = frozenset(category[p] for p in kept if category[p] is not None)
        channel = "unknown" if pd.isna(row.channel) else row.channel
        items = {"product": kept, "category": categories}
        found.append(Basket(row.store_id, channel, items))
    return found


def _pairs(baskets: list[Basket], level: str, at_least: int) -> list[tuple[Any, ...]]:
    holding: Counter[str] = Counter()
    together: Counter[tuple[str, str]] = Counter()
    in_stratum: dict[str, Counter[tuple[str, int]]] = defaultdict(Counter)
    slots: Counter[tuple[str, int]] = Counter()
    neighbours: Counter[tuple[str, int]] = Counter()
    for basket in baskets:
        items = sorted(basket.items[level])
        holding.update(items)
        together.update(combinations(items, 2))
        size = len(items)
        if size > 1:
            stratum = basket.channel, next(start for start in BANDS if size >= start)
            slots[stratum] += size
            neighbours[stratum] += size * (size - 1)
            for item in items:
                in_stratum[item][stratum] += 1
    rows = []
    for (one, other), both in together.items():
        if both < at_least:
            continue
        by_channel: dict[str, float] = defaultdict(float)
        for stratum, count in in_stratum[one].items():
            share = count * in_stratum[other][stratum] / slots[stratum] ** 2
            by_channel[stratum[0]] += share * neighbours[stratum]
        expected = round(sum(round(part, 6) for part in by_channel.values()), 6)
        for a, b in ((one, other), (other, one)):
            measures = _measures(len(baskets), holding[a], holding[b], both, expected)
            rows.append((a, b, *measures))
    return rows


def _measures(n: int, n_a: int, n_b: int, n_ab: int, expected: float) -> tuple[Any, ...]:
    lift = n_ab * n / (n_a * n_b)
    error = math.sqrt(max(1 / n_ab - 1 / n_a - 1 / n_b + (2 * lift - 1) / n, 0))
    adjusted = n_ab / expected
    adjusted_error = math.sqrt(1 / n_ab)
    lowest = adjusted * math.exp(-Z * adjusted_error)
    return (
        *(n, n_a, n_b, n_ab),
        *(n_ab / n, n_ab / n_a),
        *(lift, lift * math.exp(-Z * error), lift * math.exp(Z * error)),
        n_ab / n - n_a / n * (n_b / n),
        *(expected, adjusted, lowest, adjusted * math.exp(Z * adjusted_error)),
        lowest >= SURE,
    )
