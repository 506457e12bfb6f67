"""Support: how fast we answer, what people ask about, if they are content, what the bot does."""

from __future__ import annotations

from datetime import timedelta

import streamlit as st

from dashboard.parts import ALL, choose, figure, section, switch
from dashboard.tables import Column, table
from dashboard.view import View

_TOPICS = """
select topic, tickets, ticket_share, complaints, tickets_change, tickets_per_1000_receipts,
    median_first_reply_min_calendar as first_reply,
    median_full_resolution_min_calendar as resolution, one_touch_rate, reopen_rate, csat,
    self_served_share
from marts.support_topic
where channel = $channel and month_start = $month::date
order by topic <> 'all', tickets desc, topic
"""
_NPS = """
select survey_id, wave, n, response_rate, promoters, passives, detractors, nps, se
from marts.survey_nps where segment_type = 'all' order by survey_id, wave desc limit 40
"""
NPS_SEGMENTS = """
select segment, survey_id, wave, n, promoters, passives, detractors, nps, se from marts.survey_nps
where segment_type = $type and (survey_id, wave) in (
    select (survey_id, max(wave)) from marts.survey_nps where segment_type = 'all'
    group by survey_id)
order by survey_id, nps desc nulls last, segment
"""
_BOT = """
select channel, sum(conversations) as conversations, sum(contained) as contained,
    sum(handed_off) as handed_off, sum(contained) / nullif(sum(decided_conversations), 0) as share,
    sum(leads) as leads, sum(purchases_within_7d) filter (is_complete) as purchases,
    max_by(reachable, date_key) as reachable
from marts.chatbot_daily where date_key > $since group by channel
order by channel <> 'all', channel
"""
_INTENTS = """
select first_intent, topic, count(*) as conversations,
    count(*) filter (is_contained) / nullif(count(*) filter (is_contained or is_handed_off), 0)
        as share,
    count(*) filter (is_reopened_after_bot) as reopened
from marts.chatbot_conversation where started_date > $since
group by first_intent, topic order by conversations desc, first_intent, topic limit 30
"""
_OPEN = """
select ticket_type, channel, status, priority, count(*) as tickets, min(created_at) as oldest
from marts.support_ticket where not is_solved and not is_merged
group by all order by tickets desc, oldest limit 40
"""


def show(view: View) -> None:
    """Draw the page."""
    parts = {"requests": _requests, "topics": _topics, "nps": _nps, "bot": _bot}
    parts[switch(view, "Part", list(parts), "part")](view)


def _requests(view: View) -> None:
    figure(view, "support_times")
    section(view, "Not solved yet", view.rows(_OPEN), (
        Column("ticket_type", "Kind", "code"),
        Column("channel", "Channel", "code"),
        Column("status", "Status", "status"),
        Column("priority", "Priority", "code"),
        Column("tickets", "Requests", "count"),
        Column("oldest", "Oldest", "instant"),
    ))  # fmt: skip


def _topics(view: View) -> None:
    months = [
        f"{row['month_start']:%Y-%m-%d}"
        for row in view.rows(
            "select distinct month_start from marts.support_topic order by 1 desc limit 36"
        )
    ]
    if not months:
        table(view, [], ())
        return
    left, right = st.columns(2)
    with left:
        month = choose(view, "Month", months, "month", {day: day[:7] for day in months})
    with right:
        rows = view.rows("select distinct channel from marts.support_topic order by 1")
        channel = choose(
            view, "Channel", [ALL, *(r["channel"] for r in rows if r["channel"] != ALL)], "channel"
        )
    table(view, view.rows(_TOPICS, month=month, channel=channel), (
        Column("topic", "Topic", "code"),
        Column("tickets", "Requests", "count"),
        Column("ticket_share", "Share", "share"),
        Column("tickets_change", "Change on the month before", "count"),
        Column("complaints", "Complaints", "count"),
        Column("tickets_per_1000_receipts", "Per 1,000 receipts", "number"),
        Column("first_reply", "First reply, median", "minutes"),
        Column("resolution", "Solved after, median", "minutes"),
        Column("one_touch_rate", "Solved with one reply", "share"),
        Column("reopen_rate", "Reopened", "share"),
        Column("csat", "Content", "share"),
        Column("self_served_share", "Solved by the bot", "share"),
    ))  # fmt: skip


def _nps(view: View) -> None:
    figure(view, "nps_trend")
    columns = (
        Column("n", "Answers", "count"),
        Column("nps", "NPS", "points"),
        Column("se", "± (one standard error)", "number"),
        Column("promoters", "Promoters", "count"),
        Column("passives", "Passives", "count"),
        Column("detractors", "Detractors", "count"),
    )
    table(view, view.rows(_NPS), (
        Column("wave", "Wave"),
        Column("survey_id", "Survey"),
        *columns,
        Column("response_rate", "Response rate", "share"),
    ))  # fmt: skip
    st.subheader(view.words("The latest wave of each survey, by group"), anchor=False)
    kind = choose(view, "By", ["rfm_group", "age_band"], "by", {
        "rfm_group": view.words("RFM group"), "age_band": view.words("Age"),
    })  # fmt: skip
    table(view, view.rows(NPS_SEGMENTS, type=kind), (
        Column("segment", "Group", "code"),
        Column("survey_id", "Survey"),
        Column("wave", "Wave"),
        *columns,
    ))  # fmt: skip
    st.caption(view.words("Groups with few answers have no score."))


def _bot(view: View) -> None:
    figure(view, "chat_containment")
    since = view.version.as_of - timedelta(days=91)
    st.subheader(view.words("The last {n} days", n=91), anchor=False)
    table(view, view.rows(_BOT, since=since), (
        Column("channel", "Channel", "code"),
        Column("conversations", "Conversations", "count"),
        Column("contained", "Solved by the bot", "count"),
        Column("handed_off", "Handed to a person", "count"),
        Column("share", "Share solved by the bot", "share"),
        Column("leads", "Leads", "count"),
        Column("purchases", "Bought within 7 days", "count"),
        Column("reachable", "Followers who can be reached", "count"),
    ))  # fmt: skip
    table(view, view.rows(_INTENTS, since=since), (
        Column("topic", "Topic"),
        Column("first_intent", "First intent"),
        Column("conversations", "Conversations", "count"),
        Column("share", "Share solved by the bot", "share"),
        Column("reopened", "Asked again afterwards", "count"),
    ), view.words("What the bot is asked"))  # fmt: skip
