"""Conversations with the bot, their days, LINE friends, and what tickets are about by month."""

from __future__ import annotations

from collections import defaultdict
from statistics import median
from typing import Any

import pandas as pd

from tests.recomputation import support
from tests.recomputation.facts import (
    Facts,
    dates,
    instants,
    month_end,
    month_of,
    month_start,
)
from tests.recomputation.kpis import first_day

BOT_CHANNELS = ("line", "chat")
DAY = 86_400
ALL = "all"
Group = tuple[int, str, str]
"""Month, topic, channel."""


def _messages(facts: Facts) -> dict[str, list[Any]]:
    """Messages of each ticket in order, up to the as-of date."""
    table = facts.work(
        "select message_id, ticket_id, author_type, author_id, is_public, intent, "
        "epoch(created_at) as second, created_date - date '1970-01-01' as day "
        "from staging.stg_support__messages order by created_at, message_id"
    )
    table = table[table.day <= facts.as_of]
    found: dict[str, list[Any]] = defaultdict(list)
    for row in table.astype(object).where(table.notna(), None).itertuples(index=False):
        found[row.ticket_id].append(row)
    return found


def _events(facts: Facts) -> dict[str, list[Any]]:
    """Changes of each ticket in order, up to the as-of date."""
    table = facts.work(
        "select ticket_id, field, old_value, new_value, actor_type, epoch(occurred_at) as second, "
        "occurred_date - date '1970-01-01' as day from staging.stg_support__ticket_events "
        "order by occurred_at, ticket_event_id"
    )
    table = table[table.day <= facts.as_of]
    found: dict[str, list[Any]] = defaultdict(list)
    for row in table.astype(object).where(table.notna(), None).itertuples(index=False):
        found[row.ticket_id].append(row)
    return found


def _is_conversation(channel: str, written: list[Any], changes: list[Any]) -> bool:
    """The bot was the first to answer; outside of the chats it did more than acknowledge."""
    public = [message for message in written if message.is_public]
    bot = next((m.second for m in public if m.author_type == "bot"), None)
    human = next((m.second for m in public if m.author_type == "agent"), None)
    if bot is None or (human is not None and human <= bot):
        return False
    by_bot = [m for m in public if human is None or m.second < human]
    wrote_back = [m.second for m in by_bot if m.author_type == "customer" and m.second > bot]
    answered_again = any(
        m.author_type == "bot" and m.second > second for m in by_bot for second in wrote_back
    )
    solved = any(
        (change.field, change.new_value, change.actor_type) == ("status", "solved", "bot")
        for change in changes
    )
    return channel in BOT_CHANNELS or answered_again or solved


def _talks(facts: Facts) -> dict[str, dict[str, Any]]:
    """Each conversation by its ticket; instants in seconds."""
    return facts.keep("talks", lambda: _find_talks(facts))


def _find_talks(facts: Facts) -> dict[str, dict[str, Any]]:
    messages, events = _messages(facts), _events(facts)
    found = {}
    for ticket in support.tickets(facts).to_dict("records"):
        written, changes = messages[ticket["ticket_id"]], events[ticket["ticket_id"]]
        if not ticket["is_merged"] and _is_conversation(ticket["channel"], written, changes):
            found[ticket["ticket_id"]] = _talk(facts, ticket, written, changes)
    return found


