"""What people buy next: cycles of categories, price tiers, products to offer, tastes."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from fractions import Fraction
from itertools import pairwise
from statistics import median
from typing import Any, NamedTuple

import pandas as pd

from tests.recomputation.facts import Facts, dates, month_of
from tests.recomputation.lifecycle import quantile
from tests.recomputation.repeat import ENOUGH

STEP, ENDS = 0.1, 2
"""So far a tier must move; purchase days that stand for an end."""
STOCK_DAYS, LATEST, NEIGHBOURS = 28, 10, 10


class Good(NamedTuple):
    """A product of an order that was paid for and kept."""

    customer: str
    receipt: str
    product: str
    day: int
    closed: float


def kept(facts: Facts) -> list[Good]:
    """Of all qualifying orders of customers."""
    return facts.keep("kept goods", lambda: _kept(facts))


def _kept(facts: Facts) -> list[Good]:
    names = ["receipt_id", "customer_key", "day", "closed"]
    orders = {r: rest for r, *rest in facts.orders[names].itertuples(index=False)}
    sums: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    lines = facts.lines[facts.lines.is_merchandise & facts.lines.product_id.notna()]
    for receipt, product, items, net in lines[
        ["order_receipt_id", "product_id", "item_quantity", "net_sales"]
    ].itertuples(index=False):
        sums[receipt, product][0] += items
        sums[receipt, product][1] += net
    return [
        Good(orders[receipt][0], receipt, product, orders[receipt][1], orders[receipt][2])
        for (receipt, product), (items, net) in sums.items()
        if items > 0 and net > 0 and receipt in orders
    ]


def _master(facts: Facts) -> dict[str, dict[str, Any]]:
    rows = facts.query(
        "select product_id, category_1, category_2, category_3, is_merchandise, is_inferred, "
        "coalesce(is_active, true) as is_active, coalesce(is_sample, false) as is_sample, "
        "coalesce(is_replenishable, false) as is_replenishable, "
        "membership_months is not null as is_membership from marts.dim_product"
    )
    master = {}
    for row in rows.to_dict("records"):
        names = [row[f"category_{n}"] for n in (1, 2, 3)]
        path = " > ".join(name for name in names if isinstance(name, str))
        master[row["product_id"]] = row | {"path": path or None}
    return master


# ---- cycles of categories


def replenishment(facts: Facts) -> pd.DataFrame:
    """category_replenishment: a row a category and scope."""
    master = facts.keep("master", lambda: _master(facts))
    first_store = facts.first_orders.store_id.to_dict()
    orders = facts.orders.set_index("receipt_id")[["customer_key", "day"]]
    owner, day_of_order = orders.customer_key.to_dict(), orders.day.to_dict()
    sums: dict[tuple, list[int]] = defaultdict(lambda: [0, 0])
    for line in facts.lines[facts.lines.is_merchandise].itertuples(index=False):
        if line.order_receipt_id not in owner or line.product_id not in master:
            continue
        product = master[line.product_id]
        day = day_of_order[line.order_receipt_id]
        for level, name in (("widest", product["category_1"]), ("narrowest", product["path"])):
            if isinstance(name, str):
                total = sums[level, name, owner[line.order_receipt_id], day]
                total[0] += line.item_quantity
                total[1] += line.net_sales
    days: dict[tuple, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for (level, name, customer, day), (items, net) in sums.items():
        if items > 0 and net > 0:
            days[level, name, "all", "all"][customer].append(day)
            if level == "widest":
                days[level, name, "store", first_store[customer]][customer].append(day)
    return pd.DataFrame([_cycle(facts, scope, found) for scope, found in days.items()])


def _cycle(facts: Facts, scope: tuple, days: dict[str, list[int]]) -> dict[str, Any]:
    ordered = [sorted(found) for found in days.values()]
    gaps = sorted(b - a for found in ordered for a, b in pairwise(found))
    repeaters = sum(len(found) > 1 for found in ordered)
    row = dict(zip(("category_level", "category", "scope_type", "scope_key"), scope, strict=True))
    row |= {
        "buyers": len(ordered),
        "repeat_buyers": repeaters,
        "repeat_buyer_rate": repeaters / len(ordered),
        "purchase_days": sum(map(len, ordered)),
        "n_gaps": len(gaps),
    }
    unknown = (
        "p25_gap_days median_gap_days p75_gap_days cycle_days matured_purchase_days "
        "followed_purchase_days customers_not_due customers_due customers_lapsed followed_rate"
    )
    if len(gaps) < ENOUGH:
        return row | dict.fromkeys(unknown.split())
    cycle = int(median(gaps) + 0.5)
    matured = followed = 0
    for found in ordered:
        for day, after in zip(found, [*found[1:], None], strict=True):
            if facts.as_of - day >= cycle:
                matured += 1
                followed += after is not None and after - day <= cycle
    since = [facts.as_of - found[-1] for found in ordered]
    return row | {
        "p25_gap_days": quantile(gaps, 5) / 20,
        "median_gap_days": median(gaps),
        "p75_gap_days": quantile(gaps, 15) / 20,
        "cycle_days": cycle,
        "matured_purchase_days": matured,
        "followed_purchase_days": followed,
        "customers_not_due": sum(days < cycle for days in since),
        "customers_due": sum(cycle <= days <= 2 * cycle for days in since),
        "customers_lapsed": sum(days > 2 * cycle for days in since),
        "followed_rate": followed / matured if matured else None,
    }


# ---- price tiers


def upsell(facts: Facts) -> pd.DataFrame:
    """upsell: a row a customer and narrowest category with four purchase days that have a tier."""
    tiers = _tiers(facts)
    master = facts.keep("master", lambda: _master(facts))
    found: dict[tuple[str, str], dict[int, list[Fraction]]] = defaultdict(lambda: defaultdict(list))
    for good in kept(facts):
        tier = tiers.get((good.product, month_of(good.day)))
        if tier is not None:
            found[good.customer, master[good.product]["path"]][good.day].append(tier)
    rows = []
    for (customer, category), days in found.items():
        order = sorted(days)
        if len(order) < 2 * ENDS:
            continue
        ends = []
        for end in (order[:ENDS], order[-ENDS:]):
            values = [tier for day in end for tier in days[day]]
            ends.append(round(float(sum(values) / len(values)), 9))
        change = round(ends[1] - ends[0], 9)
        direction = "up" if change >= STEP else "down" if change <= -STEP else "same"
        rows.append(
            {
                "customer_key": customer,
                "category": category,
                "n_purchase_days": len(order),
                "first_purchase_date": order[0],
                "latest_purchase_date": order[-1],
                "first_tier": ends[0],
                "latest_tier": ends[1],
                "tier_change": change,
                "direction": direction,
                "upsell_flag": direction == "up",
            }
        )
    table = pd.DataFrame(rows)
    for column in ("first_purchase_date", "latest_purchase_date"):
        table[column] = dates(table[column])
    return table


def _tiers(facts: Facts) -> dict[tuple[str, int], Fraction]:
    """Of each product and month: the share of lines of its kind that were cheaper."""
    master = facts.keep("master", lambda: _master(facts))
    lines = facts.query(
        "select product_id, business_date - date '1970-01-01' as day, "
        "cast(unit_price * 1000000 as bigint) as price, tax_included, "
        "cast(tax_rate * 10000 as bigint) as rate, quantity <> floor(quantity) as is_part "
        "from marts.fct_sales_line where is_merchandise and not is_return and not is_internal "
        "and product_id is not null and order_receipt_id is not null"
    )
    weighed = set(lines.product_id[lines.is_part])
    sold: dict[tuple[str, int], Counter[int]] = defaultdict(Counter)
    for product, day, price, included, rate, _ in lines.itertuples(index=False):
        if price > 0:
            net = Fraction(price, 1_000_000) * Fraction(10_000, 10_000 + rate * included)
            sold[product, month_of(day)][math.floor(net * 100 + Fraction(1, 2))] += 1
    last = month_of(facts.as_of)
    groups: dict[tuple, list[tuple[str, int, int]]] = defaultdict(list)
    for month in range(month_of(facts.first_day), last + 1):
        for product in {name for name, _ in sold}:
            prices: Counter[int] = Counter()
            for back in range(3):
                prices.update(sold.get((product, month - back), {}))
            if prices and master[product]["path"] is not None:
                regular = max(prices, key=lambda price: (prices[price], price))
                kind = (master[product]["path"], product in weighed, month)
                groups[kind].append((product, regular, sum(prices.values())))
    tiers = {}
    for (_, _, month), products in groups.items():
        everything = sum(n for _, _, n in products)
        if len({price for _, price, _ in products}) == 1:
            continue
        for product, price, _ in products:
            cheaper = sum(n for _, other, n in products if other < price)
            equal = sum(n for _, other, n in products if other == price)
            billionths = round(Fraction(2 * cheaper + equal, 2 * everything) * 10**9)
            tiers[product, month] = Fraction(billionths, 10**9)
    return tiers


# ---- products to offer


def next_products(facts: Facts) -> pd.DataFrame:
    """customer_next_product: a row a customer and rank."""
    offers = facts.keep("offers", lambda: _offers(facts))
    rows = [
        {"customer_key": customer, "product_rank": rank, **offer}
        for customer, found in offers.items()
        for rank, offer in enumerate(found, 1)
    ]
    return pd.DataFrame(rows)


def _offers(facts: Facts) -> dict[str, list[dict[str, Any]]]:
    master = facts.keep("master", lambda: _master(facts))
    metrics, size = facts.metrics, facts.metrics.next_products
    end = _end_of(facts)
    year = facts.as_of - metrics.basket_days
    sales = facts.lines[facts.lines.is_merchandise & facts.lines.product_id.notna()]
    fresh = sales[~sales.is_return & (sales.day > facts.as_of - STOCK_DAYS)]
    sellable = {
        product
        for product in set(fresh.product_id)
        if (m := master[product])["is_merchandise"]
        and m["is_active"]
        and not (m["is_inferred"] or m["is_sample"] or m["is_membership"])
    }
    had: dict[str, set[str]] = defaultdict(set)
    for customer, product in sales[["customer_key", "product_id"]].itertuples(index=False):
        if isinstance(customer, str):
            had[customer].add(product)
    returned = _returned(facts, sales)
    goods: dict[str, list[Good]] = defaultdict(list)
    for good in kept(facts):
        if good.day > year:
            goods[good.customer].append(good)
    partners = _partners(facts, sellable)
    cycles = _cycles(facts)
    popular = _popular(facts, sales, sellable, year)
    found: dict[str, list[dict[str, Any]]] = {}
    for customer, store in facts.customers[["customer_key", "home_store_id"]].itertuples(
        index=False
    ):
        mine = goods.get(customer, [])
        offers = _again(facts, master, cycles, mine, end, sellable - returned[customer])
        offers = offers[: size // 2]
        settled = [good for good in mine if end - good.closed >= 3600 * metrics.exchange_hours]
        offers += _matching(settled, partners, had[customer])[:size]
        known = {offer["product_id"] for offer in offers} | had[customer]
        for scope, shelf in (("store", popular.get(store, [])), ("all", popular["all"])):
            for product, share in shelf if len(offers) < size else []:
                if product not in known:
                    known.add(product)
                    offers.append(_offer(product, "popular", scope, None, share, share))
        found[customer] = offers[:size]
    return found


def _offer(
    product: str,
    reason: str,
    scope: str,
    because: str | None,
    score: float,
    confidence: float,
    lift: float | None = None,
    n_ab: int | None = None,
) -> dict[str, Any]:
    return {
        "product_id": product,
        "reason": reason,
        "evidence_scope": scope,
        "because_product_id": because,
        "score": score,
        "confidence": confidence,
        "lift": lift,
        "n_ab": n_ab,
    }


def _end_of(facts: Facts) -> float:
    """The instant at which the as-of date ends, by the company's clocks."""
    next_day = pd.Timestamp(facts.as_of_date) + pd.Timedelta(days=1)
    return next_day.tz_localize(facts.zone).timestamp()


