"""What campaigns added: the treated beside the held-out, before, after and a year ago."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from fractions import Fraction
from math import sqrt
from typing import Any

import pandas as pd

from tests.recomputation import attribution, rfm
from tests.recomputation.facts import Facts, dates

OUTCOMES = ("delivered", "bounced_soft", "bounced_hard", "dropped", "not_sent")
"""Of several addresses of a person the first of these counts."""
YEAR, Z = 364, 1.96
BALANCE_LIMIT, MIN_EXPECTED, MIN_STRATUM, MIN_COMPARED = 3.29, 5, 5, 0.8
METRICS = ("purchase_rate", "orders_per_person", "net_sales_per_person")
SCALE = {"net_sales_per_person": 100}
"""Amounts are whole hundredths."""
CLAIMS = (
    "n_compared", "baseline_value", "lift_abs", "lift_low", "lift_high", "lift_rel",
    "is_significant", "did", "did_low", "did_high", "incremental_total", "incremental_low",
    "incremental_high",
)  # fmt: skip


# ---- who


def people(facts: Facts) -> dict[str, dict[str, dict[str, dict[str, Any]]]]:
    """Of each campaign, variant (`all` the whole) and person: outcome, arms, reactions."""
    return facts.keep("campaign_people", lambda: _people(facts))


def _people(facts: Facts) -> dict[str, dict[str, dict[str, dict[str, Any]]]]:
    found: dict[str, Any] = defaultdict(lambda: defaultdict(dict))
    for entry in attribution.entries(facts):
        if entry["customer_key"] in facts.internal:
            continue
        for variant in {"all", entry["variant"]} - {None}:
            of = found[entry["campaign_id"]][variant].setdefault(
                entry["person"],
                {
                    "outcome": "not_sent",
                    "key": entry["customer_key"],
                    "arms": set(),
                    "done": set(),
                },
            )
            of["outcome"] = min(of["outcome"], entry["outcome"], key=OUTCOMES.index)
            of["arms"].add("control" if entry["is_holdout"] else "treated")
            of["done"] |= set(entry["done"])
    return found


def sent_day(facts: Facts, campaign: str) -> int:
    first = attribution.begun(facts)[campaign]["first"]
    return min(facts.local_day(first), facts.as_of)


def groups(facts: Facts, campaign: str) -> dict[str, str] | None:
    """Customers' groups at the last month end before the send; None when there is none."""
    ends = [end for end in facts.complete_month_ends if end < sent_day(facts, campaign)]
    return facts.keep(f"groups {ends[-1]}", lambda: _groups(facts, ends[-1])) if ends else None


def _groups(facts: Facts, day: int) -> dict[str, str]:
    states = rfm.all_states(facts)
    here = states[(states.day == day) & (states.rfm_window == "lifetime")]
    return dict(zip(here.customer_key, here.rfm_group, strict=True))


def segment_of(known: dict[str, str] | None, person: dict[str, Any]) -> str:
    if known is None or person["key"] is None:
        return "UNKNOWN"
    return known.get(person["key"], "PROSPECTS")


@dataclass(frozen=True)
class Subject:
    """A person of an arm: group, and for each metric what they did before, after, a year ago."""

    group: str
    done: dict[str, tuple[int, int, int]]

    @property
    def stratum(self) -> tuple[str, bool]:
        return self.group, self.done["purchase_rate"][0] == 1


def effects(facts: Facts) -> pd.DataFrame:
    """campaign_effect: a row a campaign, variant, group and metric."""
    return facts.keep("effects", lambda: _effects(facts))


def _effects(facts: Facts) -> pd.DataFrame:
    orders = _orders_by_day(facts)
    rows = []
    for name in attribution.begun(facts):
        members = people(facts)[name]
        sent, known = sent_day(facts, name), groups(facts, name)
        subjects = {
            person: _subject(orders, segment_of(known, of), of["key"], sent, _days(facts))
            for person, of in members["all"].items()
        }
        arm = {p: "both" if len(of["arms"]) > 1 else min(of["arms"]) for p, of in
               members["all"].items()}  # fmt: skip
        for variant, here in members.items():
            meant = [p for p, of in here.items() if "treated" in of["arms"]]
            if not meant and variant != "all":
                continue
            arms = {
                "treated": [subjects[p] for p in meant if arm[p] == "treated"],
                "control": [subjects[p] for p in subjects if arm[p] == "control"],
                "both": [subjects[p] for p in subjects if arm[p] == "both"],
            }
            if any(arms.values()):
                rows += _rows(facts, {"campaign_id": name, "variant": variant}, sent, arms)
    table = pd.DataFrame(rows)
    for column in ("sent_date", "pre_from_date", "post_to_date"):
        table[column] = dates(table[column])
    return table


