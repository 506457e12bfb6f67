"""Segments: every rule at every evaluated date, the runs of it, and what a segment is worth."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import numpy as np
import pandas as pd

from tests.recomputation import consents, lifecycle, rfm, worth
from tests.recomputation.facts import Facts, dates

WORDS = ("member_tier", "home_store_id", "gender", "age_band", "prefecture", "occupation")
OF_STATE = ("rfm_group", "klaviyo_group", "r_score", "f_score", "m_score", "frequency", "monetary")
NUMBERS = {
    *(f"{name}_{w}" for name in (*OF_STATE[2:], "q_orders", "q_net_sales") for w in rfm.WINDOWS),
    *("days_since_last", "days_since_first", "days_as_member"),
}


def first_days(facts: Facts) -> dict[str, int]:
    """When a customer was first known: joined, bought, consented or asked."""
    found: dict[str, int] = {}

    def note(key: str | None, day: float) -> None:
        if key is not None and not pd.isna(day):
            found[key] = min(found.get(key, int(day)), int(day))

    for key, day in facts.customers[["customer_key", "member_since"]].itertuples(index=False):
        note(key, day)
    for key, day in facts.first_orders.day.items():
        note(key, day)
    for act in consents.acts(facts):
        note(act[0], facts.local_day(act[3]))
    asked = facts.work(
        "select requester_id_hash, created_date - date '1970-01-01' as day "
        "from staging.stg_support__tickets"
    )
    for requester, day in asked.itertuples(index=False):
        note(facts.customer_of.get(("support", requester)), day)
    return found


def states(facts: Facts, day: int, history: pd.DataFrame, first: pd.Series) -> pd.DataFrame:
    """Every attribute of each customer who was known on a day, as it stood."""
    people = facts.customers.set_index("customer_key")
    table = pd.DataFrame(index=people.index)
    of_day = rfm.all_states(facts)
    of_day = of_day[of_day.day == day]
    past = facts.orders[facts.orders.day <= day]
    for window, length in rfm.WINDOWS.items():
        state = of_day[of_day.rfm_window == window].set_index("customer_key")
        for name in OF_STATE:
            table[f"{name}_{window}"] = state[name].reindex(table.index)
        inside = past if length is None else past[past.day > day - length]
        orders = inside.groupby("customer_key").net_sales_order_dated
        table[f"q_orders_{window}"] = orders.count().reindex(table.index)
        table[f"q_net_sales_{window}"] = orders.sum().reindex(table.index) / 100
        for name in ("rfm_group", "klaviyo_group"):
            table[f"{name}_{window}"] = table[f"{name}_{window}"].fillna("PROSPECTS")
        for name in ("frequency", "monetary", "q_orders", "q_net_sales"):
            table[f"{name}_{window}"] = table[f"{name}_{window}"].fillna(0)
    status = pd.Series(lifecycle.statuses_at(facts, day), dtype=object)
    table["lifecycle_status"] = status.reindex(table.index).fillna("prospect")
    bought = past.groupby("customer_key").day
    table["days_since_last"] = day - bought.max().reindex(table.index)
    table["days_since_first"] = day - bought.min().reindex(table.index)
    since, left = people.member_since, people.left_on
    always = since.isna() & (people.is_member | left.notna())
    member = ((since <= day) | always) & ~(left <= day)
    table["is_member"] = member.map({True: "true", False: "false"})
    table["days_as_member"] = (day - since).where(member)
    then = history[(history.valid_from <= day) & ~(history.valid_to < day)]
    then = then.set_index("customer_key")
    for name in WORDS:
        table[name] = then[name].reindex(table.index)
    if day == facts.as_of:
        return table
    return table[(first.reindex(table.index).fillna(day) <= day).to_numpy()]


def holds(table: pd.DataFrame, rule: dict[str, Any]) -> np.ndarray:
    """Where one comparison holds; what is not known fulfils nothing but `is null`."""
    column, operator = table[rule["attribute"]], rule["operator"]
    known = column.notna().to_numpy()
    if operator in ("is null", "is not null"):
        return known == (operator == "is not null")
    values: list[Any] = rule["value"].split("|")
    if rule["attribute"] in NUMBERS:
        values, column = [float(value) for value in values], column.astype(float)
    compared = {
        "=": lambda: column.isin(values),
        "in": lambda: column.isin(values),
        "<>": lambda: ~column.isin(values),
        "not in": lambda: ~column.isin(values),
        "<": lambda: column < values[0],
        "<=": lambda: column <= values[0],
        ">": lambda: column > values[0],
        ">=": lambda: column >= values[0],
    }[operator]()
    return compared.to_numpy(bool) & known


def rules(facts: Facts) -> dict[str, list[dict[str, Any]]]:
    """Lines of the plan by segment."""
    plan = facts.work("select * from plans.segment_rules order by line")
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for line in plan.astype(object).where(plan.notna(), None).to_dict("records"):
        found[line["segment_id"]].append(line)
    return found


def members(facts: Facts) -> dict[str, dict[int, set[str]]]:
    """Of each segment its customers at each evaluated date."""
    return facts.keep("segment_members", lambda: _members(facts))


def _members(facts: Facts) -> dict[str, dict[int, set[str]]]:
    history = facts.query(
        "select customer_key, valid_from - date '1970-01-01' as valid_from, "
        f"valid_to - date '1970-01-01' as valid_to, {', '.join(WORDS)} "
        "from marts.dim_customer_history"
    )
    first = pd.Series(first_days(facts), dtype=float)
    found: dict[str, dict[int, set[str]]] = defaultdict(dict)
    plan = rules(facts)
    for day in facts.state_days:
        table = states(facts, day, history, first)
        for segment, lines in plan.items():
            inside = np.zeros(len(table), dtype=bool)
            for alternative in {line["alternative"] for line in lines}:
                together = np.ones(len(table), dtype=bool)
                for line in lines:
                    if line["alternative"] == alternative:
                        together &= holds(table, line)
                inside |= together
            found[segment][day] = set(table.index[inside])
    return found


def runs(facts: Facts) -> list[tuple[str, str, int, int | None]]:
    """(segment, customer, first date of a run, first date after it)."""
    found = []
    for segment, by_day in members(facts).items():
        entered: dict[str, int] = {}
        for day in facts.state_days:
            for key in [key for key in entered if key not in by_day[day]]:
                found.append((segment, key, entered.pop(key), day))
            for key in by_day[day]:
                entered.setdefault(key, day)
        found += [(segment, key, day, None) for key, day in entered.items()]
    return found


def membership(facts: Facts) -> pd.DataFrame:
    """segment_membership: a row a segment, customer and unbroken run of dates."""
    names = ["segment_id", "customer_key", "entered_on", "exited_on"]
    table = pd.DataFrame(runs(facts), columns=names)
    table["is_current"] = table.exited_on.isna()
    for column in ("entered_on", "exited_on"):
        table[column] = dates(table[column])
    return table


def rule_text(lines: list[dict[str, Any]]) -> str:
    """The rule in words, whatever the order of its lines."""
    alternatives = defaultdict(list)
    for line in lines:
        words = (line["attribute"], line["operator"], line["value"])
        text = " ".join(word for word in words if word is not None)
        alternatives[line["alternative"]].append(text)
    texts = sorted(" and ".join(sorted(found)) for found in alternatives.values())
    return texts[0] if len(texts) == 1 else " or ".join(f"({text})" for text in texts)


def summary(facts: Facts) -> pd.DataFrame:
    """segment_summary: a row a segment."""
    value = worth.recompute(facts).set_index("customer_key")
    inside = facts.personal[facts.personal.day > facts.as_of - 365]
    sales = inside.groupby("customer_key").net_sales_refund_dated.sum()
    orders = inside[inside.is_qualifying].groupby("customer_key").net_sales_order_dated
    sums, counts = orders.sum(), orders.count()
    blocked, known = consents.reasons(facts), consents.known_channels(facts)
    recent = facts.as_of - facts.metrics.history_days + 1
    earlier = [day for day in facts.state_days if day <= facts.as_of - 30]
    month = earlier[-1] if earlier else facts.state_days[0]
    moves = runs(facts)
    rows = []
    for segment, lines in rules(facts).items():
        now = sorted(members(facts)[segment][facts.as_of])
        text = rule_text(lines)
        n_orders = int(counts.reindex(now).sum())
        spent = sums.reindex(now).sum() / 100
        expected = value.ltv_predicted_365d.reindex(now).dropna()
        risk = sum(
            cents(amount, churn)
            for amount, churn in zip(
                expected, value.churn_risk.reindex(expected.index), strict=True
            )
        )
        row: dict[str, Any] = {
            "segment_id": segment,
            "segment_name": next((x["segment_name"] for x in lines if x["segment_name"]), segment),
            "rule_text": text,
            "rule_hash": hashlib.md5(text.encode(), usedforsecurity=False).hexdigest(),
            "customers": len(now),
            "all_customers": len(facts.customers),
            "customer_share": len(now) / len(facts.customers),
            "recent_since": recent,
            "month_since": month,
            "net_sales_365d": sales.reindex(now).sum() / 100,
            "q_orders_365d": n_orders,
            "q_net_sales_365d": spent,
            "average_order_value": spent / n_orders if n_orders else None,
            "predicted_customers": len(expected),
            "predicted_value": expected.sum() if len(expected) else None,
            "value_at_risk": risk if len(expected) else None,
        }
        for name, since in (("recent", recent), ("month", month)):
            of = [move for move in moves if move[0] == segment]
            row[f"entered_{name}"] = sum(entered > since for _, _, entered, _ in of)
            row[f"left_{name}"] = sum(left is not None and left > since for *_, left in of)
        for channel in consents.CHANNELS:
            may = sum(not blocked[channel][key] for key in now)
            row[f"{channel}_contactable"] = may if channel in known else None
        rows.append(row)
    table = pd.DataFrame(rows)
    return table.assign(
        recent_since=dates(table.recent_since), month_since=dates(table.month_since)
    )


def cents(amount: float, share: float) -> float:
    """The share of an amount as both are published, in hundredths, half away from zero."""
    product = Decimal(f"{amount:.2f}") * Decimal(f"{share:.9f}")
    return float(product.quantize(Decimal("0.01"), ROUND_HALF_UP))
