"""E-mail: who reads and may be written to, and what became of campaigns."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pandas as pd

from tests.recomputation.facts import Facts, dates, instants

SOFT_LIMIT = 3
SENT = ("delivered", "bounce_hard", "bounce_soft")
DAYS_TO_JUDGE = 5
OUTCOMES = ("delivered", "bounced_hard", "bounced_soft", "dropped", "not_sent")
"""Of several addresses of a person the first of these counts."""
TELLS_OPENS = ("email",)
TELLS_CLICKS = ("email", "line", "sms")
LESS_IS_BETTER = ("hard_bounce_rate", "soft_bounce_rate", "unsub_rate", "complaint_rate")
OTHER_NAMES = {
    "email_human_open_rate": "open_rate_human",
    "open_rate": "open_rate_human",
    "email_click_rate": "click_rate",
    "ctr": "click_rate",
    "ctor": "click_to_open_rate",
    "email_hard_bounce_rate": "hard_bounce_rate",
    "email_unsubscribe_rate": "unsub_rate",
    "unsubscribe_rate": "unsub_rate",
}
RATES = {
    "delivery_rate": ("delivered", "sent"),
    "open_rate_human": ("unique_human_open", "delivered"),
    "open_rate_all": ("opened", "delivered"),
    "machine_only_share": ("unique_machine_only_open", "opened"),
    "click_rate": ("unique_click", "delivered"),
    "click_to_open_rate": ("unique_click", "unique_human_open"),
    "hard_bounce_rate": ("bounced_hard", "sent"),
    "soft_bounce_rate": ("bounced_soft", "sent"),
    "unsub_rate": ("unsub", "delivered"),
    "complaint_rate": ("complaint", "delivered"),
}


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


# ---- campaigns


def campaigns(facts: Facts) -> pd.DataFrame:
    """campaign_performance: a row a campaign and variant, and one a campaign."""
    listed = facts.work(
        "select campaign_id, name as campaign_name, channel, epoch(sent_at) as sent, "
        "success_metric, cast(success_threshold as double) as success_threshold, "
        "cast(cost as double) as cost, epoch(success_registered_at) as registered "
        "from staging.stg_email__campaigns"
    )
    contacts = facts.work(
        "select campaign_id, subscriber_id_hash, member_id_hash, variant, is_holdout, "
        "epoch(sent_at) as sent, sent_date - date '1970-01-01' as day "
        "from staging.stg_email__contacts"
    )
    mails = events(facts)
    mails = mails[mails.campaign_id.notna()]
    sends: dict[str, list[float]] = defaultdict(list)
    for table, column in ((listed, "sent"), (contacts, "sent")):
        for campaign, second in table[["campaign_id", column]].itertuples(index=False):
            if not pd.isna(second) and facts.local_day(second) <= facts.as_of:
                sends[campaign].append(second)
    unlisted = mails[~mails.campaign_id.isin(listed.campaign_id)]
    for campaign, second in unlisted[["campaign_id", "second"]].itertuples(index=False):
        sends[campaign].append(second)
    people = _people(facts, contacts, mails)
    by_id = {row["campaign_id"]: row for row in listed.to_dict("records")}
    rows = []
    for campaign in sorted(sends):
        rule = by_id.get(campaign, {"campaign_id": campaign, "channel": "email"})
        for variant, reached in people[campaign].items():
            rows.append(_campaign(facts, rule, sends[campaign], variant, reached))
    table = pd.DataFrame(rows)
    for column in ("first_sent_at", "registered_at"):
        table[column] = instants(table[column])
    return table.assign(sent_date=dates(table.sent_date))


Reached = dict[str, dict[str, Any]]
"""Of each person the best outcome and what they did."""


def _people(
    facts: Facts, contacts: pd.DataFrame, mails: pd.DataFrame
) -> dict[str, dict[str, Reached]]:
    happened: dict[tuple[str, str], dict[str, float]] = defaultdict(dict)
    for mail in mails.itertuples(index=False):
        of = happened[mail.campaign_id, mail.address]
        if mail.event_type not in ("open", "click"):
            of[mail.event_type] = mail.second
        for name in ("human", "machine", "click"):
            if getattr(mail, name):
                of[name] = mail.second
    found: dict[str, dict[str, Reached]] = defaultdict(lambda: defaultdict(dict))
    listed = set()
    for row in contacts.to_dict("records"):
        campaign, address = row["campaign_id"], row["subscriber_id_hash"]
        if address is None or pd.isna(address):
            key, source = facts.customer_of.get(("pos", row["member_id_hash"])), "pos"
            address = row["member_id_hash"]
            done: dict[str, float] = {}
        else:
            key, source = facts.customer_of.get(("email", address)), "email"
            done = happened.get((campaign, address), {})
            listed.add((campaign, address))
        is_sent = not pd.isna(row["day"]) and row["day"] <= facts.as_of
        variant = None if pd.isna(row["variant"]) or row["variant"] == "all" else row["variant"]
        _note(
            facts,
            found[campaign],
            key or f"{source}:{address}",
            variant,
            bool(row["is_holdout"]),
            _outcome(done, is_sent),
            done,
        )
    for (campaign, address), done in happened.items():
        if (campaign, address) not in listed:
            key = facts.customer_of.get(("email", address)) or f"email:{address}"
            _note(facts, found[campaign], key, None, False, _outcome(done, False), done)
    return found


def _note(
    facts: Facts,
    campaign: dict[str, Reached],
    person: str,
    variant: str | None,
    is_holdout: bool,
    outcome: str,
    done: dict[str, float],
) -> None:
    if person in facts.internal:
        return
    if is_holdout:
        outcome, done = "not_sent", {}
    for name in ("all", variant):
        if name is None:
            continue
        of = campaign[name].setdefault(
            person, {"outcome": "not_sent", "is_holdout": True, "done": set()}
        )
        of["outcome"] = min(of["outcome"], outcome, key=OUTCOMES.index)
        of["is_holdout"] &= is_holdout
        of["done"] |= set(done)


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


def _campaign(
    facts: Facts, rule: dict[str, Any], sends: list[float], variant: str, people: Reached
) -> dict[str, Any]:
    channel = rule["channel"]
    counts: dict[str, Any] = {
        outcome: sum(of["outcome"] == outcome and not of["is_holdout"] for of in people.values())
        for outcome in OUTCOMES
    }
    reached = [of["done"] for of in people.values() if of["outcome"] == "delivered"]
    counts["audience"] = len(people)
    counts["holdout"] = sum(of["is_holdout"] for of in people.values())
    counts["sent"] = counts["delivered"] + counts["bounced_hard"] + counts["bounced_soft"]
    human = sum("human" in done for done in reached)
    machine = sum("machine" in done and "human" not in done for done in reached)
    tells_opens, tells_clicks = channel in TELLS_OPENS, channel in TELLS_CLICKS
    counts["unique_human_open"] = human if tells_opens else None
    counts["unique_machine_only_open"] = machine if tells_opens else None
    counts["opened"] = human + machine if tells_opens else None
    for column, name in (("unique_click", "click"), ("unsub", "unsubscribe"), ("complaint",) * 2):
        counts[column] = sum(name in done for done in reached) if tells_clicks else None
    for rate, (above, below) in RATES.items():
        a, b = counts[above], counts[below]
        least = facts.metrics.min_human_openers if rate == "click_to_open_rate" else 1
        counts[rate] = None if a is None or b is None or b < least else a / b
    first = min(sends)
    row = {
        "campaign_id": rule["campaign_id"],
        "variant": variant,
        "campaign_name": rule.get("campaign_name"),
        "channel": channel,
        "first_sent_at": first,
        "sent_date": facts.local_day(first),
        **{name: counts[name] for name in counts if name not in ("not_sent", "opened")},
        "cost": rule.get("cost") if variant == "all" else None,
        "success_metric": rule.get("success_metric"),
        "success_threshold": rule.get("success_threshold"),
        "registered_at": rule.get("registered"),
    }
    return row | _verdict(facts, row, facts.local_day(max(sends)))


def _verdict(facts: Facts, row: dict[str, Any], last_day: int) -> dict[str, Any]:
    """Success by the rule that was set beforehand, and why it is not known."""
    found: dict[str, Any] = {"registered_before_send": None, "success_value": None}
    metric, least = row["success_metric"], row["success_threshold"]
    if metric is None or pd.isna(metric) or least is None or pd.isna(least):
        return found | {"met_target": None, "verdict": "no_rule"}
    registered = row["registered_at"]
    before = registered is not None and not pd.isna(registered)
    before = bool(before and registered < row["first_sent_at"])
    name = OTHER_NAMES.get(metric, metric)
    value = row.get(name) if name in RATES else None
    found |= {"registered_before_send": before, "success_value": value}
    if not before:
        return found | {"met_target": None, "verdict": "not_registered_before_send"}
    if name not in RATES:
        return found | {"met_target": None, "verdict": "unknown_metric"}
    if facts.as_of - last_day < DAYS_TO_JUDGE:
        return found | {"met_target": None, "verdict": "too_early"}
    if value is None:
        return found | {"met_target": None, "verdict": "not_measurable"}
    met = round(value, 9) <= least if name in LESS_IS_BETTER else round(value, 9) >= least
    return found | {"met_target": met, "verdict": "met" if met else "missed"}
