"""customer_ltv: what a customer was worth, and what the fitted model expects of them."""

from __future__ import annotations

from typing import Any

import pandas as pd
from scipy.special import hyp2f1

from tests.recomputation.facts import Facts, dates

YEAR, WEEK = 365, 7
HORIZONS = (30, 90, 365)


def historic(facts: Facts) -> pd.DataFrame:
    """The historic part, a row a customer."""
    first, orders = facts.first_orders.day, facts.orders.groupby("customer_key")
    sales = facts.personal[facts.personal.day >= facts.personal.customer_key.map(first)]
    table = pd.DataFrame(index=facts.customers.customer_key)
    table["first_q_date"], table["last_q_date"] = orders.day.min(), orders.day.max()
    table["q_orders"] = orders.day.count()
    table["purchase_days"] = orders.day.nunique()
    table["ltv_historic"] = sales.groupby("customer_key").net_sales_order_dated.sum() / 100
    table["average_order_value"] = orders.net_sales_order_dated.sum() / 100 / table.q_orders
    for column in ("q_orders", "purchase_days", "ltv_historic"):
        table[column] = table[column].fillna(0)
    table = table.join(_margins(facts, first)).reset_index(names="customer_key")
    for column in ("first_q_date", "last_q_date"):
        table[column] = dates(table[column])
    return table


def _margins(facts: Facts, first: pd.Series) -> pd.DataFrame:
    """Net sales less cost of the lines whose cost is known, and the share of such amounts.

    A return belongs to the customer and the day of the sale that it takes back.
    """
    buyers = facts.receipts.set_index("receipt_id").customer_key
    lines = facts.lines[facts.lines.is_revenue]
    lines = lines.assign(customer_key=lines.order_receipt_id.map(buyers))
    lines = lines[lines.customer_key.isin(first.index)]
    lines = lines[lines.order_day >= lines.customer_key.map(first)]
    known = lines[lines.unit_cost.notna()]
    cost = known.unit_cost * known.quantity
    # Billionths: millionths of a cost times thousandths of a unit. Whole numbers below
    # 2**63, so that the sum is exact.
    margins = (known.net_sales * 10**7 - cost.astype("int64")).groupby(known.customer_key).sum()
    known_amounts = known.net_sales.abs().groupby(known.customer_key).sum()
    amounts = lines.net_sales.abs().groupby(lines.customer_key).sum()
    found = pd.DataFrame({"amounts": amounts[amounts > 0], "known": known_amounts})
    found["ltv_margin"] = margins.map(_to_cents)
    found["cost_coverage"] = found.known.fillna(0) / found.amounts
    return found[["ltv_margin", "cost_coverage"]]


def _to_cents(value: float) -> float:
    """Amount of so many billionths, rounded to hundredths, half away from zero."""
    whole = int(value)
    cents, rest = divmod(abs(whole), 10**7)
    return (1 if whole >= 0 else -1) * (cents + (2 * rest >= 10**7)) / 100


def recompute(facts: Facts) -> pd.DataFrame:
    """customer_ltv: a row a customer."""
    return facts.keep("worth", lambda: _recompute(facts))


def _recompute(facts: Facts) -> pd.DataFrame:
    table = historic(facts).set_index("customer_key")
    table["ltv_segment"] = _segments(facts)
    table["ltv_simple"] = table.ltv_segment.map(_simple(facts, table.ltv_segment))
    params = facts.work("select * from prediction.clv_params").set_index("segment")
    rows = [
        _predict(facts, row, days, params)
        for row, days in zip(table.itertuples(), map(_days(facts).get, table.index), strict=True)
    ]
    table = table.join(pd.DataFrame(rows, index=table.index))
    total = table.ltv_historic + table.ltv_predicted_365d
    return table.assign(ltv_total=total).reset_index(names="customer_key")


def _segments(facts: Facts) -> pd.Series:
    """Channel of the first order, and whether the customer was one when the data began."""
    first = facts.first_orders
    since = facts.customers.set_index("customer_key").member_since.reindex(first.index)
    is_existing = (since < facts.first_day) & (first.day < facts.first_day + YEAR)
    cohorts = is_existing.map({True: "existing", False: "new"})
    return first.channel.fillna("unknown") + "-" + cohorts


def _simple(facts: Facts, segments: pd.Series) -> dict[str, float | None]:
    """Average order value times orders a buyer times expected years, of the last 365 days."""
    orders = facts.orders.assign(segment=facts.orders.customer_key.map(segments))
    now = orders[orders.day > facts.as_of - YEAR]
    before = orders[(orders.day <= facts.as_of - YEAR) & (orders.day > facts.as_of - 2 * YEAR)]
    found: dict[str, float | None] = {}
    for segment in segments.dropna().unique():
        of, earlier = now[now.segment == segment], before[before.segment == segment]
        buyers, past = set(of.customer_key), set(earlier.customer_key)
        left = len(past - buyers)
        found[segment] = None
        if past and left and buyers:
            spent = of.net_sales_order_dated.sum() / 100 / len(buyers)
            found[segment] = spent * len(past) / left
    return found


def _days(facts: Facts) -> dict[str, list[tuple[int, int]]]:
    """Of each customer the purchase days with their order-dated sales in hundredths."""
    sums = facts.orders.groupby(["customer_key", "day"]).net_sales_order_dated.sum()
    found: dict[str, list[tuple[int, int]]] = {}
    for (key, day), amount in sums.items():
        found.setdefault(key, []).append((day, amount))
    return found


def _predict(
    facts: Facts, row: Any, days: list[tuple[int, int]] | None, params: pd.DataFrame
) -> dict[str, Any]:
    """MBG/NBD (Batislam and others 2007) and Gamma-Gamma (Fader and Hardie 2013), as printed."""
    if days is None:
        return {"prediction_status": "no_purchase"}
    of = _params(params, row.ltv_segment)
    if of is None:
        return {"prediction_status": "insufficient_data"}
    x = len(days) - 1
    recency, age = (days[-1][0] - days[0][0]) / WEEK, (facts.as_of - days[0][0]) / WEEK
    r, alpha, a, b = of.r, of.alpha, of.a, of.b
    p_alive = 1 / (1 + a / (b + x) * ((alpha + age) / (alpha + recency)) ** (r + x))
    repeats = sum(amount for _, amount in days[1:]) / 100
    value = of.p * (of.gamma + repeats) / (of.p * x + of.q - 1)
    found: dict[str, Any] = {
        "prediction_status": "predicted",
        "p_alive": p_alive,
        "churn_risk": 1 - p_alive,
        "churn_risk_band": _band(1 - p_alive),
        "expected_order_value": value,
    }
    for days_ahead in HORIZONS:
        t = days_ahead / WEEK
        gone = hyp2f1(r + x, b + x + 1, a + b + x, t / (alpha + age + t))
        shrunk = gone * ((alpha + age) / (alpha + age + t)) ** (r + x)
        orders = p_alive * (a + b + x) / (a - 1) * (1 - shrunk)
        found[f"expected_orders_{days_ahead}d"] = orders
        found[f"ltv_predicted_{days_ahead}d"] = round(orders * value, 2)
    return found


def _params(params: pd.DataFrame, segment: str) -> Any:
    """Parameters of the segment, else of its channel, else of all; None without a fit."""
    for name in (segment, segment.split("-")[0], "all"):
        if name in params.index and params.status[name] in ("fitted", "pooled"):
            return params.loc[name]
    return None


def _band(risk: float) -> str:
    return "low" if risk < 1 / 3 else "medium" if risk < 2 / 3 else "high"
