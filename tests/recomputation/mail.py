"""E-mail: who reads and may be written to."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pandas as pd

from tests.recomputation.facts import Facts, instants

SOFT_LIMIT = 3
SENT = ("delivered", "bounce_hard", "bounce_soft")


def events(facts: Facts) -> pd.DataFrame:
    """Events with what they say of a person's doing, each with channel and recipient."""
    table = facts.work(
        "select event_id, campaign_id, subscriber_id_hash as address, event_type, is_machine, "
        "coalesce(campaign_id, event_id) as message, epoch(occurred_at) as second, "
        "event_date - date '1970-01-01' as day from staging.stg_email__events "
        "order by occurred_at, event_id"
    )
    table = table[table.day <= facts.as_of]
    of = facts.customer_of
    table["customer_key"] = [of.get(("email", address)) for address in table.address]
    table["channel"] = table.campaign_id.map(facts.campaign_channels).fillna("email")
    shown = table.event_type.isin(["open", "click"])
    return table.assign(
        human=shown & ~table.is_machine,
        machine=shown & table.is_machine,
        click=(table.event_type == "click") & ~table.is_machine,
    )


def subscriptions(facts: Facts) -> pd.DataFrame:
    """Subscriptions with their customers; instants in seconds."""
    table = facts.work(
        "select subscriber_id_hash as address, status, epoch(email_verified_at) as verified, "
        "epoch(consented_at) as consented, epoch(updated_at) as updated "
        "from staging.stg_email__subscribers order by updated_at, subscriber_id_hash"
    )
    of = facts.customer_of
    return table.assign(customer_key=[of.get(("email", address)) for address in table.address])


def engagement(facts: Facts) -> pd.DataFrame:
    """email_engagement: a row a customer with a subscription or an e-mail."""
    return facts.keep("engagement", lambda: _engagement(facts))


def _engagement(facts: Facts) -> pd.DataFrame:
    mails = events(facts)
    mails = mails[mails.channel == "email"]
    known = subscriptions(facts)
    status, blocks = statuses(known), _blocks(mails, known)
    by_customer: dict[str, list[Any]] = defaultdict(list)
    for mail in mails[mails.customer_key.notna()].itertuples(index=False):
        by_customer[mail.customer_key].append(mail)
    keys = {*known.customer_key[known.customer_key.notna()], *by_customer} - facts.internal
    rows = []
    for key in sorted(keys):
        of = by_customer[key]
        delivered = [mail for mail in of if mail.event_type == "delivered"]
        read, clicked = [m for m in of if m.human], [m for m in of if m.click]
        bounces, reason = blocks[key]
        rows.append(
            {
                "customer_key": key,
                "email_status": status.get(key, "none"),
                "sends_90d": _messages(facts, [m for m in of if m.event_type in SENT], 90),
                "delivered_30d": _messages(facts, delivered, 30),
                "delivered_90d": _messages(facts, delivered, 90),
                "delivered_365d": _messages(facts, delivered, 365),
                "human_opens_90d": _messages(facts, read, 90),
                "machine_opens_90d": _messages(facts, [m for m in of if m.machine], 90),
                "clicks_90d": _messages(facts, clicked, 90),
                "last_delivered_at": delivered[-1].second if delivered else None,
                "last_human_open_at": read[-1].second if read else None,
                "last_click_at": clicked[-1].second if clicked else None,
                "soft_bounces_in_a_row": bounces,
                "suppression_reason": reason,
                "is_suppressed": reason is not None,
                "engagement_band": _band(facts, read, delivered),
            }
        )
    table = pd.DataFrame(rows)
    for column in ("last_delivered_at", "last_human_open_at", "last_click_at"):
        table[column] = instants(table[column])
    return table


def _messages(facts: Facts, which: list[Any], length: int) -> int:
    """Messages, of whichever address, in the last days."""
    return len({mail.message for mail in which if mail.day > facts.as_of - length})


def _band(facts: Facts, read: list[Any], delivered: list[Any]) -> str:
    ago = facts.as_of - read[-1].day if read else None
    for name, length in (("engaged", 30), ("warm", 90), ("cooling", 180)):
        if ago is not None and ago < length:
            return name
    return "cold" if delivered else "none"


def statuses(known: pd.DataFrame) -> dict[str, str]:
    """Status of the subscription changed last, bounced only when all are."""
    found: dict[str, str] = {}
    for key, status in known[["customer_key", "status"]].itertuples(index=False):
        if status != "bounced" or found.get(key, "bounced") == "bounced":
            found[key] = status
    return found


def _blocks(mails: pd.DataFrame, known: pd.DataFrame) -> dict[str, tuple[int, str | None]]:
    """Of each customer the soft bounces in a row and why nothing may be sent."""
    happened: dict[str, dict[str, float]] = defaultdict(dict)
    soft: dict[str, dict[str, float]] = defaultdict(dict)
    owner: dict[str, str] = {}
    names = ["address", "event_type", "message", "second", "customer_key"]
    for address, kind, message, second, key in mails[names].itertuples(index=False):
        owner[address] = key
        happened[address][kind] = second
        if kind == "bounce_soft":
            soft[address][message] = second
    records = {row["address"]: row for row in known.to_dict("records")}
    candidates: dict[str, list[tuple]] = defaultdict(list)
    for address in {*owner, *records}:
        record = records.get(address, {})
        last = happened[address]
        consented, verified = record.get("consented"), record.get("verified")
        bounces = sum(at > last.get("delivered", 0) for at in soft[address].values())
        status = record.get("status")
        reason = None
        if status == "complained" or _after(last.get("complaint"), consented):
            reason = "complaint"
        elif status == "unsubscribed" or _after(last.get("unsubscribe"), consented):
            reason = "unsubscribe"
        elif status == "bounced" or _after(last.get("bounce_hard"), verified):
            reason = "hard_bounce"
        elif bounces >= SOFT_LIMIT:
            reason = "soft_bounces"
        spoke = max(record.get("updated", 0), last.get("unsubscribe", 0), last.get("complaint", 0))
        works = reason not in ("hard_bounce", "soft_bounces")
        key = record.get("customer_key") or owner.get(address)
        rank = (reason == "complaint", works, spoke, address)
        candidates[key].append((rank, bounces, reason))
    return {key: max(found, key=lambda c: c[0])[1:] for key, found in candidates.items()}


def _after(second: float | None, cleared: float | None) -> bool:
    """Whether something happened and nothing later took it back."""
    return second is not None and (cleared is None or pd.isna(cleared) or cleared <= second)


def _outcome(done: dict[str, float], is_sent: bool) -> str:
    """What became of a message, by what happened last; who reacted was reached."""
    if {"human", "machine", "click", "unsubscribe", "complaint"} & set(done):
        return "delivered"
    delivered = done.get("delivered", -1.0)
    if done.get("bounce_hard", -1.0) > delivered:
        return "bounced_hard"
    if done.get("bounce_soft", -1.0) > delivered:
        return "bounced_soft"
    if "delivered" in done:
        return "delivered"
    if "dropped" in done:
        return "dropped"
    return "delivered" if is_sent else "not_sent"