def _returned(facts: Facts, sales: pd.DataFrame) -> dict[str, set[str]]:
    owner = facts.receipts.set_index("receipt_id").customer_key.to_dict()
    found: dict[str, set[str]] = defaultdict(set)
    for line in sales[sales.is_return].itertuples(index=False):
        by = line.customer_key if isinstance(line.customer_key, str) else None
        by = by or owner.get(line.order_receipt_id)
        if isinstance(by, str):
            found[by].add(line.product_id)
    return found


def _partners(facts: Facts, sellable: set[str]) -> dict[str, list[tuple]]:
    """Of each product the best that go with it: product, confidence, lift, orders with both."""
    pairs = facts.query(
        "select item_a, item_b, confidence, lift, n_ab from marts.basket_pair "
        "where lift_adjusted > 1 "
        f"and level = 'product' and scope_type = 'all' and period = '{facts.metrics.basket_days}d'"
    )
    found: dict[str, list[tuple]] = defaultdict(list)
    for item, *other in pairs.itertuples(index=False):
        if other[0] in sellable:
            found[item].append(tuple(other))
    return {
        item: sorted(others, key=lambda o: (-o[1], o[0]))[:NEIGHBOURS]
        for item, others in found.items()
    }


def _matching(
    settled: list[Good], partners: dict[str, list[tuple]], had: set[str]
) -> list[dict[str, Any]]:
    last: dict[str, float] = {}
    for good in settled:
        last[good.product] = max(good.closed, last.get(good.product, good.closed))
    latest = sorted(last, key=lambda product: (-last[product], product))[:LATEST]
    speak: dict[str, list[tuple]] = defaultdict(list)
    for item in latest:
        for product, confidence, lift, n_ab in partners.get(item, []):
            if product not in had:
                speak[product].append((-confidence, item, lift, n_ab))
    offers = []
    for product, reasons in speak.items():
        confidence, because, lift, n_ab = min(reasons)
        missed = math.prod(1 - min(-minus, 0.999999) for minus, *_ in reasons)
        score = round(1 - missed, 9)
        offers.append(_offer(product, "goes_with", "all", because, score, -confidence, lift, n_ab))
    return sorted(offers, key=lambda o: (-o["score"], -o["confidence"], o["product_id"]))


