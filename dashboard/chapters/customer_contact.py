"""How one person may be reached, what they asked, and what they answered."""

from __future__ import annotations

import streamlit as st

from dashboard.data import Row
from dashboard.parts import section
from dashboard.tables import Column, facts, table
from dashboard.view import View

_CONSENT = """
select purpose, channel, is_granted, changed_at, consent_source
from marts.consent_status where customer_key = $key order by all
"""
_TICKETS = """
select created_at, ticket_type, topic, channel, status, first_reply_min_calendar as first_reply,
    full_resolution_min_calendar as resolution, reopens, csat_score
from marts.support_ticket where customer_key = $key order by created_at desc, ticket_id limit 50
"""
_SURVEYS = """
select responded_at, survey_id, wave, question_code, score
from marts.fct_survey_response where customer_key = $key
order by responded_at desc, response_id limit 50
"""
_SEGMENTS = """
select s.segment_name, m.entered_on, m.exited_on, m.is_current
from marts.segment_membership m left join marts.segment_summary s using (segment_id)
where m.customer_key = $key order by m.is_current desc, m.entered_on desc, s.segment_name limit 50
"""
_LISTS = """
select list_name, channel, is_included, exclusion_reason, list_rank
from marts.promotion_list where customer_key = $key order by list_name, channel
"""


def show(view: View, row: Row) -> None:
    """Draw this part of the page."""
    _reach(view, row)
    key = row["customer_key"]
    section(view, "Requests", view.rows(_TICKETS, key=key), (
        Column("created_at", "When", "instant"),
        Column("ticket_type", "Kind", "code"),
        Column("topic", "Topic"),
        Column("channel", "Channel", "code"),
        Column("status", "Status", "status"),
        Column("first_reply", "First reply", "minutes"),
        Column("resolution", "Solved after", "minutes"),
        Column("reopens", "Reopened", "count"),
        Column("csat_score", "Rating", "count"),
    ))  # fmt: skip
    section(view, "Answers to surveys", view.rows(_SURVEYS, key=key), (
        Column("responded_at", "When", "instant"),
        Column("survey_id", "Survey"),
        Column("wave", "Wave"),
        Column("question_code", "Question"),
        Column("score", "Score", "count"),
    ))  # fmt: skip
    section(view, "Segments", view.rows(_SEGMENTS, key=key), (
        Column("segment_name", "Segment"),
        Column("is_current", "Now in it", "yes"),
        Column("entered_on", "From", "date"),
        Column("exited_on", "Until", "date"),
    ))  # fmt: skip
    section(view, "Lists", view.rows(_LISTS, key=key), (
        Column("list_name", "List"),
        Column("channel", "Channel", "code"),
        Column("is_included", "On it", "yes"),
        Column("exclusion_reason", "Why not", "code"),
        Column("list_rank", "Rank", "count"),
    ))  # fmt: skip


def _reach(view: View, row: Row) -> None:
    st.subheader(view.words("May we write?"), anchor=False)
    facts(view, row, (
        Column("contactable_email", "By e-mail", "yes"),
        Column("contactable_line", "By LINE", "yes"),
        Column("contactable_dm", "By letter", "yes"),
        Column("email_status", "E-mail address", "code"),
        Column("engagement_band", "Reads our mail", "code"),
        Column("human_opens_90d", "Mails opened, 90 days", "count"),
        Column("clicks_90d", "Mails clicked in, 90 days", "count"),
        Column("open_tickets", "Open requests", "count"),
        Column("complaints_365d", "Complaints, 365 days", "count"),
        Column("csat_last", "Last rating, 1 to 5", "count"),
        Column("nps_last", "Would recommend, 0 to 10", "count"),
        Column("last_contact_at", "Last request", "instant"),
    ))  # fmt: skip
    table(view, view.rows(_CONSENT, key=row["customer_key"]), (
        Column("purpose", "Purpose"),
        Column("channel", "Channel", "code"),
        Column("is_granted", "Consent", "yes"),
        Column("changed_at", "Since", "instant"),
        Column("consent_source", "Given at"),
    ), view.words("Consent"))  # fmt: skip
