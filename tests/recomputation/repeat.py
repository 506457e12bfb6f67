"""Repeat purchases: the funnel of first to tenth orders, and when the next one is expected."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter, defaultdict
from datetime import UTC, datetime
from itertools import pairwise
from statistics import median, stdev
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from tests.recomputation.facts import Facts, date_of, dates, month_of, month_start
from tests.recomputation.lifecycle import quantile

STEPS = 10
FIRST_BUCKETS = ((0, 0, "0"), (1, 10, "1-10"), (11, 30, "11-30"))
LAST_BUCKET = "361+"
BUCKETS = ["0", "1-10", "11-30", *(f"{low}-{low + 29}" for low in range(31, 361, 30)), LAST_BUCKET]


def bucket(days: int) -> str:
    """The bucket of a number of days."""
    for low, high, name in FIRST_BUCKETS:
        if low <= days <= high:
            return name
    low = 31 + (days - 31) // 30 * 30
    return LAST_BUCKET if days > 360 else f"{low}-{low + 29}"


def funnel(facts: Facts) -> pd.DataFrame:
    """repeat_funnel: a row a scope, step and bucket of days."""
    old = facts.as_of - facts.metrics.maturity_days
    reached: Counter[tuple] = Counter()
    mature: Counter[tuple] = Counter()
    old_customers: Counter[tuple] = Counter()
    days_of: dict[str, list[int]] = defaultdict(list)
    for key, day in zip(facts.orders.customer_key, facts.orders.day, strict=True):
        days_of[key].append(day)
    for key, store, channel in facts.first_orders[["store_id", "channel"]].itertuples():
        of_channel = "unknown" if pd.isna(channel) else channel
        days = days_of[key]
        for scope in (("all", "all"), ("store", store), ("channel", of_channel)):
            old_customers[scope] += days[0] <= old
            for step, day in enumerate(days[:STEPS], 1):
                names = ["all"] if step == 1 else ["all", bucket(day - days[step - 2])]
                for name in names:
                    reached[(*scope, step, name)] += 1
                    mature[(*scope, step, name)] += days[0] <= old
    rows = []
    grid = [(1, "all"), *((step, b) for step in range(2, STEPS + 1) for b in ("all", *BUCKETS))]
    for kind, name, (step, days_bucket) in (
        (*scope, cell) for scope in old_customers for cell in grid
    ):
        customers, is_all = reached[kind, name, step, days_bucket], days_bucket == "all"
        of_step = reached[kind, name, step, "all"]
        before = reached[kind, name, step - 1, "all"] if step > 1 else None
        olds, olds_reached = old_customers[kind, name], mature[kind, name, step, days_bucket]
        rows.append(
            {
                "scope_type": kind,
                "scope_key": name,
                "step": step,
                "days_bucket": days_bucket,
                "customers": customers,
                "step_customers": of_step,
                "previous_customers": before,
                "matured_customers": olds,
                "matured_reached": olds_reached,
                "reach_rate": olds_reached / olds if is_all and olds else None,
                "step_rate": customers / before if is_all and before else None,
                "bucket_share": customers / of_step if of_step else None,
            }
        )
    return pd.DataFrame(rows)


BANDS = (("night", 0), ("morning", 6), ("noon", 11), ("afternoon", 14), ("evening", 17))
"""Parts of the day and the hour at which each begins."""
ENOUGH = 100
"""Gaps of other people that make a median to go by."""


class Known:
    """Medians of gaps as they were known when the month of a date began."""

    def __init__(self) -> None:
        self.gaps: dict[Any, list[tuple[int, int]]] = defaultdict(list)
        self.medians: dict[Any, tuple[list[int], list[float]]] = {}

    def add(self, name: Any, ended: int, gap: int) -> None:
        self.gaps[name].append((ended, gap))

    def look(self, name: Any, day: int, least: int) -> float | None:
        """The median, where at least so many gaps had ended before the month of the day."""
        if name not in self.medians:
            self.medians[name] = self._run(sorted(self.gaps.get(name, ())))
        ends, medians = self.medians[name]
        known = bisect_left(ends, month_start(month_of(day)))
        return medians[known - 1] if known >= least else None

    @staticmethod
    def _run(gaps: list[tuple[int, int]]) -> tuple[list[int], list[float]]:
        """When each gap ended, and the median of the gaps up to it."""
        ordered: list[int] = []
        medians: list[float] = []
        for _, gap in gaps:
            insort(ordered, gap)
            middle = len(ordered) // 2
            below = ordered[middle if len(ordered) % 2 else middle - 1]
            medians.append((below + ordered[middle]) / 2)
        return [ended for ended, _ in gaps], medians


def timing(facts: Facts) -> pd.DataFrame:
    """purchase_timing: a row a customer and category that they bought of, and one for all."""
    second, of_category = Known(), Known()
    for days in facts.purchase_days.values():
        if len(days) > 1:
            gap = days[1][0] - days[0][0]
            second.add(days[0][2], days[1][0], gap)
            second.add(None, days[1][0], gap)
    by_category = _category_days(facts)
    for (_, category), found in by_category.items():
        for before, day in pairwise(found):
            of_category.add(category, day, day - before)
    bands = _bands(facts)
    rows = []
    for key, purchases in facts.purchase_days.items():
        days = [day for day, _, _ in purchases]
        row = _timing(facts, key, "all", days)
        if "expected_basis" not in row:
            store = second.look(purchases[0][2], days[-1], ENOUGH)
            _expect(facts, row, days[-1], "store", store)
            _expect(facts, row, days[-1], "company", second.look(None, days[-1], 1))
        rows.append(row | {"preferred_hour_band": bands[key]})
    for (key, category), days in by_category.items():
        row = _timing(facts, key, category, days)
        _expect(facts, row, days[-1], "category", of_category.look(category, days[-1], ENOUGH))
        _expect(facts, row, days[-1], "company", second.look(None, days[-1], 1))
        rows.append(row)
    table = pd.DataFrame(rows)
    for column in ("last_purchase_date", "expected_next_date"):
        table[column] = dates(table[column])
    return table


def _timing(facts: Facts, key: str, category: str, days: list[int]) -> dict[str, Any]:
    gaps = [day - before for before, day in pairwise(days)]
    weekdays = Counter(date_of(day).isoweekday() for day in days)
    most = max(weekdays.values())
    row: dict[str, Any] = {
        "customer_key": key,
        "category": category,
        "n_purchase_days": len(days),
        "last_purchase_date": days[-1],
        "n_gaps": len(gaps),
        "preferred_weekday": min(day for day, times in weekdays.items() if times == most),
    }
    if gaps:
        row["mean_gap_days"] = sum(gaps) / len(gaps)
        row["median_gap_days"] = median(gaps)
        row["p75_gap_days"] = quantile(sorted(gaps), 15) / 20
    if len(gaps) > 1:
        row["gap_cv"] = stdev(gaps) / row["mean_gap_days"]
        _expect(facts, row, days[-1], "own", row["median_gap_days"])
    return row


def _expect(facts: Facts, row: dict[str, Any], last: int, basis: str, gap: float | None) -> None:
    """Expect the next purchase so many days after the last one, unless a better basis has."""
    if gap is None or "expected_basis" in row:
        return
    expected = last + int(gap + 0.5)
    row["expected_basis"], row["expected_next_date"] = basis, expected
    row["overdue_days"] = max(facts.as_of - expected, 0)


def _category_days(facts: Facts) -> dict[tuple[str, str], list[int]]:
    """Days of each customer and category on which goods of it were paid for and kept."""
    names = ["receipt_id", "customer_key", "day"]
    orders = {r: (k, day) for r, k, day in facts.orders[names].itertuples(index=False)}
    lines = facts.lines[facts.lines.order_receipt_id.isin(orders.keys())]
    lines = lines[lines.is_merchandise & lines.category_1.notna()]
    sums = lines.groupby(["order_receipt_id", "category_1"])[["item_quantity", "net_sales"]].sum()
    found: dict[tuple[str, str], set[int]] = defaultdict(set)
    for receipt, category in sums[(sums.item_quantity > 0) & (sums.net_sales > 0)].index:
        key, day = orders[receipt]
        found[key, category].add(day)
    return {name: sorted(days) for name, days in found.items()}


def _bands(facts: Facts) -> dict[str, str]:
    """The part of the day in which each customer ordered most often."""
    zones = {s: ZoneInfo(z) for s, _, z in facts.stores.itertuples(index=False)}
    counts: dict[str, Counter[int]] = defaultdict(Counter)
    for key, store, closed in facts.orders[["customer_key", "store_id", "closed"]].itertuples(
        index=False
    ):
        hour = datetime.fromtimestamp(closed, UTC).astimezone(zones[store]).hour
        counts[key][sum(hour >= start for _, start in BANDS) - 1] += 1
    return {
        key: BANDS[min(band for band, times in found.items() if times == max(found.values()))][0]
        for key, found in counts.items()
    }
