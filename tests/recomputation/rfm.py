"""RFM: scores, groups of both grids, the group before, month ends and moves between them."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pandas as pd

from tests.recomputation.facts import Facts, dates, whole_months

WINDOWS = {"lifetime": None, "365d": 365}
_PL, _L, _C, _AR = "PREVIOUSLY_LOYAL", "LOYAL", "CHAMPIONS", "AT_RISK"
_NA, _A, _D, _AL = "NEEDS_ATTENTION", "ACTIVE", "DORMANT", "ALMOST_LOST"
SHOPIFY = {
    5: (_PL, _PL, _L, _L, _C),
    4: (_AR, _AR, _L, _L, _C),
    3: (_AR, _AR, _NA, _A, _A),
    2: (_D, _D, _AL, _A, _A),
    1: (_D, _D, _AL, "PROMISING", "NEW"),
}
"""Row: score of F and M together. Place in it: score of R from 1."""
KLAVIYO = {
    "CHAMPIONS": "333 332 323",
    "LOYAL": "321 322 331 232 233",
    "RECENT": "312 313 311 222 223",
    "NEEDS_ATTENTION": "213 221 123 132 133",
    "AT_RISK": "231 212 122 131 211",
    "INACTIVE": "111 112 113 121",
}
KLAVIYO_GROUPS = {code: group for group, codes in KLAVIYO.items() for code in codes.split()}
SCORES = ["r_score", "f_score", "m_score", "fm_score"]
STATE = [
    "last_q_date",
    "recency_days",
    "frequency",
    "monetary",
    *SCORES,
    "rfm_group",
    "klaviyo_score",
    "klaviyo_group",
]


def ranked(values: pd.Series, parts: int) -> pd.Series:
    """Score 1 to `parts` by the share of others that are smaller; equal values score alike."""
    smaller = values.rank(method="min").astype(int) - 1
    others = max(len(values) - 1, 1)
    return (parts * smaller // others).clip(upper=parts - 1) + 1


def states_at(facts: Facts, day: int, window: str) -> pd.DataFrame:
    """Customers with a qualifying order up to a day, as they stood on it."""
    past = facts.personal[facts.personal.day <= day]
    known = past.loc[past.is_qualifying, "customer_key"].unique()
    length = WINDOWS[window]
    inside = past if length is None else past[past.day >= day - (length - 1)]
    orders = inside[inside.is_qualifying].groupby("customer_key")
    by_days = facts.metrics.rfm_frequency_unit == "purchase_days"
    state = pd.DataFrame(
        {
            "last_q_date": orders.day.max(),
            "frequency": orders.day.nunique() if by_days else orders.receipt_id.count(),
            "monetary": inside.groupby("customer_key").net_sales_order_dated.sum(),
        }
    ).reindex(sorted(known))
    scored = state[state.last_q_date.notna()].copy()
    scored["recency_days"] = day - scored.last_q_date
    scored["r_score"] = ranked(scored.last_q_date, 5)
    scored["f_score"] = ranked(scored.frequency, 5)
    scored["m_score"] = ranked(scored.monetary, 5)
    scored["fm_score"] = (scored.f_score + scored.m_score + 1) // 2
    scored["rfm_group"] = [
        SHOPIFY[fm][r - 1] for fm, r in zip(scored.fm_score, scored.r_score, strict=True)
    ]
    recency = np.select([scored.recency_days < 180, scored.recency_days < 365], [3, 2], 1)
    scored["klaviyo_score"] = [
        f"{r}{f}{m}"
        for r, f, m in zip(
            recency, ranked(scored.frequency, 3), ranked(scored.monetary, 3), strict=True
        )
    ]
    scored["klaviyo_group"] = scored.klaviyo_score.map(KLAVIYO_GROUPS)
    scored = scored.drop(columns=["last_q_date", "frequency", "monetary"])
    state = state.join(scored)
    state["frequency"] = state.frequency.fillna(0).astype(int)
    state["monetary"] = state.monetary.where(state.last_q_date.notna(), 0) / 100
    for group in ("rfm_group", "klaviyo_group"):
        state[group] = state[group].fillna("OUT_OF_WINDOW")
    state = state.reset_index(names="customer_key")
    return state.assign(rfm_window=window, day=day)


def all_states(facts: Facts) -> pd.DataFrame:
    """The states at all evaluated dates."""

    def make() -> pd.DataFrame:
        states = [states_at(facts, day, w) for day in facts.state_days for w in WINDOWS]
        return pd.concat(states, ignore_index=True)

    return facts.keep("rfm_states", make)


def recompute(facts: Facts) -> pd.DataFrame:
    """customer_rfm: a row a customer and window."""
    states = all_states(facts)
    return pd.concat(
        [_today(facts, states[states.rfm_window == w], w) for w in WINDOWS], ignore_index=True
    )


def _today(facts: Facts, states: pd.DataFrame, window: str) -> pd.DataFrame:
    now = states[states.day == facts.as_of].set_index("customer_key")
    scored = now[now.r_score.notna()]
    table = now.reindex(facts.customers.customer_key)
    for group in ("rfm_group", "klaviyo_group"):
        table[group] = table[group].fillna("PROSPECTS")
    for amount in ("frequency", "monetary"):
        table[amount] = table[amount].fillna(0)
    table["rfm_window"] = window
    table["rfm_cell"] = [
        None if pd.isna(r) else f"{int(r)}{int(f)}{int(m)}"
        for r, f, m in zip(table.r_score, table.f_score, table.m_score, strict=True)
    ]
    table["is_degenerate"] = len(scored) < facts.metrics.rfm_min_customers or any(
        scored[axis].nunique() < 5 for axis in ("last_q_date", "frequency", "monetary")
    )
    table = table.join(_changes(facts, states)).reset_index(names="customer_key")
    table["last_q_date"] = dates(table.last_q_date)
    return table.drop(columns="day")


def _changes(facts: Facts, states: pd.DataFrame) -> pd.DataFrame:
    """Of each customer the group before today's, since when, and for how many months."""
    groups = states.pivot(index="customer_key", columns="day", values="rfm_group")
    groups = groups.reindex(index=facts.customers.customer_key, columns=facts.state_days)
    rows = []
    for history in groups.fillna("PROSPECTS").to_numpy(object).tolist():
        start = len(history) - 1
        while start > 0 and history[start - 1] == history[-1]:
            start -= 1
        changed = facts.state_days[start] if start > 0 else None
        months = whole_months(facts.state_days[start], facts.as_of)
        rows.append((history[start - 1] if start > 0 else None, changed, months))
    found = pd.DataFrame(
        rows, columns=["prev_group", "group_changed_on", "months_in_group"], index=groups.index
    )
    found["group_changed_on"] = dates(found.group_changed_on).to_numpy()
    return found


def history(facts: Facts) -> pd.DataFrame:
    """customer_rfm_history: a row a customer, window and complete month end."""
    states = all_states(facts)
    ends = states[states.day.isin(facts.complete_month_ends)].reset_index(drop=True)
    ends["last_q_date"] = dates(ends.last_q_date)
    ends["month_end"] = dates(ends.day)
    return ends.drop(columns="day")


def migration(facts: Facts) -> pd.DataFrame:
    """rfm_migration: customers by group at a month end and at the one before."""
    states = all_states(facts)
    moves: Counter[tuple] = Counter()
    for window in WINDOWS:
        before: dict[str, str] = {}
        for number, day in enumerate(facts.complete_month_ends):
            here = states[(states.day == day) & (states.rfm_window == window)]
            now = dict(zip(here.customer_key, here.rfm_group, strict=True))
            if number:
                for key, group in now.items():
                    moves[window, day, before.get(key, "PROSPECTS"), group] += 1
            before = now
    table = pd.DataFrame(
        [(*move, customers) for move, customers in moves.items()],
        columns=["rfm_window", "month_end", "from_group", "to_group", "customers"],
    )
    return table.assign(month_end=dates(table.month_end))
