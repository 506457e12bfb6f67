"""Surveys: every answer, the last one of each respondent, NPS of a wave by segment."""

from __future__ import annotations

from collections import defaultdict
from math import sqrt
from typing import Any

import pandas as pd

from tests.recomputation.facts import Facts, dates, instants
from tests.recomputation.rfm import states_at

ANSWERED_BY = (("pos", "member_id_hash"), ("support", "requester_id_hash"))


def _customers(facts: Facts, table: pd.DataFrame) -> list[str | None]:
    """Customer of each row by member id, else by requester id."""
    found: list[str | None] = []
    for row in table.to_dict("records"):
        keys = (facts.customer_of.get((system, row[column])) for system, column in ANSWERED_BY)
        found.append(next((key for key in keys if key is not None), None))
    return found


def answers(facts: Facts) -> pd.DataFrame:
    """Answers to the question for a recommendation, internal people's left out, in order.

    `person` is the customer, else the address, else the answer itself.
    """
    table = facts.work(
        "select response_id, survey_id, wave, member_id_hash, requester_id_hash, email_hash, "
        "score, responded_date - date '1970-01-01' as day, epoch(responded_at) as second "
        "from staging.stg_support__survey_responses where score is not null "
        f"and question_code = '{facts.metrics.nps_question_code}' "
        "order by responded_at, response_id"
    )
    table["customer_key"] = _customers(facts, table)
    table = table[(table.day <= facts.as_of) & ~table.customer_key.isin(facts.internal)]
    address = table.email_hash.where(table.email_hash.notna(), table.response_id)
    return table.assign(person=table.customer_key.fillna(address))


def nps(facts: Facts) -> pd.DataFrame:
    """survey_nps: a row a survey, wave and segment."""
    invited = facts.work(
        "select invitation_id as response_id, survey_id, wave, member_id_hash, requester_id_hash, "
        "invited_date - date '1970-01-01' as day from staging.stg_support__survey_invitations"
    )
    invited["customer_key"] = _customers(facts, invited)
    invited = invited[(invited.day <= facts.as_of) & ~invited.customer_key.isin(facts.internal)]
    given = answers(facts)
    groups = states_at(facts, facts.as_of, "lifetime").set_index("customer_key").rfm_group
    ages = facts.customers.set_index("customer_key").age_band
    people: dict[tuple, set[str]] = defaultdict(set)
    scores: dict[tuple, dict[str, int]] = defaultdict(dict)

    def segments(key: str | None) -> list[tuple[str, str]]:
        if key is None or pd.isna(key):
            return [("all", "all")]
        age = ages.get(key)
        band = "unknown" if pd.isna(age) else age
        group = groups.get(key, "PROSPECTS")
        return [("all", "all"), ("rfm_group", group), ("age_band", band)]

    for row in invited.to_dict("records"):
        key = row["customer_key"]
        person = row["response_id"] if pd.isna(key) else key
        for segment in segments(key):
            people[(row["survey_id"], row["wave"], *segment)].add(person)
    for row in given.to_dict("records"):
        for segment in segments(row["customer_key"]):
            scores[(row["survey_id"], row["wave"], *segment)][row["person"]] = row["score"]
    names = ["survey_id", "wave", "segment_type", "segment"]
    rows = [
        dict(zip(names, name, strict=True))
        | _score(facts, len(people[name]), list(scores[name].values()))
        for name in sorted({*people, *scores})
    ]
    return pd.DataFrame(rows)


def responses(facts: Facts) -> pd.DataFrame:
    """fct_survey_response: a row an answer to any question."""
    given = facts.work(
        "select response_id, survey_id, wave, question_code, member_id_hash, requester_id_hash, "
        "email_hash, score, responded_date - date '1970-01-01' as day, "
        "epoch(responded_at) as second from staging.stg_support__survey_responses "
        "order by responded_at, response_id"
    )
    invited = facts.work(
        "select survey_id, wave, member_id_hash, requester_id_hash, epoch(invited_at) as second, "
        "invited_date - date '1970-01-01' as day from staging.stg_support__survey_invitations"
    )
    given["customer_key"], invited["customer_key"] = (
        _customers(facts, given),
        _customers(facts, invited),
    )
    asked: dict[tuple, list[float]] = defaultdict(list)
    for row in invited[invited.day <= facts.as_of].itertuples(index=False):
        asked[row.survey_id, row.wave, row.customer_key].append(row.second)
    rows, last = [], {}
    for row in given[given.day <= facts.as_of].itertuples(index=False):
        of_nps = row.question_code == facts.metrics.nps_question_code
        usable = 0 <= row.score <= 10 if of_nps else not pd.isna(row.score)
        named = (row.customer_key, row.email_hash, row.response_id)
        person = next(name for name in named if isinstance(name, str))
        if usable:
            last[row.survey_id, row.wave, row.question_code, person] = row.response_id
        before = [
            second
            for second in asked.get((row.survey_id, row.wave, row.customer_key), ())
            if row.customer_key is not None and second <= row.second
        ]
        classes = {True: "promoter", False: "passive" if row.score >= 7 else "detractor"}
        rows.append(
            {
                "response_id": row.response_id,
                "survey_id": row.survey_id,
                "wave": row.wave,
                "question_code": row.question_code,
                "customer_key": row.customer_key,
                "is_internal": row.customer_key in facts.internal,
                "score": row.score,
                "responded_at": row.second,
                "responded_date": row.day,
                "nps_class": classes[row.score >= 9] if of_nps and usable else None,
                "invited_at": max(before) if before else None,
                "hours_to_answer": (row.second - max(before)) / 3600 if before else None,
            }
        )
    table = pd.DataFrame(rows)
    latest = table.response_id.isin(set(last.values()))
    for column in ("responded_at", "invited_at"):
        table[column] = instants(table[column])
    return table.assign(is_latest_of_wave=latest, responded_date=dates(table.responded_date))


def _score(facts: Facts, invited: int, scores: list[int]) -> dict[str, Any]:
    n = len(scores)
    up, down = sum(s >= 9 for s in scores), sum(s <= 6 for s in scores)
    is_shown = n >= facts.metrics.min_respondents
    p, d = (up / n, down / n) if n else (0.0, 0.0)
    return {
        "invited": invited,
        "n": n,
        "promoters": up,
        "passives": n - up - down,
        "detractors": down,
        "nps": 100 * (up - down) / n if is_shown else None,
        "se": 100 * sqrt((p + d - (p - d) ** 2) / n) if is_shown else None,
        "response_rate": n / invited if invited else None,
        "is_shown": is_shown,
    }
