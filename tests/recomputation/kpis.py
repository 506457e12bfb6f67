"""kpi_daily: numerators and denominators of each KPI, date and scope."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from statistics import median
from typing import Any

import numpy as np
import pandas as pd

from tests.recomputation import support, surveys
from tests.recomputation.facts import Facts, dates, month_end, month_of, month_start
from tests.recomputation.lifecycle import ACTIVE, lives

Scope = tuple[int, str]
"""A day and a store; "" for the company."""
Sums = dict[Scope, float]
COMPANY = ""
SETTLING = {
    "aov",
    "repeat_sales_share",
    "campaign_sales_share",
    "new_customers",
    "active_customers_90d",
    "returning_customer_rate",
    "repeat_purchase_rate",
    "F2_rate",
    "churn_rate",
    "reactivation_rate",
    "dormant_share",
    "omni_share",
    "full_resolution_p50",
}
"""KPIs that returns to come, or a ticket solved again, can still change."""
OF_MONTH = {"churn_rate", "reactivation_rate"}
"""Rates that run from the first of a month, final on its last day alone."""


def first_day(facts: Facts) -> int:
    """The first date of any receipt, e-mail event or ticket."""
    known = (facts.receipts.day, facts.mail_events.day, support.tickets(facts).created_day)
    return int(min(days.min() for days in known if len(days)))


class Board:
    """Collects a KPI's numerators and denominators by day and scope."""

    def __init__(self, facts: Facts) -> None:
        self.days = list(range(first_day(facts), facts.as_of + 1))
        pairs = facts.receipts[["day", "store_id"]].drop_duplicates()
        self.store_days = [(int(day), store) for day, store in pairs.itertuples(index=False)]
        self.first_open = facts.as_of - facts.metrics.refund_settle_days
        self.rows: list[tuple] = []

    def add(
        self,
        kpi: str,
        numerators: Sums,
        denominators: Sums | None = None,
        *,
        stores: bool = False,
    ) -> None:
        """Without denominators it is a count or a sum, whose denominator is 1."""
        scopes = [(day, COMPANY) for day in self.days]
        for scope in scopes + (self.store_days if stores else []):
            below = 1 if denominators is None else denominators.get(scope, 0)
            above = numerators.get(scope, 0)
            value = above / below if below else None
            self.rows.append((kpi, *scope, above, below, value, self._is_final(kpi, scope[0])))

    def add_medians(self, kpi: str, values: dict[int, list[float]]) -> None:
        """The median of each day's values, and of how many."""
        for day in self.days:
            found = values.get(day, [])
            value = median(found) if found else None
            row = (kpi, day, COMPANY, None, len(found), value, self._is_final(kpi, day))
            self.rows.append(row)

    def _is_final(self, kpi: str, day: int) -> bool:
        if kpi in OF_MONTH and day != month_end(month_of(day)):
            return False
        return kpi not in SETTLING or day <= self.first_open


def summed(table: pd.DataFrame, values: pd.Series | int) -> Sums:
    """Sums of values by day, for the company and for each store."""
    found: Sums = defaultdict(int)
    amounts = [values] * len(table) if isinstance(values, int) else values
    for day, store, value in zip(table.day, table.store_id, amounts, strict=True):
        found[day, COMPANY] += value
        found[day, store] += value
    return found


def scaled(sums: Sums, factor: float) -> Sums:
    return {scope: value * factor for scope, value in sums.items()}


def money(sums: Sums) -> Sums:
    """Hundredths to units."""
    return {scope: value / 100 for scope, value in sums.items()}


def by_day(days: Iterable[int]) -> Sums:
    """How often a day occurs."""
    found: Sums = defaultdict(int)
    for day in days:
        found[day, COMPANY] += 1
    return found


def recompute(facts: Facts) -> pd.DataFrame:
    """kpi_daily: a row a KPI, date and scope."""
    table = in_days(facts).copy()
    is_company = table.store == COMPANY
    table["business_date"] = dates(table.day)
    table["scope_type"] = is_company.map({True: "all", False: "store"})
    table["scope_key"] = table.store.mask(is_company, "all")
    return table.drop(columns=["day", "store"])


def in_days(facts: Facts) -> pd.DataFrame:
    """The same with days as numbers and "" as the company's store."""

    def make() -> pd.DataFrame:
        board = Board(facts)
        for part in (_sales, _people, _windows, _repeat, _lifecycle, _mail, _support, _nps):
            part(facts, board)
        names = ["kpi", "day", "store", "numerator", "denominator", "value", "is_final"]
        return pd.DataFrame(board.rows, columns=names)

    return facts.keep("kpi_days", make)


