"""promotion_list: candidates of each recipe, with every reason not to write to them."""

from __future__ import annotations

from typing import Any

import pandas as pd

from tests.recomputation import consents, lifecycle, mail, segments, support, worth
from tests.recomputation.facts import Facts
from tests.recomputation.rfm import states_at

COMPLAINT_DAYS = 14
PRECEDENCE = (
    "no_consent",
    "unsubscribed",
    "complained",
    "hard_bounce",
    "no_address",
    "suppressed",
    "open_complaint",
    "frequency_cap",
)


SAID = {"unsubscribed", "complained", "hard_bounce"}
"""What the status of a subscription says already."""


def messages(facts: Facts) -> list[tuple[str, int]]:
    """(customer, first day) of each campaign or single message that reached for a customer."""
    contacts = facts.work(
        "select campaign_id, subscriber_id_hash, member_id_hash, is_holdout, "
        "sent_date - date '1970-01-01' as day from staging.stg_email__contacts "
        "where sent_date is not null and not is_holdout"
    )
    mails = mail.events(facts)
    dropped, tried = set(), set()
    first: dict[tuple[str, str], int] = {}

    def note(key: str | None, message: str, day: int) -> None:
        if key is not None and not pd.isna(key):
            first[key, message] = min(first.get((key, message), day), day)

    for row in mails.itertuples(index=False):
        if row.event_type == "dropped":
            dropped.add((row.message, row.address))
        elif row.event_type in mail.SENT:
            tried.add((row.message, row.address))
            note(row.customer_key, row.message, row.day)
    for row in contacts[contacts.day <= facts.as_of].itertuples(index=False):
        if row.subscriber_id_hash is None or pd.isna(row.subscriber_id_hash):
            note(facts.customer_of.get(("pos", row.member_id_hash)), row.campaign_id, row.day)
        elif (row.campaign_id, row.subscriber_id_hash) not in dropped - tried:
            key = facts.customer_of.get(("email", row.subscriber_id_hash))
            note(key, row.campaign_id, row.day)
    return [(key, day) for (key, _), day in first.items()]


def candidates(facts: Facts, plan: dict[str, Any]) -> set[str]:
    """Whom a recipe asks for."""
    recipe, since = plan["recipe"], facts.as_of - plan["recipe_days"]
    people = facts.customers.set_index("customer_key")
    if recipe == "segment":
        return segments.members(facts)[plan["segment_id"]][facts.as_of]
    if recipe == "dormant_winback":
        status = lifecycle.statuses_at(facts, facts.as_of)
        return {key for key, of in status.items() if of == "dormant"}
    if recipe == "first_time_coupon":
        status = mail.statuses(mail.subscriptions(facts))
        subscribed = {key for key, of in status.items() if of == "subscribed"}
        reached = set(people.index[people.is_member]) | (subscribed & set(people.index))
        return reached - set(facts.purchase_days)
    if recipe == "loyal_no_complaint":
        groups = states_at(facts, facts.as_of, "lifetime")
        loyal = set(groups.customer_key[groups.rfm_group.isin(["CHAMPIONS", "LOYAL"])])
        tickets = support.tickets(facts)
        recent = (tickets.ticket_type == "complaint") & (tickets.created_day > since)
        return loyal - set(tickets.customer_key[recent])
    return _had_a_sample(facts, since)


def _had_a_sample(facts: Facts, since: int) -> set[str]:
    lines = facts.lines
    with_sample = lines[lines.is_sample.eq(True) & ~lines.is_return & (lines.quantity > 0)]
    receipts = facts.personal[facts.personal.receipt_type == "sale"]
    receipts = receipts[receipts.receipt_id.isin(with_sample.receipt_id) & (receipts.day > since)]
    first = receipts.groupby("customer_key").closed.min()
    last = facts.orders.groupby("customer_key").closed.max().reindex(first.index)
    return set(first.index[~(last > first)])


def recompute(facts: Facts) -> pd.DataFrame:
    """promotion_list: a row a list and candidate."""
    plan = facts.work("select * from plans.promotion_lists order by line")
    blocked, wrote = consents.reasons(facts), messages(facts)
    tickets = support.tickets(facts)
    open_complaints = set(
        tickets.customer_key[
            (tickets.ticket_type == "complaint")
            & ~tickets.is_solved
            & (tickets.created_day > facts.as_of - COMPLAINT_DAYS)
        ]
    )
    readers = mail.engagement(facts)
    suppressed = set(readers.customer_key[readers.is_suppressed])
    value = worth.recompute(facts).set_index("customer_key")
    rows = []
    for line in plan.astype(object).where(plan.notna(), None).to_dict("records"):
        counts: dict[str, int] = {}
        for key, day in wrote:
            if day > facts.as_of - line["contact_days"]:
                counts[key] = counts.get(key, 0) + 1
        found = []
        for key in sorted(candidates(facts, line)):
            why = list(blocked[line["channel"]][key])
            if line["channel"] == "email" and key in suppressed and not SAID & set(why):
                why.append("suppressed")
            why += ["open_complaint"] if key in open_complaints else []
            why += ["frequency_cap"] if counts.get(key, 0) >= line["max_contacts"] else []
            why.sort(key=PRECEDENCE.index)
            of = value.loc[key]
            found.append(
                {
                    "list_id": line["list_id"],
                    "customer_key": key,
                    "list_name": line["list_name"] or line["list_id"],
                    "recipe": line["recipe"],
                    "segment_id": line["segment_id"],
                    "channel": line["channel"],
                    "is_included": not why,
                    "exclusion_reason": why[0] if why else None,
                    "exclusion_reasons": ",".join(why) if why else None,
                    "ltv_predicted_365d": of.ltv_predicted_365d,
                    "churn_risk_band": of.churn_risk_band,
                    "ltv_historic": of.ltv_historic,
                }
            )
        included = [row for row in found if row["is_included"]]
        included.sort(key=_rank)
        for number, row in enumerate(included, 1):
            row["list_rank"] = number
        rows += found
    return pd.DataFrame(rows)


def _rank(row: dict[str, Any]) -> tuple[Any, ...]:
    predicted = row["ltv_predicted_365d"]
    unknown = pd.isna(predicted)
    return unknown, 0 if unknown else -predicted, -row["ltv_historic"], row["customer_key"]
