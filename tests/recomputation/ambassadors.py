"""ambassador: loyal promoters without a complaint, and whom they brought."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pandas as pd

from tests.recomputation import support, surveys, worth
from tests.recomputation.facts import Facts, dates
from tests.recomputation.rfm import states_at

YEAR = 365


def _brought(facts: Facts) -> dict[str, list[tuple[str, int]]]:
    """Of each customer those whom they brought, and the day of joining."""
    members = facts.work(
        "select member_id_hash as member, referred_by_member_id_hash as by_member, "
        "epoch(joined_at) as joined, joined_date - date '1970-01-01' as day "
        "from staging.stg_pos__members order by joined_at nulls last, member_id_hash"
    )
    first: dict[str, Any] = {}
    for row in members.itertuples(index=False):
        key = facts.customer_of.get(("pos", row.member))
        if key is not None and key not in first:
            first[key] = row
    found: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for key, row in first.items():
        referrer = facts.customer_of.get(("pos", row.by_member))
        if referrer in (None, key) or {key, referrer} & facts.internal:
            continue
        if pd.isna(row.day) or row.day > facts.as_of:
            continue
        theirs = first.get(referrer)
        if theirs is None or pd.isna(theirs.joined) or theirs.joined < row.joined:
            found[referrer].append((key, int(row.day)))
    return found


def recompute(facts: Facts) -> pd.DataFrame:
    """ambassador: a row a customer who is one, could be one, or brought somebody."""
    groups = states_at(facts, facts.as_of, "lifetime").set_index("customer_key").rfm_group
    answers = surveys.answers(facts)
    answers = answers[answers.customer_key.notna() & answers.score.between(0, 10)]
    last = answers.drop_duplicates("customer_key", keep="last").set_index("customer_key")
    values = worth.historic(facts).set_index("customer_key")
    homes = facts.query(
        "select customer_key, household_key from marts.dim_customer where household_key is not null"
    ).set_index("customer_key")
    tickets = support.tickets(facts)
    open_ones = tickets[
        (tickets.ticket_type == "complaint") & ~tickets.is_solved & ~tickets.is_merged
    ].customer_key.value_counts()
    praise = tickets[
        (tickets.ticket_type == "praise") & (tickets.created_day > facts.as_of - YEAR)
    ].customer_key.value_counts()
    brought = _brought(facts)
    rows = []
    for key in facts.customers.customer_key:
        home = homes.household_key.get(key)
        own = [
            (who, day) for who, day in brought[key] if home and homes.household_key.get(who) == home
        ]
        others = [pair for pair in brought[key] if pair not in own]
        acts = sum(day > facts.as_of - YEAR for _, day in others)
        group = groups.get(key, "PROSPECTS")
        score = last.score.get(key)
        is_loyal = group in ("CHAMPIONS", "LOYAL")
        is_promoter = bool(score is not None and score >= 9 and last.day[key] > facts.as_of - YEAR)
        complaints = int(open_ones.get(key, 0))
        fulfils = is_loyal and is_promoter and not complaints
        if not (fulfils or others):
            continue
        rows.append(
            {
                "customer_key": key,
                "ambassador_tier": "advocate_only"
                if not fulfils
                else "confirmed"
                if acts
                else "candidate",
                "rfm_group": group,
                "is_loyal": is_loyal,
                "nps_last": score,
                "nps_last_date": last.day.get(key),
                "is_promoter": is_promoter,
                "open_complaints": complaints,
                "advocacy_acts_365d": acts,
                "referrals_365d": acts,
                "reviews_365d": None,
                "shares_365d": None,
                "praise_tickets_365d": int(praise.get(key, 0)),
                "referred_customers": len(others),
                "referred_buyers": sum(values.ltv_historic[who] > 0 for who, _ in others),
                "referred_net_sales": round(sum(values.ltv_historic[who] for who, _ in others), 2),
                "household_referrals": len(own),
            }
        )
    table = pd.DataFrame(rows)
    return table.assign(nps_last_date=dates(table.nps_last_date))