def _days(facts: Facts) -> int:
    return 7 * facts.metrics.effect_weeks


def _orders_by_day(facts: Facts) -> dict[str, list[tuple[int, int]]]:
    found: dict[str, list[tuple[int, int]]] = defaultdict(list)
    columns = ["customer_key", "day", "net_sales_order_dated"]
    for key, day, cents in facts.orders[columns].itertuples(index=False):
        found[key].append((day, cents))
    return found


def _subject(
    orders: dict[str, list[tuple[int, int]]], group: str, key: str | None, sent: int, days: int
) -> Subject:
    parts = []
    for first in (sent - days, sent, sent - YEAR):
        mine = [cents for day, cents in orders.get(key or "", ()) if first <= day < first + days]
        parts.append((int(bool(mine)), len(mine), sum(mine)))
    return Subject(group, dict(zip(METRICS, zip(*parts, strict=True), strict=True)))


def _rows(
    facts: Facts, start: dict[str, Any], sent: int, arms: dict[str, list[Subject]]
) -> list[dict[str, Any]]:
    whole_z = _balance(arms)
    rows = []
    for segment in ["all", *sorted({s.group for arm in arms.values() for s in arm})]:
        mine = {
            arm: [s for s in found if segment in ("all", s.group)] for arm, found in arms.items()
        }
        balance = _balance(mine)
        for metric in METRICS:
            rows.append(
                start
                | {"segment": segment, "metric": metric}
                | _row(facts, sent, mine, metric, balance, max(balance or 0, whole_z or 0))
            )
    return rows


def _balance(arms: dict[str, list[Subject]]) -> float | None:
    """How far the arms lie apart before the send, in standard errors."""
    treated, control = arms["treated"], arms["control"]
    n, m = len(treated), len(control)
    if not n or not m:
        return None
    found = []
    a, b = (sum(s.done["purchase_rate"][0] for s in arm) for arm in (treated, control))
    share = (a + b) / (n + m)
    if (a + b) * min(n, m) >= MIN_EXPECTED * (n + m) and 0 < share < 1:
        found.append(abs(a / n - b / m) / sqrt(share * (1 - share) * (1 / n + 1 / m)))
    counts = Counter(s.group for s in treated), Counter(s.group for s in control)
    table: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for group in {*counts[0], *counts[1]}:
        both = counts[0][group] + counts[1][group]
        name = group if both * min(n, m) >= MIN_EXPECTED * (n + m) else "others"
        for arm in (0, 1):
            table[name][arm] += counts[arm][group]
    degrees = len(table) - 1
    if degrees:
        chi = 0.0
        for here in table.values():
            for count, size in zip(here, (n, m), strict=True):
                expected = sum(here) * size / (n + m)
                chi += (count - expected) ** 2 / expected
        third = 2 / (9 * degrees)
        found.append(((chi / degrees) ** (1 / 3) - (1 - third)) / sqrt(third))
    return max(found) if found else None


def _row(
    facts: Facts,
    sent: int,
    arms: dict[str, list[Subject]],
    metric: str,
    balance: float | None,
    worst: float,
) -> dict[str, Any]:
    days, least = _days(facts), facts.metrics.min_recipients
    n, m = len(arms["treated"]), len(arms["control"])
    first, last = sent - days, sent + days - 1
    is_complete, has_pre = last <= facts.as_of, first >= facts.first_day
    values = {
        arm: list(zip(*(s.done[metric] for s in arms[arm]), strict=True)) or [(), (), ()]
        for arm in ("treated", "control")
    }
    scale = SCALE.get(metric, 1)
    pre, post, yoy = (Fraction(sum(column), scale) for column in values["treated"])
    control_pre, control_post, _ = (Fraction(sum(column), scale) for column in values["control"])
    strata = _strata(arms)
    compared = sum(len(t) for t, _ in strata), sum(len(c) for _, c in strata)
    grade = "before_after_only"
    if min(n, m) >= least and has_pre:
        if worst <= BALANCE_LIMIT:
            grade = "randomised"
        elif compared[0] >= MIN_COMPARED * n and min(compared) >= least:
            grade = "matched"
    shown, is_compared = n >= least, grade != "before_after_only"
    row = {
        "sent_date": sent,
        "pre_from_date": first,
        "post_to_date": last,
        "is_complete": is_complete,
        "evidence_grade": grade,
        "balance_z": balance,
        "n_treated": n,
        "n_control": m,
        "n_in_both": len(arms["both"]),
        "treated_pre": float(pre),
        "treated_post": float(post),
        "treated_yoy": float(yoy),
        "control_pre": float(control_pre),
        "control_post": float(control_post),
        "pre_value": float(pre / n) if shown and has_pre else None,
        "post_value": float(post / n) if shown and is_complete else None,
        "yoy_value": float(yoy / n) if shown and sent - YEAR >= facts.first_day else None,
        "control_pre_value": float(control_pre / m) if is_compared else None,
        "control_post_value": float(control_post / m) if is_compared and is_complete else None,
    }
    both_known = shown and has_pre and is_complete
    row["naive_change"] = float((post - pre) / n) if both_known else None
    row["naive_change_rel"] = float((post - pre) / pre) if both_known and pre else None
    if not is_compared or not is_complete:
        return row | dict.fromkeys(CLAIMS)
    if grade == "randomised":
        strata = [(arms["treated"], arms["control"])]
    return row | _claims(strata, metric)


