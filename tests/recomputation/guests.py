"""Events: who was invited, registered, came and bought."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from typing import Any

import pandas as pd

from tests.recomputation.attribution import (
    HOUR,
    begun,
    end_of_as_of,
    entries,
    event_records,
    opaque,
    orders_by_id,
    orders_in_time,
    windows,
)
from tests.recomputation.facts import Facts, dates, instants


def guests(facts: Facts) -> pd.DataFrame:
    """fct_event_attendance: a row a campaign with an event and person."""
    records, hours = event_records(facts), windows(facts)["event"]
    held = {name for name, row in begun(facts).items() if row["channel"] == "event"}
    held |= {record["campaign_id"] for record in records}
    people: dict[tuple[str, str], dict[str, Any]] = defaultdict(
        lambda: {"key": None, "invited": False, "held_out": False, "records": []}
    )
    for entry in entries(facts):
        if entry["campaign_id"] in held:
            of = people[entry["campaign_id"], entry["person"]]
            of["key"] = entry["customer_key"]
            of["invited"] |= entry["outcome"] == "delivered"
            of["held_out"] |= entry["is_holdout"]
    last: dict[str, float] = {}
    for record in records:
        of = people[record["campaign_id"], record["person"]]
        of["key"] = record["customer_key"]
        of["records"].append(record)
        if record["action"] == "attended":
            last[record["campaign_id"]] = record["second"]
    end = end_of_as_of(facts)
    over = {name for name, second in last.items() if second + hours * HOUR < end}
    rows = [
        _guest(facts, *place, of, hours * HOUR, end, over)
        for place, of in people.items()
        if of["key"] not in facts.internal
    ]
    table = pd.DataFrame(rows)
    for column in ("registered_at", "cancelled_at", "attended_at"):
        table[column] = instants(table[column])
    return table.assign(attended_date=dates(table.attended_date))


def _guest(
    facts: Facts,
    campaign: str,
    person: str,
    of: dict[str, Any],
    window: float,
    end: float,
    over: set[str],
) -> dict[str, Any]:
    at = defaultdict(list)
    for record in of["records"]:
        at[record["action"]].append(record)
    registered = at["registered"][-1]["second"] if at["registered"] else None
    cancelled = at["cancelled"][-1]["second"] if at["cancelled"] else None
    attended = at["attended"][0]["second"] if at["attended"] else None
    if cancelled is not None and registered is not None and registered > cancelled:
        cancelled = None
    done = campaign in over if attended is None else attended + window < end
    no_show = None
    if registered is not None:
        if attended is not None or cancelled is not None:
            no_show = False
        elif done:
            no_show = True
    orders = sales = None
    if attended is not None and done and of["key"]:
        times, receipts = orders_in_time(facts).get(of["key"], ([], []))
        within = receipts[bisect_left(times, attended) : bisect_right(times, attended + window)]
        counted, orders = orders_by_id(facts), len(within)
        sales = sum(counted[receipt]["net_sales_order_dated"] for receipt in within) / 100
    stores = [
        record["store_id"]
        for action in ("attended", "registered", "cancelled")
        for record in at[action]
        if record["store_id"]
    ]
    return {
        "attendance_key": opaque("v", campaign, person),
        "campaign_id": campaign,
        "customer_key": of["key"],
        "was_invited": of["invited"],
        "is_holdout": of["held_out"] and not of["invited"],
        "registered_at": registered,
        "cancelled_at": cancelled,
        "attended_at": attended,
        "attended_date": None if attended is None else facts.local_day(attended),
        "store_id": stores[0] if stores else None,
        "is_complete": done,
        "no_show": no_show,
        "purchased": None if orders is None else orders > 0,
        "orders": orders,
        "net_sales": sales,
    }
