"""Lifecycle: spells of a status from purchase day to purchase day, today's status, the flow."""

from __future__ import annotations

import bisect
from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import pandas as pd

from tests.recomputation.facts import Facts, dates, month_end, month_of

WEIGHT = 5
"""How many gaps of its own a customer's store is worth."""
MIN_STORE_GAPS = 100
REACTIVATED_DAYS = 90
MIN_PURCHASE_DAYS = 3
ACTIVE = ("new", "active", "at_risk", "reactivated")
GONE = ("dormant", "lost")


class Limits(NamedTuple):
    """Days without a purchase after which a status begins the day after."""

    at_risk: int
    dormant: int
    lost: int


class Spell(NamedTuple):
    """A status from a day up to, not including, another one (None: it stands)."""

    status: str
    start: int
    end: int | None


@dataclass
class Life:
    """What a rule says of one customer."""

    spells: list[Spell]
    limits: Limits
    reactivated: int | None


def quantile(ordered: list[int], twentieths: int) -> int:
    """Continuous quantile times 20, of sorted whole numbers, without rounding."""
    place, rest = divmod((len(ordered) - 1) * twentieths, 20)
    above = ordered[min(place + 1, len(ordered) - 1)]
    return ordered[place] * (20 - rest) + above * rest


def store_priors(facts: Facts) -> dict[str | None, tuple[int, int, int]]:
    """Quantiles .5, .75 and .9 (times 20) of the gaps that ended at a store; None: at all."""
    gaps: dict[str | None, list[int]] = defaultdict(list)
    for days in facts.purchase_days.values():
        for (before, _, _), (day, _, store) in pairwise(days):
            gaps[None].append(day - before)
            gaps[store].append(day - before)
    return {
        store: tuple(quantile(sorted(found), q) for q in (10, 15, 18))  # type: ignore[misc]
        for store, found in gaps.items()
        if store is None or len(found) >= MIN_STORE_GAPS
    }