def _talk(
    facts: Facts, ticket: dict[str, Any], written: list[Any], changes: list[Any]
) -> dict[str, Any]:
    public = [message for message in written if message.is_public]
    bot = [m.second for m in public if m.author_type == "bot"]
    human = [m.second for m in public if m.author_type == "agent"]
    signs = [max(m.second, bot[0]) for m in written if m.author_type == "agent"]
    signs += [
        c.second
        for c in changes
        if c.field == "group"
        and c.second >= bot[0]
        and c.new_value is not None
        and c.new_value != c.old_value
    ]
    handed = min(signs, default=None)
    statuses = [c for c in changes if c.field == "status"]
    solved = next((c.second for c in statuses if c.new_value in support.DONE), None)
    came_back = any(
        c.old_value == "solved" and c.new_value not in support.DONE for c in statuses
    ) and (solved is None or handed is None or solved < handed)
    is_resolved = bool(ticket["is_solved"])
    last, ended = public[-1].second, ticket["last_solved_at"]
    return {
        "ticket_id": ticket["ticket_id"],
        "customer_key": ticket["customer_key"],
        "channel": ticket["channel"],
        "topic": ticket["topic"],
        "first_intent": next((m.intent for m in public if m.intent is not None), None),
        "started_at": public[0].second,
        "started_date": facts.local_day(public[0].second),
        "last_message_at": last,
        "ended_at": max(last, last if pd.isna(ended) else ended) if is_resolved else None,
        "bot_messages": len(bot),
        "customer_messages": sum(m.author_type == "customer" for m in public),
        "human_messages": len(human),
        "human_notes": sum(m.author_type == "agent" and not m.is_public for m in written),
        "is_resolved": is_resolved,
        "is_contained": is_resolved and handed is None,
        "is_handed_off": handed is not None,
        "handed_off_at": handed,
        "seconds_to_handoff": None if handed is None else int(handed - public[0].second),
        "seconds_to_human_answer": int(human[0] - handed) if human and handed else None,
        "is_reopened_after_bot": came_back,
        "csat_score": ticket.get("csat_score"),
        "is_csat_good": ticket.get("is_csat_good"),
    }


def messages(facts: Facts) -> pd.DataFrame:
    """fct_chat_message: a row a message of a conversation."""
    talks, rows = _talks(facts), []
    for ticket, written in _messages(facts).items():
        if ticket not in talks:
            continue
        for place, message in enumerate(written):
            before = written[place - 1].second if place else None
            rows.append(
                {
                    "message_id": message.message_id,
                    "ticket_id": ticket,
                    "customer_key": talks[ticket]["customer_key"],
                    "author_type": message.author_type,
                    "agent_id": message.author_id if message.author_type == "agent" else None,
                    "is_public": message.is_public,
                    "intent": message.intent,
                    "created_at": message.second,
                    "created_date": message.day,
                    "message_no": place + 1,
                    "seconds_since_previous": int(message.second - before) if place else None,
                }
            )
    table = pd.DataFrame(rows)
    table["created_at"] = instants(table.created_at)
    table["created_date"] = dates(table.created_date)
    return table


def conversations(facts: Facts) -> pd.DataFrame:
    """chatbot_conversation: a row a conversation."""
    table = _conversations(facts).copy()
    table["started_date"] = dates(table.started_date)
    for column in ("started_at", "last_message_at", "ended_at", "handed_off_at"):
        table[column] = instants(table[column])
    return table


def _conversations(facts: Facts) -> pd.DataFrame:
    """The same with instants in seconds and days as numbers."""
    return facts.keep("conversations", lambda: _judge(facts))


def _judge(facts: Facts) -> pd.DataFrame:
    """With what became of the people: leads, and orders in the days after."""
    days = facts.metrics.chat_purchase_days
    tickets = support.tickets(facts)
    own = tickets[~tickets.is_merged & tickets.customer_key.notna()]
    own = own.sort_values(["created_at", "ticket_id"])
    first_tickets = dict(own.drop_duplicates("customer_key")[["customer_key", "ticket_id"]].values)
    joined = facts.customers.set_index("customer_key").member_since.to_dict()
    orders: dict[str, list[tuple[float, int]]] = defaultdict(list)
    names = ["customer_key", "closed", "net_sales_order_dated"]
    for key, closed, cents in facts.orders[names].itertuples(index=False):
        orders[key].append((closed, cents))
    talks: dict[str, list[dict[str, Any]]] = defaultdict(list)
    rows = [dict(talk) for talk in _talks(facts).values()]
    for row in rows:
        key, start = row["customer_key"], row["started_at"]
        is_person = key in joined
        since = joined.get(key)
        row["lead_created"] = (
            is_person
            and first_tickets[key] == row["ticket_id"]
            and not any(closed < start for closed, _ in orders[key])
            and (pd.isna(since) or since >= row["started_date"])
        )
        row["window_days"] = days
        row["is_complete"] = row["started_date"] + days <= facts.as_of
        row["purchase_within_7d"] = row["net_sales_within_7d"] = None
        if is_person:
            talks[key].append(row)
    for key, of in talks.items():
        of.sort(key=lambda row: (row["started_at"], row["ticket_id"]))
        sales: dict[str, int] = defaultdict(int)
        followed = set()
        for closed, cents in orders[key]:
            before = [r for r in of if 0 < closed - r["started_at"] < days * DAY + 1]
            followed |= {r["ticket_id"] for r in before}
            if before:
                sales[before[-1]["ticket_id"]] += cents
        for row in of:
            if row["is_complete"]:
                row["purchase_within_7d"] = row["ticket_id"] in followed
                row["net_sales_within_7d"] = sales[row["ticket_id"]] / 100
    return pd.DataFrame(rows)


