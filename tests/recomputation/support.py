"""support_ticket: states from the events, minutes by calendar and by a walk through the hours."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pandas as pd

from tests.recomputation.facts import Facts, date_of, dates, instants

DONE = ("solved", "closed")
WAITS = {"requester_wait": ("new", "open", "on_hold"), "agent_wait": ("pending",)}
GOOD = 4
"""From this rating of 1 to 5 on the customer was content."""


class Hours:
    """When each schedule is open, as stretches of seconds since 1970."""

    def __init__(self, facts: Facts, first_day: int) -> None:
        self.facts = facts
        self.hours = facts.work("select * from plans.business_hours")
        self.holidays = facts.work(
            "select group_id, holiday_date - date '1970-01-01' as day from plans.holidays"
        )
        self.own = set(self.hours.group_id) | set(self.holidays.group_id)
        self.days = range(first_day - 1, facts.as_of + 2)
        self.stretches: dict[str, tuple[list[float], list[float]]] = {}

    def schedule(self, group: str | None) -> str:
        return group if group in self.own else "all"

    def minutes(self, schedule: str, start: float, end: float) -> float:
        """Open minutes from one instant to a later one."""
        if schedule not in self.stretches:
            self.stretches[schedule] = self._stretches(schedule)
        opens, closes = self.stretches[schedule]
        seconds = 0.0
        for place in range(bisect_right(closes, start), len(opens)):
            if opens[place] >= end:
                break
            seconds += min(closes[place], end) - max(opens[place], start)
        return seconds / 60

    def _stretches(self, schedule: str) -> tuple[list[float], list[float]]:
        own = self.hours[self.hours.group_id == schedule]
        weekly = own if len(own) else self.hours[self.hours.group_id == "all"]
        by_weekday: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for weekday, opens, closes in weekly[["day_of_week", "opens_at", "closes_at"]].itertuples(
            index=False
        ):
            by_weekday[weekday].append((opens, closes))
        closed = set(self.holidays.day[self.holidays.group_id.isin([schedule, "all"])])
        found: list[tuple[float, float]] = []
        for day in self.days:
            hours = () if day in closed else sorted(by_weekday[date_of(day).isoweekday()])
            for opens, closes in hours:
                start, end = self._instant(day, opens), self._instant(day, closes)
                if found and start <= found[-1][1]:
                    found[-1] = (found[-1][0], max(end, found[-1][1]))
                else:
                    found.append((start, end))
        return [start for start, _ in found], [end for _, end in found]

    def _instant(self, day: int, minute: int) -> float:
        """A minute after midnight of a day by the clock of the company."""
        later, minute = divmod(minute, 24 * 60)
        moment = datetime.combine(
            date_of(day) + timedelta(days=later), time(minute // 60, minute % 60), self.facts.zone
        )
        return moment.timestamp()


def end_of_day(facts: Facts) -> float:
    """The first instant after the as-of date."""
    return (
        datetime.combine(date_of(facts.as_of + 1), time(), facts.zone).astimezone(UTC).timestamp()
    )


def recompute(facts: Facts) -> pd.DataFrame:
    """support_ticket: a row a ticket created up to the as-of date."""
    table = tickets(facts).drop(columns=["created_day", "solved_day"])
    for column in table.columns:
        if column.endswith("_at"):
            table[column] = instants(table[column])
    return table


def tickets(facts: Facts) -> pd.DataFrame:
    """The same with instants in seconds, and days beside the dates."""
    return facts.keep("tickets", lambda: _tickets(facts))


def _tickets(facts: Facts) -> pd.DataFrame:
    tickets = facts.work(
        "select t.*, created_date - date '1970-01-01' as day, epoch(created_at) as created "
        "from staging.stg_support__tickets t"
    )
    tickets = tickets[tickets.day <= facts.as_of]
    events = _by_ticket(
        facts,
        "select ticket_id, field, old_value, new_value, epoch(occurred_at) as second, "
        "occurred_date - date '1970-01-01' as day from staging.stg_support__ticket_events "
        "order by occurred_at, ticket_event_id",
    )
    messages = _by_ticket(
        facts,
        "select ticket_id, epoch(created_at) as second, "
        "created_date - date '1970-01-01' as day from staging.stg_support__messages "
        "where author_type = 'agent' and is_public order by created_at",
    )
    ratings = _by_ticket(
        facts,
        "select ticket_id, score, offered_date - date '1970-01-01' as offered, "
        "coalesce(rated_date, offered_date) - date '1970-01-01' as day, "
        "epoch(coalesce(rated_at, offered_at)) as second "
        "from staging.stg_support__satisfaction_ratings order by second, rating_id",
    )
    types = facts.work("select topic, ticket_type from plans.ticket_types")
    of_topic = dict(types.itertuples(index=False))
    hours = Hours(facts, int(tickets.day.min()) if len(tickets) else facts.as_of)
    rows = [
        _ticket(facts, hours, ticket, of_topic, events, messages, ratings)
        for ticket in tickets.itertuples(index=False)
    ]
    table = pd.DataFrame(rows)
    for name in ("created", "solved"):
        table[f"{name}_day"] = table[f"{name}_date"]
        table[f"{name}_date"] = dates(table[f"{name}_date"])
    return table


def _by_ticket(facts: Facts, sql: str) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = defaultdict(list)
    table = facts.work(sql)
    for row in table.astype(object).where(table.notna(), None).itertuples(index=False):
        found[row.ticket_id].append(row)
    return found


def _state(facts: Facts, events: list[Any], field: str, last: Any) -> Any:
    """A field as it was at the end of the as-of date; `last` is what the ticket says today."""
    changes = [event for event in events if event.field == field]
    past = [event for event in changes if event.day <= facts.as_of]
    if past:
        return past[-1].new_value
    return changes[0].old_value if changes else _none(last)


def _none(value: Any) -> Any:
    return None if pd.isna(value) else value


def _ticket(
    facts: Facts,
    hours: Hours,
    ticket: Any,
    of_topic: dict[str, str],
    all_events: dict[str, list[Any]],
    messages: dict[str, list[Any]],
    ratings: dict[str, list[Any]],
) -> dict[str, Any]:
    events = all_events.get(ticket.ticket_id, [])
    status = _state(facts, events, "status", ticket.status)
    changes = [e for e in events if e.field == "status" and e.day <= facts.as_of]
    is_merged = not pd.isna(ticket.merged_into_ticket_id)
    solved = [e.second for e in changes if e.new_value == "solved"]
    ends = solved or [e.second for e in changes if e.new_value == "closed"]
    reopened = [e.second for e in changes if e.old_value in DONE and e.new_value not in DONE]
    replies = [
        m.second
        for m in messages.get(ticket.ticket_id, ())
        if m.second > ticket.created and m.day <= facts.as_of
    ]
    schedule = hours.schedule(_state(facts, events, "group", ticket.group_id))
    row = {
        "ticket_id": ticket.ticket_id,
        "customer_key": facts.customer_of.get(("support", ticket.requester_id_hash)),
        "store_id": ticket.store_id,
        "related_receipt_id": ticket.related_receipt_id,
        "channel": ticket.channel,
        "ticket_type": of_topic.get(ticket.topic) if pd.isna(ticket.type) else ticket.type,
        "topic": ticket.topic,
        "priority": _state(facts, events, "priority", ticket.priority),
        "status": status,
        "created_at": ticket.created,
        "created_date": ticket.day,
        "schedule_id": schedule,
        "first_reply_at": replies[0] if replies else None,
        "first_solved_at": ends[0] if ends else None,
        "last_solved_at": ends[-1] if ends else None,
        "solved_date": facts.local_day(ends[-1]) if ends else None,
        "solve_count": len(solved),
        "reopens": max(len(solved) - 1, 0),
        "replies": len(replies),
        "is_one_touch": status in DONE and len(replies) == 1 and not is_merged,
        "is_solved": status in DONE,
        "is_merged": is_merged,
        **_csat(facts, ticket, events, ratings.get(ticket.ticket_id, [])),
    }
    for name, until in (
        ("first_reply", row["first_reply_at"]),
        ("first_resolution", row["first_solved_at"]),
        ("full_resolution", row["last_solved_at"]),
    ):
        known = until is not None and not is_merged
        row[f"{name}_min_calendar"] = (until - ticket.created) / 60 if known else None
        row[f"{name}_min_business"] = (
            hours.minutes(schedule, ticket.created, until) if known else None
        )
    since = [second for second in replies if reopened and second > reopened[-1]]
    row["first_reply_min_since_reopen"] = (
        (since[0] - reopened[-1]) / 60 if since and not is_merged else None
    )
    spells = _spells(facts, ticket, changes, status)
    is_told = not is_merged and (bool(changes) or status not in DONE)
    for name, statuses in WAITS.items():
        waits = [(start, end) for state, start, end in spells if state in statuses]
        row[f"{name}_min_calendar"] = sum(e - s for s, e in waits) / 60 if is_told else None
        row[f"{name}_min_business"] = (
            sum(hours.minutes(schedule, s, e) for s, e in waits) if is_told else None
        )
    return row


def _spells(facts: Facts, ticket: Any, changes: list[Any], status: str) -> list[tuple]:
    """(status, from, to) from the creation to the end of the as-of date."""
    states = [(changes[0].old_value or "new") if changes else status]
    edges = [ticket.created]
    for change in changes:
        states.append(change.new_value)
        edges.append(max(change.second, edges[-1]))
    edges.append(max(end_of_day(facts), edges[-1]))
    return list(zip(states, edges[:-1], edges[1:], strict=True))


def _csat(facts: Facts, ticket: Any, events: list[Any], ratings: list[Any]) -> dict[str, Any]:
    """The last rating given, and whose ticket it was at that moment."""
    given = [r for r in ratings if r.score is not None and r.day <= facts.as_of]
    found: dict[str, Any] = {"is_csat_offered": any(r.offered <= facts.as_of for r in ratings)}
    if not given:
        return found
    last = given[-1]
    moves = [event for event in events if event.field == "assignee"]
    before = [event for event in moves if event.second <= last.second]
    if before:
        assignee = before[-1].new_value
    else:
        assignee = moves[0].old_value if moves else _none(ticket.assignee_id)
    return found | {
        "csat_score": last.score,
        "is_csat_good": last.score >= GOOD,
        "csat_assignee_id": assignee,
    }