def personal_limits(own: list[int], prior: tuple[int, int, int], lost_days: int) -> Limits:
    """Limits from sorted own gaps and a store's quantiles; exact until they are rounded down."""

    def mixed(twentieths: int, of_store: int) -> tuple[int, int]:
        mine = quantile(own, twentieths)
        return len(own) * mine + WEIGHT * of_store, 20 * (len(own) + WEIGHT)

    half, scale = mixed(10, prior[0])
    quarter, _ = mixed(15, prior[1])
    tenth, _ = mixed(18, prior[2])
    dormant = max(2 * half, tenth) // scale
    return Limits(min(quarter // scale, dormant), dormant, max(lost_days, 2 * dormant))


def limits_of_days(
    facts: Facts,
    days: list[tuple[int, int, str]],
    priors: dict[str | None, tuple[int, int, int]],
    personal: bool,
) -> list[Limits]:
    """The limits that hold from each purchase day on."""
    fixed = Limits(facts.metrics.at_risk_days, facts.metrics.dormant_days, facts.metrics.lost_days)
    found, own = [], []
    for number, (day, _, store) in enumerate(days, 1):
        if number > 1:
            bisect.insort(own, day - days[number - 2][0])
        if personal and number >= MIN_PURCHASE_DAYS:
            prior = priors.get(store, priors[None])
            found.append(personal_limits(own, prior, fixed.lost))
        else:
            found.append(fixed)
    return found


def life(days: list[tuple[int, int, str]], limits: list[Limits]) -> Life:
    """All spells of a customer, with adjacent equal ones made one."""
    spells: list[Spell] = []
    reactivated: int | None = None
    orders = 0
    for number, (day, q_orders, _) in enumerate(days):
        orders += q_orders
        if number and day - days[number - 1][0] > limits[number - 1].dormant:
            reactivated = day
        end = days[number + 1][0] if number + 1 < len(days) else None
        calm = "new" if orders == 1 else "active"
        edges = [(day, calm)]
        if reactivated is not None:
            edges = [(day, "reactivated"), (max(day, reactivated + REACTIVATED_DAYS), calm)]
        at_risk, dormant, lost = (day + limit + 1 for limit in limits[number])
        edges = [(start, status) for start, status in edges if start < at_risk]
        edges += [(at_risk, "at_risk"), (dormant, "dormant"), (lost, "lost")]
        for place, (start, status) in enumerate(edges):
            stop = edges[place + 1][0] if place + 1 < len(edges) else None
            if end is not None:
                stop = end if stop is None else min(stop, end)
            if stop is not None and start >= stop:
                continue
            if spells and spells[-1].status == status:
                spells[-1] = Spell(status, spells[-1].start, stop)
            else:
                spells.append(Spell(status, start, stop))
    return Life(spells, limits[-1], reactivated)


def lives(facts: Facts, *, personal: bool = True) -> dict[str, Life]:
    """The life of each customer with a purchase."""

    def make() -> dict[str, Life]:
        priors = store_priors(facts)
        return {
            key: life(days, limits_of_days(facts, days, priors, personal))
            for key, days in facts.purchase_days.items()
        }

    return facts.keep(f"lives_{personal}", make)


def status_at(spells: list[Spell], day: int) -> str:
    """The status on a day; prospect before the first purchase."""
    for spell in spells:
        if spell.start <= day and (spell.end is None or day < spell.end):
            return spell.status
    return "prospect"


def statuses_at(facts: Facts, day: int) -> dict[str, str]:
    """Status of each customer who had bought by a day."""
    found = {key: status_at(of.spells, day) for key, of in lives(facts).items()}
    return {key: status for key, status in found.items() if status != "prospect"}


def recompute(facts: Facts) -> pd.DataFrame:
    """customer_lifecycle: a row a customer."""
    fixed_lives = lives(facts, personal=False)
    rows = []
    for key in facts.customers.customer_key:
        days = facts.purchase_days.get(key)
        if days is None:
            rows.append({"customer_key": key, "lifecycle_status": "prospect"})
            continue
        of = lives(facts)[key]
        spell = next(s for s in of.spells if s.start <= facts.as_of and _reaches(s, facts.as_of))
        is_personal = len(days) >= MIN_PURCHASE_DAYS
        gone = [s for s in of.spells if s.status in GONE and s.start <= facts.as_of]
        rows.append(
            {
                "customer_key": key,
                "lifecycle_status": spell.status,
                "status_since": spell.start,
                "first_q_date": days[0][0],
                "last_q_date": days[-1][0],
                "days_since_last": facts.as_of - days[-1][0],
                "q_orders": sum(orders for _, orders, _ in days),
                "purchase_days": len(days),
                "fixed_status": status_at(fixed_lives[key].spells, facts.as_of),
                "personal_status": spell.status if is_personal else None,
                "dormant_rule_used": "personal" if is_personal else "fixed",
                "at_risk_after_days": of.limits.at_risk,
                "dormant_after_days": of.limits.dormant,
                "lost_after_days": of.limits.lost,
                "dormant_since": _start_of_last(gone) if spell.status in GONE else None,
                "reactivated_on": of.reactivated,
            }
        )
    table = pd.DataFrame(rows)
    for column in table.columns:
        if column.endswith(("_date", "_since", "_on")):
            table[column] = dates(table[column])
    for column in ("q_orders", "purchase_days"):
        table[column] = table[column].fillna(0)
    prospects = table.lifecycle_status == "prospect"
    table["fixed_status"] = table.fixed_status.mask(prospects, "prospect")
    return table


def _reaches(spell: Spell, day: int) -> bool:
    return spell.end is None or day < spell.end


def _start_of_last(gone: list[Spell]) -> int:
    """Where the last unbroken run of dormant and lost spells begins."""
    start = gone[-1]
    for spell in reversed(gone[:-1]):
        if spell.end != start.start:
            break
        start = spell
    return start.start


def flow(facts: Facts) -> pd.DataFrame:
    """lifecycle_flow: customers by their status at a month end and at the one before."""
    ends = []
    month = month_of(facts.first_day)
    while month_end(month) <= facts.as_of:
        ends.append(month_end(month))
        month += 1
    moves: Counter[tuple] = Counter()
    before: dict[str, str] = {}
    for number, day in enumerate(ends):
        now = statuses_at(facts, day)
        if number:
            for key, status in now.items():
                moves[day, before.get(key, "prospect"), status] += 1
        before = now
    table = pd.DataFrame(
        [(*move, customers) for move, customers in moves.items()],
        columns=["month_end", "from_status", "to_status", "customers"],
    )
    table["is_from_active"] = table.from_status.isin(ACTIVE)
    table["is_to_dormant"] = table.to_status.isin(GONE)
    return table.assign(month_end=dates(table.month_end))
