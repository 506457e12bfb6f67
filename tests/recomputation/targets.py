"""kpi_target and kpi_scorecard: periods put together from days, persons and tickets."""

from __future__ import annotations

from statistics import median
from typing import Any, NamedTuple

import pandas as pd

from tests.recomputation import kpis, support, surveys
from tests.recomputation.facts import Facts, date_of, dates, month_end, month_of

# Kind, better, unit and subject of each KPI; kinds as docs/metrics/kpis.md explains them.
ADDITIVE, RATIO, STOCK, STOCK_RATE = "additive", "ratio", "stock", "stock_rate"
MONTH_RATE, DISTINCT, MEDIAN = "month_rate", "distinct_rate", "median"
KINDS = {
    "net_sales": (ADDITIVE, "up", "amount", "sales"),
    "receipts": (ADDITIVE, "up", "count", "sales"),
    "items_per_receipt": (RATIO, "up", "count", "sales"),
    "aov": (RATIO, "up", "amount", "sales"),
    "identified_sales_rate": (RATIO, "up", "share", "sales"),
    "identified_receipt_rate": (RATIO, "up", "share", "sales"),
    "discount_rate": (RATIO, "down", "share", "sales"),
    "return_rate": (RATIO, "down", "share", "sales"),
    "unlinked_return_rate": (RATIO, "down", "share", "sales"),
    "campaign_sales_share": (RATIO, "up", "share", "sales"),
    "repeat_sales_share": (RATIO, "up", "share", "sales"),
    "new_customers": (ADDITIVE, "up", "count", "sales"),
    "returning_customer_rate": (DISTINCT, "up", "share", "sales"),
    "active_customers_90d": (STOCK, "up", "count", "sales"),
    "repeat_purchase_rate": (STOCK_RATE, "up", "share", "sales"),
    "F2_rate": (STOCK_RATE, "up", "share", "sales"),
    "omni_share": (STOCK_RATE, "up", "share", "sales"),
    "dormant_share": (STOCK_RATE, "down", "share", "sales"),
    "churn_rate": (MONTH_RATE, "down", "share", "sales"),
    "reactivation_rate": (MONTH_RATE, "up", "share", "sales"),
    "members": (STOCK, "up", "count", "members"),
    "members_net_add": (ADDITIVE, "up", "count", "members"),
    "email_human_open_rate": (RATIO, "up", "share", "email"),
    "ctr": (RATIO, "up", "share", "email"),
    "unsub_rate": (RATIO, "down", "share", "email"),
    "hard_bounce_rate": (RATIO, "down", "share", "email"),
    "tickets": (ADDITIVE, "down", "count", "support"),
    "complaint_rate": (RATIO, "down", "per_thousand", "support"),
    "first_reply_p50": (MEDIAN, "down", "minutes", "support"),
    "full_resolution_p50": (MEDIAN, "down", "minutes", "support"),
    "csat": (RATIO, "up", "share", "support"),
    "nps": (STOCK_RATE, "up", "points", "surveys"),
}
OF_STORES = set(list(KINDS)[:13])
ONLY_GROWS = {"receipts", "tickets"}
WEEKS_52 = 364


class Value(NamedTuple):
    """A KPI of a period; the value as published, of which other columns are made."""

    numerator: float | None
    denominator: float | None
    value: float | None


UNKNOWN = Value(None, None, None)


def _ratio(above: float, below: float) -> Value:
    return Value(above, below, round(above / below, 9) if below else None)