def _cycles(facts: Facts) -> dict[str, int]:
    table = facts.keep("cycles", lambda: replenishment(facts))
    table = table[(table.category_level == "narrowest") & table.cycle_days.notna()]
    return dict(zip(table.category, table.cycle_days, strict=True))


def _again(
    facts: Facts,
    master: dict[str, dict[str, Any]],
    cycles: dict[str, int],
    mine: list[Good],
    end: float,
    allowed: set[str],
) -> list[dict[str, Any]]:
    days: dict[str, set[int]] = defaultdict(set)
    of_product: dict[str, list[Good]] = defaultdict(list)
    for good in mine:
        if master[good.product]["path"] is not None:
            days[master[good.product]["path"]].add(good.day)
        if master[good.product]["is_replenishable"]:
            of_product[good.product].append(good)
    best: dict[str, tuple] = {}
    for product, found in of_product.items():
        category = master[product]["path"]
        if category is not None:
            rank = (-len(found), -max(good.closed for good in found), product)
            best[category] = min(rank, best.get(category, rank))
    orders = len({good.receipt for good in mine})
    chosen = []
    for category, (minus, minus_last, product) in best.items():
        order = sorted(days[category])
        own = median(b - a for a, b in pairwise(order)) if len(order) > 2 else None
        cycle = cycles.get(category) if own is None else own
        is_settled = end + minus_last >= 3600 * facts.metrics.exchange_hours
        is_due = cycle is not None and facts.as_of - order[-1] >= cycle
        if is_due and is_settled and product in allowed:
            share = round(-minus / orders, 9)
            offer = _offer(product, "replenish", "own", product, share, share, None, -minus)
            chosen.append(((-share, minus_last, product), offer))
    return [offer for _, offer in sorted(chosen, key=lambda c: c[0])]


