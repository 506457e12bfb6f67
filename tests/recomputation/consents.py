"""Consents, and on which channel marketing may write to whom."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pandas as pd

from tests.recomputation import mail
from tests.recomputation.facts import Facts, instants

CHANNELS = ("email", "line", "dm")


def acts(facts: Facts) -> list[tuple[str, str, str, float, bool, str | None, str | None]]:
    """(customer, purpose, channel, second, is granted, source, wording)."""
    return facts.keep("consent_acts", lambda: list(_acts(facts)))


def _acts(facts: Facts) -> Any:
    given = facts.work(
        "select subscriber_id_hash as address, purpose, channel, epoch(occurred_at) as second, "
        "action = 'granted' as granted, source, wording_version "
        "from staging.stg_email__consents"
    )
    subscribed = facts.work(
        f"select subscriber_id_hash as address, '{facts.metrics.marketing_purpose}' as purpose, "
        "'email' as channel, epoch(consented_at) as second, true as granted, "
        "consent_source as source, cast(null as varchar) as wording_version "
        "from staging.stg_email__subscribers where consented_at is not null"
    )
    for table in (given, subscribed):
        for row in table.astype(object).where(table.notna(), None).itertuples(index=False):
            key = facts.customer_of.get(("email", row.address))
            if key is not None and facts.local_day(row.second) <= facts.as_of:
                yield key, *row[1:]


def status(facts: Facts) -> pd.DataFrame:
    """consent_status: the last act a customer, purpose and channel; of two the withdrawal."""
    last: dict[tuple[str, str, str], tuple] = {}
    for key, purpose, channel, second, granted, source, wording in acts(facts):
        # Of a grant that two records tell of, the ledger's knows the wording.
        rank = (second, not granted, wording is not None)
        if rank > last.get((key, purpose, channel), ((-1.0, False, False),))[0]:
            last[key, purpose, channel] = (rank, granted, second, source, wording)
    rows = [(*name, *found[1:]) for name, found in last.items()]
    names = ["customer_key", "purpose", "channel", "is_granted", "changed_at"]
    table = pd.DataFrame(rows, columns=[*names, "consent_source", "wording_version"])
    return table.assign(changed_at=instants(table.changed_at))


def granted(facts: Facts) -> dict[tuple[str, str], bool]:
    """Whether marketing may write, by customer and channel, where there was any act."""
    table = status(facts)
    table = table[table.purpose == facts.metrics.marketing_purpose]
    columns = ["customer_key", "channel", "is_granted"]
    return {(k, c): bool(g) for k, c, g in table[columns].itertuples(index=False)}


def line_friends(facts: Facts) -> dict[str, bool]:
    """Customers with a LINE account, and whether one of them follows and does not block."""
    links = facts.work(
        "select line_user_id_hash as account, action, member_id_hash, "
        "occurred_date - date '1970-01-01' as day from staging.stg_support__chat_links "
        "order by occurred_at, link_id"
    )
    owners: dict[str, set[str]] = defaultdict(set)
    state: dict[str, str] = {}
    for row in links[links.day <= facts.as_of].itertuples(index=False):
        if row.action in ("follow", "block"):
            state[row.account] = row.action
        elif not pd.isna(row.member_id_hash):
            owners[row.account].add(facts.customer_of.get(("pos", row.member_id_hash), ""))
    for system, table, column in (
        ("pos", "stg_pos__members", "member_id_hash"),
        ("support", "stg_support__requesters", "requester_id_hash"),
    ):
        known = facts.work(
            f"select line_user_id_hash, {column} from staging.{table} "
            "where line_user_id_hash is not null"
        )
        for account, source_id in known.itertuples(index=False):
            owners[account].add(facts.customer_of.get((system, source_id), ""))
    friends: dict[str, bool] = {}
    for account, keys in owners.items():
        for key in keys - {""}:
            if account in state:
                friends[key] = friends.get(key, False) or state[account] == "follow"
    return friends


def with_address(facts: Facts) -> set[str]:
    """Customers with a postal address of a membership that goes on."""
    members = facts.work(
        "select member_id_hash, left_date - date '1970-01-01' as left_day "
        "from staging.stg_pos__members where address_hash is not null"
    )
    goes_on = members[~(members.left_day <= facts.as_of)]
    found = {facts.customer_of.get(("pos", member)) for member in goes_on.member_id_hash}
    return {key for key in found if key is not None}


def reasons(facts: Facts) -> dict[str, dict[str, list[str]]]:
    """By channel and customer why marketing may not write, in order of precedence."""
    return facts.keep("reasons", lambda: _reasons(facts))


def _reasons(facts: Facts) -> dict[str, dict[str, list[str]]]:
    may, friends, address = granted(facts), line_friends(facts), with_address(facts)
    words = {"unsubscribed": "unsubscribed", "complained": "complained", "bounced": "hard_bounce"}
    mails = mail.statuses(mail.subscriptions(facts))
    found: dict[str, dict[str, list[str]]] = {channel: {} for channel in CHANNELS}
    for key in facts.customers.customer_key:
        email = [] if may.get((key, "email")) else ["no_consent"]
        if key not in mails:
            email.append("no_address")
        elif mails[key] in words:
            email.append(words[mails[key]])
        line = ["no_consent"] if may.get((key, "line")) is False else []
        if key not in friends:
            line.append("no_address")
        elif not friends[key]:
            line.append("unsubscribed")
        post = [] if may.get((key, "dm")) else ["no_consent"]
        if key not in address:
            post.append("no_address")
        found["email"][key], found["line"][key], found["dm"][key] = email, line, post
    return found


def known_channels(facts: Facts) -> set[str]:
    """Channels of which anything is known at all."""
    known = {"dm"} if any(act[2] == "dm" for act in acts(facts)) else set()
    known |= {"email"} if len(mail.subscriptions(facts)) else set()
    return known | ({"line"} if line_friends(facts) else set())