def daily(facts: Facts) -> pd.DataFrame:
    """chatbot_daily: a row a date and channel, and one a date for all."""
    talks = _conversations(facts).to_dict("records")
    friends = _Friends(facts)
    begin = first_day(facts)
    by_day: dict[tuple[int, str], list[dict[str, Any]]] = defaultdict(list)
    for talk in talks:
        for channel in (talk["channel"], ALL):
            by_day[max(talk["started_date"], begin), channel].append(talk)
    channels = {talk["channel"] for talk in talks} | ({"line"} if friends.acts else set())
    channels |= {ALL} if channels else set()
    rows = []
    for day in range(begin, facts.as_of + 1):
        of_friends = friends.at_end_of(day)
        for channel in sorted(channels):
            row = {"date_key": day, "channel": channel}
            row |= _day_of(facts, day, by_day[day, channel])
            row |= of_friends if channel in ("line", ALL) else dict.fromkeys(of_friends)
            rows.append(row)
    table = pd.DataFrame(rows)
    return table.assign(date_key=dates(table.date_key))


def _day_of(facts: Facts, day: int, of: list[dict[str, Any]]) -> dict[str, Any]:
    is_complete = day + facts.metrics.chat_purchase_days <= facts.as_of
    contained = sum(talk["is_contained"] for talk in of)
    handed = sum(talk["is_handed_off"] for talk in of)
    leads = sum(talk["lead_created"] for talk in of)
    known = [talk["purchase_within_7d"] for talk in of if talk["purchase_within_7d"] is not None]
    return {
        "conversations": len(of),
        "contained": contained,
        "handed_off": handed,
        "still_with_bot": len(of) - contained - handed,
        "unresolved": sum(not talk["is_resolved"] for talk in of),
        "decided_conversations": contained + handed,
        "containment_rate": _rate(contained, contained + handed),
        "handoff_rate": _rate(handed, contained + handed),
        "leads": leads,
        "lead_rate": _rate(leads, len(of)),
        "followed_conversations": len(known) if is_complete else None,
        "purchases_within_7d": sum(known) if is_complete else None,
        "conversion_rate": _rate(sum(known), len(known)) if is_complete else None,
        "is_complete": is_complete,
    }


def _rate(above: float, below: float) -> float | None:
    return above / below if below else None


class _Friends:
    """Who follows and who blocks the LINE account, followed day by day."""

    def __init__(self, facts: Facts) -> None:
        table = facts.work(
            "select line_user_id_hash as account, action, "
            "occurred_date - date '1970-01-01' as day from staging.stg_support__chat_links "
            "where action <> 'link_account' order by occurred_at, link_id"
        )
        table = table[table.day <= facts.as_of]
        self.acts = list(table[["day", "account", "action"]].itertuples(index=False, name=None))
        self.place = 0
        self.blocked: dict[str, bool] = {}

    def at_end_of(self, day: int) -> dict[str, int | None]:
        """Of a day that comes after the last one asked for."""
        new = {"new_followers": 0, "new_blocks": 0, "unblocks": 0}
        while self.place < len(self.acts) and self.acts[self.place][0] <= day:
            on, account, action = self.acts[self.place]
            if on == day:
                was = self.blocked.get(account)
                new["new_followers"] += was is None
                new["new_blocks"] += action == "block" and not was
                new["unblocks"] += action == "follow" and was is True
            self.blocked[account] = action == "block"
            self.place += 1
        blocks = sum(self.blocked.values())
        found = {
            "followers": len(self.blocked),
            "blocks": blocks,
            "reachable": len(self.blocked) - blocks,
        }
        return (found | new) if self.acts else dict.fromkeys(found | new)