def _popular(
    facts: Facts, sales: pd.DataFrame, sellable: set[str], year: int
) -> dict[str, list[tuple[str, float]]]:
    orders = facts.receipts[facts.receipts.is_qualifying & (facts.receipts.day > year)]
    store_of = dict(zip(orders.receipt_id, orders.store_id, strict=True))
    bought = {
        (receipt, product)
        for receipt, product in sales[~sales.is_return][["receipt_id", "product_id"]].itertuples(
            index=False
        )
        if receipt in store_of and product in sellable
    }
    n_orders = Counter([*store_of.values(), *["all"] * len(store_of)])
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for receipt, product in bought:
        counts[store_of[receipt]][product] += 1
        counts["all"][product] += 1
    found: dict[str, list[tuple[str, float]]] = {"all": []}
    for scope, products in counts.items():
        enough = [p for p, n in products.items() if n >= facts.metrics.basket_min_receipts]
        best = sorted(enough, key=lambda p: (-products[p], p))[: 5 * facts.metrics.next_products]
        found[scope] = [(p, round(products[p] / n_orders[scope], 9)) for p in best]
    return found


# ---- tastes


def tastes(facts: Facts) -> pd.DataFrame:
    """customer_tastes: a row a customer."""
    orders: dict[tuple[str, str], list[int]] = defaultdict(list)
    for customer, day, value in facts.orders[
        ["customer_key", "day", "net_sales_order_dated"]
    ].itertuples(index=False):
        age = facts.as_of - day
        if age < 180:
            orders[customer, "90d" if age < 90 else "previous_90d"].append(value)
    spent: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    goods = facts.lines[facts.lines.is_merchandise & facts.lines.category_1.notna()]
    for customer, day, category, net in goods[
        ["customer_key", "day", "category_1", "net_sales"]
    ].itertuples(index=False):
        age = facts.as_of - day
        if isinstance(customer, str) and age < 730:
            spent[customer, "365d" if age < 365 else "previous_365d"][category] += net
    risen = Counter(
        customer
        for customer, flag in facts.keep("upsell", lambda: upsell(facts))[
            ["customer_key", "upsell_flag"]
        ].itertuples(index=False)
        if flag
    )
    offers = facts.keep("offers", lambda: _offers(facts))
    rows = []
    for customer in facts.customers.customer_key:
        row: dict[str, Any] = {"customer_key": customer}
        for window in ("90d", "previous_90d"):
            values = orders.get((customer, window), [])
            row[f"orders_{window}"] = len(values)
            row[f"order_value_{window}"] = sum(values) / 100
            row[f"aov_{window}"] = sum(values) / 100 / len(values) if values else None
        now, before = row["aov_90d"], row["aov_previous_90d"]
        row["aov_trend"] = now / before - 1 if now and before else None
        for year in ("365d", "previous_365d"):
            amounts = {c: n for c, n in spent.get((customer, year), {}).items() if n > 0}
            total, top = sum(amounts.values()), None
            shares = [n / total for n in amounts.values()]
            if amounts:
                top = min(amounts, key=lambda c: (-amounts[c], c))
            row[f"top_category_{year}"] = top
            row[f"top_category_share_{year}"] = amounts[top] / total if top else None
            if year == "365d":
                bits = -sum(share * math.log2(share) for share in shares)
                row["category_entropy"] = bits if amounts else None
        tops = row["top_category_365d"], row["top_category_previous_365d"]
        row["is_top_category_changed"] = tops[0] != tops[1] if all(tops) else None
        row["upsell_categories"] = risen[customer]
        row["next_product_1"] = offers[customer][0]["product_id"] if offers[customer] else None
        rows.append(row)
    return pd.DataFrame(rows)