class Periods:
    """Values of KPIs over any period."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        daily = kpis.in_days(facts)
        self.days: dict[tuple, tuple[float, float]] = {
            (kpi, store, day): (above, below)
            for kpi, day, store, above, below in zip(
                daily.kpi, daily.day, daily.store, daily.numerator, daily.denominator, strict=True
            )
        }
        self.tickets = support.tickets(facts)
        answered = surveys.answers(facts).day
        mails, asked = facts.mail_events.day, self.tickets.created_day
        self.first = {
            "sales": facts.first_day,
            "members": kpis.first_day(facts),
            "email": mails.min() if len(mails) else None,
            "support": asked.min() if len(asked) else None,
            "surveys": answered.min() if len(answered) else None,
        }
        stores = facts.query(
            "select store_id, opened_on - date '1970-01-01' as opened, "
            "closed_on - date '1970-01-01' as closed from marts.dim_store"
        )
        self.stores = {
            row.store_id: (
                None if pd.isna(row.opened) else int(row.opened),
                None if pd.isna(row.closed) else int(row.closed),
            )
            for row in stores.itertuples(index=False)
        }

    def begins(self, kpi: str, store: str) -> int | None:
        """The first date on which the KPI is known."""
        first = self.first[KINDS[kpi][3]]
        if first is None or store == kpis.COMPANY:
            return first
        return max(first, self.stores.get(store, (None, None))[0] or first)

    def of(self, kpi: str, store: str, start: int, end: int) -> Value:
        """The KPI of a period; unknown before the data begins and after the as-of date."""
        kind, begins = KINDS[kpi][0], self.begins(kpi, store)
        checked = end if kind in (STOCK, STOCK_RATE) else start
        if begins is None or checked < begins or end > self.facts.as_of or end < start:
            return UNKNOWN
        if kind == DISTINCT:
            return self._buyers(store, start, end)
        if kind == MEDIAN:
            return self._median(kpi, start, end)
        if kind in (STOCK, STOCK_RATE, MONTH_RATE):
            above, below = self.days[kpi, store, end]
            return _ratio(above, below)
        found = [self.days.get((kpi, store, day), (0, 0)) for day in range(start, end + 1)]
        above, below = sum(a for a, _ in found), sum(b for _, b in found)
        if kind == ADDITIVE:
            return Value(above, 1, above)
        return _ratio(above, below)

    def _buyers(self, store: str, start: int, end: int) -> Value:
        orders = self.facts.orders
        inside = orders[(orders.day >= start) & (orders.day <= end)]
        if store != kpis.COMPANY:
            inside = inside[inside.store_id == store]
        buyers = set(inside.customer_key)
        first = self.facts.first_orders.day
        returning = sum(first[key] < start for key in buyers)
        return _ratio(returning, len(buyers))

    def _median(self, kpi: str, start: int, end: int) -> Value:
        column, day = {
            "first_reply_p50": ("first_reply_min_calendar", "created_day"),
            "full_resolution_p50": ("full_resolution_min_calendar", "solved_day"),
        }[kpi]
        at = self.tickets[day]
        minutes = self.tickets[column][(at >= start) & (at <= end)].dropna()
        return Value(None, len(minutes), round(median(minutes), 9) if len(minutes) else None)


def year_before(day: int) -> int:
    """The same date a year earlier; the last day of a month stays one."""
    return months_before(day, 12)


def months_before(day: int, months: int) -> int:
    last = month_end(month_of(day) - months)
    if day == month_end(month_of(day)):
        return last
    return min(month_end(month_of(day) - months - 1) + date_of(day).day, last)


def _plan(facts: Facts) -> list[dict[str, Any]]:
    plan = facts.work(
        "select * replace (cast(target as double) as target, "
        "period_start - date '1970-01-01' as period_start, "
        "period_end - date '1970-01-01' as period_end) from plans.kpi_targets order by line"
    )
    return plan.astype(object).where(plan.notna(), None).to_dict("records")


def _rows(facts: Facts) -> list[dict[str, Any]]:
    """Both tables in one: a row a line of the plan."""
    periods = Periods(facts)
    closings = facts.work(
        "select scope_key, closed_on - date '1970-01-01' as day, day_of_week "
        "from plans.store_closings"
    )
    sent = facts.work(
        "select campaign_id, sent_date - date '1970-01-01' as day "
        "from staging.stg_email__campaigns where sent_date is not null"
    )
    campaigns = dict(sent.itertuples(index=False))
    return [_row(facts, periods, closings, campaigns, line) for line in _plan(facts)]


def _row(
    facts: Facts,
    periods: Periods,
    closings: pd.DataFrame,
    campaigns: dict[str, int],
    line: dict[str, Any],
) -> dict[str, Any]:
    kpi, start, end = line["kpi"], line["period_start"], line["period_end"]
    store = kpis.COMPANY if line["scope_type"] == "all" else line["scope_key"]
    kind, better, unit, _ = KINDS[kpi]
    direction = line["direction"] or better
    base, target = None, line["target"]
    if line["basis"] == "delta_from_start":
        base = periods.of(kpi, store, start - 1, start - 1).value
        target = None if base is None else base + target
    elif line["basis"] != "absolute":
        base = periods.of(kpi, store, year_before(start), year_before(end)).value
        is_share = line["basis"] == "yoy_pct"
        target = None if base is None else base * (1 + target / 100) if is_share else base + target
    row: dict[str, Any] = {
        **{name: line[name] for name in ("kpi", "scope_type", "scope_key", "basis")},
        "period_start": start,
        "period_end": end,
        "direction": direction,
        "base_value": base,
        "target_value": target,
        "campaign_id": line["campaign_id"],
        "note": line["note"],
        "target_raw": line["target"],
        "plan_line": line["line"],
        "unit": unit,
    }
    days = [day for day in range(start, end + 1) if not _is_closed(closings, line, day)]
    measured = min(facts.as_of, end) if start <= facts.as_of else None
    row["business_days"] = len(days)
    elapsed = sum(day <= facts.as_of for day in days)
    row["elapsed_business_days"] = elapsed
    row["is_final"] = end <= facts.as_of and (
        kpi not in kpis.SETTLING or end <= facts.as_of - facts.metrics.refund_settle_days
    )
    if measured is None:
        return row
    actual = periods.of(kpi, store, start, measured)
    row["measured_to"] = measured
    row["actual_numerator"], row["actual_denominator"], row["actual_to_date"] = actual
    above, below = (target, actual.value) if direction == "down" else (actual.value, target)
    row["achievement"] = above / below if above is not None and below else None
    pace = target
    if target is not None:
        share = elapsed / len(days) if days else None
        if line["basis"] == "delta_from_start" or kind == STOCK:
            stood = periods.of(kpi, store, start - 1, start - 1).value
            pace = None if stood is None or share is None else stood + (target - stood) * share
        elif kind in (ADDITIVE, MONTH_RATE):
            pace = None if share is None else target * share
    row["pace_target"] = pace
    row["status"] = _status(facts, row)
    row |= _comparisons(periods, row, store, measured)
    if line["campaign_id"] in campaigns and campaigns[line["campaign_id"]] <= measured:
        since = campaigns[line["campaign_id"]]
        length = measured - since + 1
        before = since - -(-length // 7) * 7
        row["post_value"] = periods.of(kpi, store, since, measured).value
        row["pre_value"] = periods.of(kpi, store, before, before + length - 1).value
    return row


def _is_closed(closings: pd.DataFrame, line: dict[str, Any], day: int) -> bool:
    own = closings[closings.scope_key.isin(["all", line["scope_key"]])]
    return bool(((own.day == day) | (own.day_of_week == date_of(day).isoweekday())).any())


def _status(facts: Facts, row: dict[str, Any]) -> str | None:
    actual, target, pace = row["actual_to_date"], row["target_value"], row["pace_target"]
    if actual is None or target is None:
        return None
    sign = -1 if row["direction"] == "down" else 1

    def reaches(goal: float) -> bool:
        return sign * round(actual, 9) >= sign * round(goal, 9)

    if row["period_end"] <= facts.as_of:
        return "met" if reaches(target) else "missed"
    if row["kpi"] in ONLY_GROWS:
        if sign > 0 and reaches(target):
            return "met"
        if sign < 0 and not reaches(target):
            return "missed"
    if pace is None:
        return None
    return "on_track" if reaches(pace) else "behind"


def _comparisons(
    periods: Periods, row: dict[str, Any], store: str, measured: int
) -> dict[str, Any]:
    kpi, start, end = row["kpi"], row["period_start"], row["period_end"]
    if KINDS[kpi][0] == MONTH_RATE:
        before = (months_before(start, 1), months_before(measured, 1))
    else:
        earlier = start - (end - start + 1)
        before = (earlier, earlier + measured - start)
    found: dict[str, Any] = {"prev_period_value": periods.of(kpi, store, *before).value}
    year = periods.of(kpi, store, year_before(start), year_before(measured)).value
    found["yoy_value"], found["yoy_change"] = year, _change(row["actual_to_date"], year)
    then, first = start - WEEKS_52, periods.begins(kpi, kpis.COMPANY)
    if KINDS[kpi][0] not in (ADDITIVE, RATIO) or kpi not in OF_STORES:
        return found
    stores = [
        name
        for name, (opened, closed) in periods.stores.items()
        if store in (kpis.COMPANY, name)
        and (opened is None or opened <= then)
        and (closed is None or closed >= measured)
    ]
    if not stores or first is None or then < first:
        return found
    now = _together(periods, kpi, stores, start, measured)
    year = _together(periods, kpi, stores, then, measured - WEEKS_52)
    return found | {
        "comparable_stores": len(stores),
        "comparable_value": now,
        "comparable_yoy_value": year,
        "comparable_yoy_change": _change(now, year),
    }


def _together(periods: Periods, kpi: str, stores: list[str], start: int, end: int) -> float | None:
    found = [periods.of(kpi, store, start, end) for store in stores]
    above = sum(value.numerator or 0 for value in found)
    if KINDS[kpi][0] == ADDITIVE:
        return above
    below = sum(value.denominator or 0 for value in found)
    return _ratio(above, below).value


def _change(now: float | None, before: float | None) -> float | None:
    return None if now is None or not before else (now - before) / before


TARGET_COLUMNS = [
    "kpi",
    "scope_type",
    "scope_key",
    "period_start",
    "period_end",
    "basis",
    "target_raw",
    "direction",
    "base_value",
    "target_value",
    "campaign_id",
    "note",
    "plan_line",
]
SCORECARD_COLUMNS = [
    *(name for name in TARGET_COLUMNS if name not in ("target_raw", "plan_line")),
    *("unit", "measured_to", "actual_numerator", "actual_denominator", "actual_to_date"),
    *("achievement", "business_days", "elapsed_business_days", "pace_target", "status"),
    *("is_final", "prev_period_value", "yoy_value", "yoy_change", "comparable_stores"),
    *("comparable_value", "comparable_yoy_value", "comparable_yoy_change"),
    *("pre_value", "post_value"),
]


def _table(facts: Facts, columns: list[str]) -> pd.DataFrame:
    rows = facts.keep("targets", lambda: _rows(facts))
    table = pd.DataFrame(rows, columns=columns)
    for column in ("period_start", "period_end", "measured_to"):
        if column in columns:
            table[column] = dates(table[column])
    return table


def targets(facts: Facts) -> pd.DataFrame:
    """kpi_target: a row a line of the plan."""
    return _table(facts, TARGET_COLUMNS)


def scorecard(facts: Facts) -> pd.DataFrame:
    """kpi_scorecard: a row a line of the plan."""
    return _table(facts, SCORECARD_COLUMNS)