Strata = list[tuple[list[Subject], list[Subject]]]


def _strata(arms: dict[str, list[Subject]]) -> Strata:
    """The treated and the held-out of each stratum with enough of both."""
    found: dict[tuple[str, bool], Any] = defaultdict(lambda: ([], []))
    for place, arm in enumerate(("treated", "control")):
        for subject in arms[arm]:
            found[subject.stratum][place].append(subject)
    return [pair for pair in found.values() if min(map(len, pair)) >= MIN_STRATUM]


def _claims(strata: Strata, metric: str) -> dict[str, Any]:
    """Lift and differences in differences; one stratum is the plain comparison."""
    total = sum(len(treated) for treated, _ in strata)
    means = [Fraction(0), Fraction(0)]
    did, did_variance, inverse_weight = Fraction(0), Fraction(0), Fraction(0)
    amount = squares = 0
    for pair in strata:
        weight = Fraction(len(pair[0]), total)
        inverse_weight += weight**2 / len(pair[1])
        for arm, sign in ((0, 1), (1, -1)):
            n = len(pair[arm])
            after = [s.done[metric][1] for s in pair[arm]]
            change = [s.done[metric][1] - s.done[metric][0] for s in pair[arm]]
            means[arm] += weight * Fraction(sum(after), n)
            did += sign * weight * Fraction(sum(change), n)
            around_mean = n * sum(c * c for c in change) - sum(change) ** 2
            did_variance += weight**2 * Fraction(around_mean, n * n * (n - 1))
            amount += sum(after)
            squares += sum(value**2 for value in after)
    scale = SCALE.get(metric, 1)
    means, did, did_variance = [m / scale for m in means], did / scale, did_variance / scale**2
    lift, low, high = means[0] - means[1], None, None
    spread = Fraction(squares, amount * scale) if amount else None
    if metric == "purchase_rate":
        spread = Fraction(1)
    if spread is not None:
        down, up = _newcombe(
            float(means[0] / spread), total, float(means[1] / spread), float(1 / inverse_weight)
        )
        low, high = float(lift) - float(spread) * down, float(lift) + float(spread) * up
    error = Z * sqrt(did_variance)
    return {
        "n_compared": total,
        "baseline_value": float(means[1]),
        "lift_abs": float(lift),
        "lift_low": low,
        "lift_high": high,
        "lift_rel": float(lift / means[1]) if means[1] else None,
        "is_significant": low is not None and (round(low, 9) > 0 or round(high, 9) < 0),
        "did": float(did),
        "did_low": float(did) - error,
        "did_high": float(did) + error,
        "incremental_total": float(lift * total),
        "incremental_low": None if low is None else low * total,
        "incremental_high": None if high is None else high * total,
    }


def _newcombe(p: float, n: float, q: float, m: float) -> tuple[float, float]:
    """How far below and above p - q the interval of the difference of two shares reaches."""
    p, q = min(p, 1.0), min(q, 1.0)
    (l1, u1), (l2, u2) = _wilson(p, n), _wilson(q, m)
    return sqrt((p - l1) ** 2 + (u2 - q) ** 2), sqrt((u1 - p) ** 2 + (q - l2) ** 2)


def _wilson(p: float, n: float) -> tuple[float, float]:
    middle, half = p + Z * Z / (2 * n), Z * sqrt(p * (1 - p) / n + (Z / (2 * n)) ** 2)
    return (middle - half) / (1 + Z * Z / n), (middle + half) / (1 + Z * Z / n)