def _sales(facts: Facts, board: Board) -> None:
    receipts, lines = facts.receipts, facts.lines
    sold = receipts[receipts.receipt_type == "sale"]
    orders = receipts[receipts.is_qualifying]
    goods = lines[~lines.is_return & lines.is_revenue]
    back = lines[lines.is_return & lines.is_revenue]
    count = summed(sold, 1)
    before_returns = money(summed(goods, goods.net_sales))
    taken_back = money(summed(back, -back.net_sales))
    unlinked = back[back.is_unlinked_return]
    board.add("net_sales", money(summed(receipts, receipts.net_sales_refund_dated)), stores=True)
    board.add("receipts", count, stores=True)
    board.add("items_per_receipt", summed(sold, sold.item_quantity), count, stores=True)
    board.add(
        "aov", money(summed(orders, orders.net_sales_order_dated)), summed(orders, 1), stores=True
    )
    attributed = facts.query("select receipt_id from marts.campaign_attribution")
    of_campaigns = orders[orders.receipt_id.isin(attributed.receipt_id)]
    board.add(
        "campaign_sales_share",
        money(summed(of_campaigns, of_campaigns.net_sales_order_dated)),
        money(summed(orders, orders.net_sales_order_dated)),
        stores=True,
    )
    known = goods[goods.customer_key.notna()]
    board.add(
        "identified_sales_rate", money(summed(known, known.net_sales)), before_returns, stores=True
    )
    named = sold[sold.customer_key.notna()]
    board.add("identified_receipt_rate", summed(named, 1), count, stores=True)
    discount = goods.line_discount_amount + goods.receipt_discount_amount
    board.add(
        "discount_rate",
        money(summed(goods, discount)),
        money(summed(goods, goods.line_amount + goods.line_discount_amount)),
        stores=True,
    )
    board.add("return_rate", taken_back, before_returns, stores=True)
    board.add(
        "unlinked_return_rate",
        money(summed(unlinked, -unlinked.net_sales)),
        taken_back,
        stores=True,
    )


def _people(facts: Facts, board: Board) -> None:
    people = facts.customers[facts.customers.member_since.notna()]
    joined, left = by_day(people.member_since), by_day(people.left_on.dropna())
    members, added = {}, {}
    for day, scope in ((day, (day, COMPANY)) for day in board.days):
        stayed = people.left_on.isna() | (people.left_on > day)
        members[scope] = int(((people.member_since <= day) & stayed).sum())
        added[scope] = joined.get(scope, 0) - left.get(scope, 0)
    board.add("members", members)
    board.add("members_net_add", added)
    first = facts.orders[facts.orders.number == 1]
    board.add("new_customers", summed(first, 1), stores=True)
    later = facts.orders[facts.orders.number > 1]
    board.add(
        "repeat_sales_share",
        money(summed(later, later.net_sales_order_dated)),
        money(summed(facts.orders, facts.orders.net_sales_order_dated)),
        stores=True,
    )
    first_days = facts.first_orders.day
    buyers, again = facts.orders[["day", "customer_key", "store_id"]], {}
    in_store = buyers.drop_duplicates()
    anywhere = buyers.drop_duplicates(["day", "customer_key"])
    counts: list[Sums] = []
    for condition in (lambda t: t.day > t.customer_key.map(first_days), lambda t: t.day == t.day):
        stores = {s: n for s, n in summed(in_store[condition(in_store)], 1).items() if s[1]}
        company = by_day(anywhere.day[condition(anywhere)])
        counts.append({**stores, **company, **again})
    board.add("returning_customer_rate", *counts, stores=True)


def _windows(facts: Facts, board: Board) -> None:
    """Customers of the last 90 days; those of the last 365 days with several channels."""
    active, buyers, omni = {}, {}, {}
    quarter, year = _Window(facts, 90), _Window(facts, 365)
    for day in board.days:
        quarter.move_to(day)
        year.move_to(day)
        active[day, COMPANY] = len(quarter.channels)
        buyers[day, COMPANY] = len(year.channels)
        omni[day, COMPANY] = sum(len(found) > 1 for found in year.channels.values())
    board.add("active_customers_90d", active)
    board.add("omni_share", omni, buyers)


class _Window:
    """Orders by channel of each customer in the days up to one, moved on day by day."""

    def __init__(self, facts: Facts, length: int) -> None:
        self.length = length
        self.channels: dict[str, dict[Any, int]] = {}
        self.orders: dict[int, list[tuple[str, Any]]] = defaultdict(list)
        table = facts.orders
        for day, key, channel in zip(table.day, table.customer_key, table.channel, strict=True):
            self.orders[day].append((key, channel))

    def move_to(self, day: int) -> None:
        """The day after the last one."""
        for key, channel in self.orders.get(day, ()):
            of = self.channels.setdefault(key, {})
            of[channel] = of.get(channel, 0) + 1
        for key, channel in self.orders.get(day - self.length, ()):
            of = self.channels[key]
            of[channel] -= 1
            if not of[channel]:
                del of[channel]
            if not of:
                del self.channels[key]


