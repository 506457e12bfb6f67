"""Support: how fast it answers, and how content customers are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from charts import formats
from charts.drawing import amounts, chart, days, hollow
from charts.figure import Column, Figure, Row
from charts.theme import ACCENT, INK, NEUTRAL
from words import Words

if TYPE_CHECKING:
    import altair as alt

_FEW = 5
"""Tickets below which a month's median says nothing."""


def _timeline(rows: list[Row], words: Words, width: int, key: str, unit: str) -> alt.LayerChart:
    """A median by month; an unfinished month is a hollow point."""
    import altair as alt

    items = [
        {"month": row["month_start"], "value": row[key], "done": bool(row["is_complete"])}
        for row in rows
        if row[key] is not None
    ]
    base = chart(items).encode(x=days("month", "%Y-%m", months=3), y=amounts("value"))
    layers = [
        base.mark_line(color=ACCENT, strokeWidth=2),
        base.mark_point(size=24, color=ACCENT, opacity=1).encode(fill=hollow()),
    ]
    target = next((row["target"] for row in rows if row.get("target")), None)
    if target is not None:
        goal = chart([{"value": target, "name": words("target")}]).encode(y="value:Q")
        layers += [
            goal.mark_rule(color=INK, strokeDash=[4, 3]),
            goal.mark_text(align="right", dy=-5, color=INK, fontSize=11).encode(
                x=alt.value("width"), text="name:N"
            ),
        ]
    return alt.layer(*layers).properties(width=width, height=190, title=unit)


def _draw_reply(rows: list[Row], words: Words, width: int) -> alt.LayerChart:
    return _timeline(
        rows, words, width, "first_reply", words("minutes by the calendar, median of the month")
    )


def _draw_resolution(rows: list[Row], words: Words, width: int) -> alt.LayerChart:
    return _timeline(
        rows, words, width, "resolution_hours", words("hours by the calendar, median of the month")
    )


def _describe_reply(rows: list[Row], words: Words) -> str:
    last = next((row for row in reversed(rows) if row["first_reply"] is not None), None)
    if last is None:
        return words("No month has enough tickets for a median.")
    return words(
        "In {month}, {tickets} tickets came in; half of those answered got their first "
        "reply within "
        "{minutes}.",
        month=formats.month(last["month_start"]),
        tickets=formats.count(last["tickets"]),
        minutes=formats.value_of(last["first_reply"], "minutes", ""),
    )


def _describe_resolution(rows: list[Row], words: Words) -> str:
    last = next((row for row in reversed(rows) if row["resolution_hours"] is not None), None)
    if last is None:
        return words("No month has enough tickets for a median.")
    return words(
        "Half of the tickets of {month} that were solved were solved for good within "
        "{hours} hours.",
        month=formats.month(last["month_start"]),
        hours=f"{last['resolution_hours']:,.1f}",
    )


def _draw_nps(rows: list[Row], words: Words, width: int) -> alt.LayerChart:
    import altair as alt

    shown = [
        {"wave": row["name"], "nps": row["nps"], "low": row["low"], "high": row["high"]}
        for row in rows
        if row["nps"] is not None
    ]
    few = [
        {"wave": row["name"], "nps": 0, "note": f"n = {row['n']}"}
        for row in rows
        if row["nps"] is None
    ]
    waves = [row["name"] for row in rows]
    x = alt.X(
        "wave:O",
        sort=waves,
        title=None,
        axis=alt.Axis(labelAngle=0, labelOverlap="greedy", labelSeparation=8, ticks=False),
    )
    base = chart(shown).encode(x=x)
    y = amounts("low", from_zero=False)
    return alt.layer(
        chart([{"y": 0}]).mark_rule(color=NEUTRAL).encode(y="y:Q"),
        base.mark_rule(color=ACCENT, strokeWidth=3, opacity=0.5).encode(y=y, y2="high:Q"),
        base.mark_line(color=ACCENT, point={"size": 40, "color": ACCENT}).encode(y="nps:Q"),
        chart(few)
        .mark_text(color=INK, fontSize=10, angle=270, align="left")
        .encode(x=x, y="nps:Q", text="note:N"),
    ).properties(width=width, height=200, title=words("points; bars: interval of 95 %"))


def _describe_nps(rows: list[Row], words: Words) -> str:
    last = next((row for row in reversed(rows) if row["nps"] is not None), None)
    if last is None:
        return words("No wave has enough answers for a score.")
    return words(
        "Promoters less detractors per hundred answers: {nps} in {wave} (interval {low} to "
        "{high}), "
        "of {n} answers.",
        nps=formats.value_of(last["nps"], "points", ""),
        wave=last["name"],
        low=formats.value_of(last["low"], "points", ""),
        high=formats.value_of(last["high"], "points", ""),
        n=formats.count(last["n"]),
    )


_MONTHS = f"""
    select
        month_start, tickets, replied_tickets, resolved_tickets, is_complete,
        case when replied_tickets >= {_FEW} then median_first_reply_min_calendar end
            as first_reply,
        case when resolved_tickets >= {_FEW}
            then round(median_full_resolution_min_calendar / 60, 2) end as resolution_hours,
        case kpi when 'first_reply_p50' then target_value end as target
    from marts.support_topic
    left join (
        from marts.kpi_scorecard where kpi = 'first_reply_p50' and scope_type = 'all'
        qualify row_number() over (order by period_end desc, period_start desc) = 1
    ) on true
    where topic = 'all' and channel = 'all' and tickets > 0
    qualify row_number() over (order by month_start desc) <= 13
    order by month_start
"""
_TICKETS = (
    Column("month_start", "Month", "month"),
    Column("tickets", "Tickets", "count"),
)

FIGURES = (
    Figure(
        name="support_times",
        title="How fast support answers",
        query=_MONTHS,
        draw=_draw_reply,
        describe=_describe_reply,
        columns=(
            *_TICKETS,
            Column("replied_tickets", "Answered", "count"),
            Column("first_reply", "First reply, median", "minutes"),
            Column("is_complete", "Month is over", "yes"),
        ),
    ),
    Figure(
        name="support_resolution",
        title="How fast support solves",
        query=_MONTHS.replace("target_value end as target", "null end as target"),
        draw=_draw_resolution,
        describe=_describe_resolution,
        columns=(
            *_TICKETS,
            Column("resolved_tickets", "Solved", "count"),
            Column("resolution_hours", "Hours to the solution, median", "decimal"),
            Column("is_complete", "Month is over", "yes"),
        ),
    ),
    Figure(
        name="nps_trend",
        title="Would they recommend us? NPS by wave",
        query="""
            with
            surveys as (select count(distinct survey_id) as n_surveys from marts.survey_nps),
            waves as (
                select
                    case when n_surveys > 1 then survey_id || ' ' || wave else wave end as name,
                    invited, n, promoters, passives, detractors, nps,
                    greatest(-100, nps - 1.96 * se) as low, least(100, nps + 1.96 * se) as high,
                    wave, survey_id
                from marts.survey_nps cross join surveys
                where segment_type = 'all'
                qualify row_number() over (order by wave desc, survey_id desc) <= 8
            )
            select * from waves order by wave, survey_id
        """,
        draw=_draw_nps,
        describe=_describe_nps,
        columns=(
            Column("name", "Wave"),
            Column("invited", "Asked", "count"),
            Column("n", "Answers", "count"),
            Column("promoters", "Promoters", "count"),
            Column("passives", "Passives", "count"),
            Column("detractors", "Detractors", "count"),
            Column("nps", "NPS", "points"),
            Column("low", "at least", "points"),
            Column("high", "at most", "points"),
        ),
    ),
)