def topics(facts: Facts) -> pd.DataFrame:
    """support_topic: a row a month, topic and channel, with all for sums."""
    tickets = support.tickets(facts)
    first = int(tickets.created_day.min())
    groups: dict[Group, list[dict[str, Any]]] = defaultdict(list)
    for ticket in tickets[~tickets.is_merged].to_dict("records"):
        topic = ticket["topic"]
        topic = "unknown" if pd.isna(topic) or topic == ALL else topic
        month = month_of(ticket["created_day"])
        for of_topic in (topic, ALL):
            for channel in (ticket["channel"], ALL):
                groups[month, of_topic, channel].append(ticket)
    sold = facts.receipts[facts.receipts.receipt_type == "sale"]
    receipts = sold.day.map(month_of).value_counts().to_dict()
    begins: dict[tuple[str, str], int] = {}
    for month, topic, channel in groups:
        begins[topic, channel] = min(month, begins.get((topic, channel), month))
    rows = []
    for (topic, channel), begin in begins.items():
        for month in range(begin, month_of(facts.as_of) + 1):
            of = groups.get((month, topic, channel), [])
            whole = len(groups.get((month, ALL, channel), []))
            before = len(groups.get((month - 1, topic, channel), []))
            is_over = month_end(month) <= facts.as_of
            row = {"month_start": month_start(month), "topic": topic, "channel": channel}
            row |= _month_of(facts, of, whole, receipts.get(month, 0))
            is_known = is_over and first <= month_start(month - 1)
            row["tickets_month_before"] = before if is_known else None
            row["tickets_change"] = len(of) - before if is_known else None
            row["tickets_change_rate"] = _rate(len(of) - before, before) if is_known else None
            row["is_complete"] = is_over and first <= month_start(month)
            rows.append(row)
    table = pd.DataFrame(rows)
    return table.assign(month_start=dates(table.month_start))


def _month_of(facts: Facts, of: list[dict[str, Any]], whole: int, receipts: int) -> dict[str, Any]:
    talks = _talks(facts)
    ever = [t for t in of if t["is_solved"] or not pd.isna(t["first_solved_at"])]
    again = [t for t in ever if t["solve_count"] > 1 or not t["is_solved"]]
    now = [t for t in of if t["is_solved"]]
    one_touch = [t for t in now if t["replies"] == 1]
    rated = [t["csat_score"] for t in of if not pd.isna(t.get("csat_score"))]
    good = sum(score >= support.GOOD for score in rated)
    alone = sum(talks[t["ticket_id"]]["is_contained"] for t in of if t["ticket_id"] in talks)
    row = {
        "tickets": len(of),
        "tickets_of_channel": whole,
        "ticket_share": _rate(len(of), whole),
        "self_served": alone,
        "self_served_share": _rate(alone, len(of)),
        "complaints": sum(t["ticket_type"] == "complaint" for t in of),
        "solved_tickets": len(ever),
        "reopened_tickets": len(again),
        "reopen_rate": _rate(len(again), len(ever)),
        "resolved_tickets": len(now),
        "one_touch_tickets": len(one_touch),
        "one_touch_rate": _rate(len(one_touch), len(now)),
        "replied_tickets": sum(t["replies"] > 0 for t in of),
        "good_ratings": good,
        "rated_tickets": len(rated),
        "csat": _rate(good, len(rated)),
        "receipts": receipts,
        "tickets_per_1000_receipts": _rate(1000 * len(of), receipts),
    }
    for name in ("first_reply_min", "full_resolution_min"):
        for clock in ("calendar", "business"):
            times = [t[f"{name}_{clock}"] for t in of if not pd.isna(t[f"{name}_{clock}"])]
            row[f"median_{name}_{clock}"] = median(times) if times else None
    return row