def _repeat(facts: Facts, board: Board) -> None:
    """How many of the customers so far, or of the mature ones, bought again."""
    first = facts.orders.day[facts.orders.number == 1].to_numpy()
    second = facts.orders[facts.orders.number == 2]
    of_second = second.customer_key.map(facts.first_orders.day).to_numpy()
    seconds = second.day.to_numpy()
    once, twice, mature, again = {}, {}, {}, {}
    for day in board.days:
        old = day - facts.metrics.maturity_days
        once[day, COMPANY] = int((first <= day).sum())
        twice[day, COMPANY] = int((seconds <= day).sum())
        mature[day, COMPANY] = int((first <= old).sum())
        again[day, COMPANY] = int(((seconds <= day) & (of_second <= old)).sum())
    board.add("repeat_purchase_rate", twice, once)
    board.add("F2_rate", again, mature)


def status_matrix(facts: Facts, days: list[int]) -> np.ndarray:
    """For each customer with a purchase (row) and day (column) 1 active, 2 gone, 0 prospect."""
    matrix = np.zeros((len(lives(facts)), len(days)), dtype=np.int8)
    first = days[0]
    for row, of in enumerate(lives(facts).values()):
        for spell in of.spells:
            start = max(spell.start - first, 0)
            stop = len(days) if spell.end is None else max(spell.end - first, 0)
            matrix[row, start:stop] = 1 if spell.status in ACTIVE else 2
    return matrix


def _lifecycle(facts: Facts, board: Board) -> None:
    """Churn and coming back, month to date; the share of the dormant and lost."""
    matrix = status_matrix(facts, board.days)
    active, gone, churned, back = {}, {}, {}, {}
    bought, dormant = {}, {}
    for place, day in enumerate(board.days):
        now, scope = matrix[:, place], (day, COMPANY)
        bought[scope], dormant[scope] = int((now > 0).sum()), int((now == 2).sum())
        before = month_start(month_of(day)) - 1 - board.days[0]
        then = matrix[:, before] if before >= 0 else np.zeros_like(now)
        active[scope], gone[scope] = int((then == 1).sum()), int((then == 2).sum())
        churned[scope] = int(((then == 1) & (now == 2)).sum())
        back[scope] = int(((then == 2) & (now == 1)).sum())
    board.add("churn_rate", churned, active)
    board.add("reactivation_rate", back, gone)
    board.add("dormant_share", dormant, bought)


def _mail(facts: Facts, board: Board) -> None:
    events = mail_events(facts)

    def people(which: pd.Series) -> Sums:
        """Of each person and campaign the first day counts."""
        first = events[which].groupby(["message", "customer_key"], dropna=False).day.min()
        return by_day(first)

    delivered = people(events.event_type == "delivered")
    clicked = (events.event_type == "click") & ~events.is_machine
    for kpi, which in (
        ("email_human_open_rate", events.is_human_open),
        ("ctr", clicked),
        ("unsub_rate", events.event_type == "unsubscribe"),
    ):
        board.add(kpi, people(which), delivered)
    tried = people(events.event_type.isin(["delivered", "bounce_hard", "bounce_soft"]))
    bounced = people(events.event_type == "bounce_hard")
    board.add("hard_bounce_rate", bounced, tried)


def mail_events(facts: Facts) -> pd.DataFrame:
    """Events of e-mails: of campaigns that are such, and of single messages."""
    events = facts.mail_events
    channel = events.campaign_id.map(facts.campaign_channels).fillna("email")
    return events[channel == "email"]


def _support(facts: Facts, board: Board) -> None:
    tickets = support.tickets(facts)
    sold = facts.receipts[facts.receipts.receipt_type == "sale"]
    board.add("tickets", by_day(tickets.created_day))
    complaints = tickets.created_day[tickets.ticket_type == "complaint"]
    board.add("complaint_rate", scaled(by_day(complaints), 1000), by_day(sold.day))
    ratings = facts.work(
        "select score, coalesce(rated_date, offered_date) - date '1970-01-01' as day "
        "from staging.stg_support__satisfaction_ratings where score is not null"
    )
    ratings = ratings[ratings.day <= facts.as_of]
    board.add("csat", by_day(ratings.day[ratings.score >= 4]), by_day(ratings.day))
    for kpi, column, day in (
        ("first_reply_p50", "first_reply_min_calendar", "created_day"),
        ("full_resolution_p50", "full_resolution_min_calendar", "solved_day"),
    ):
        times: dict[int, list[float]] = defaultdict(list)
        known = tickets[tickets[column].notna()]
        for at, minutes in zip(known[day], known[column], strict=True):
            times[int(at)].append(minutes)
        board.add_medians(kpi, times)


def _nps(facts: Facts, board: Board) -> None:
    """The last answer of each respondent within a year."""
    answers = surveys.answers(facts)
    by_person: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for person, day, score in answers[["person", "day", "score"]].itertuples(index=False):
        by_person[person].append((day, score))
    above: Sums = defaultdict(int)
    below: Sums = defaultdict(int)
    for given in by_person.values():
        for place, (day, score) in enumerate(given):
            until = min(day + 365, facts.as_of + 1)
            if place + 1 < len(given):
                until = min(until, given[place + 1][0])
            for stands in range(day, until):
                above[stands, COMPANY] += 100 * ((score >= 9) - (score <= 6))
                below[stands, COMPANY] += 1
    board.add("nps", above, below)
