"""Members and active customers over time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from charts import formats
from charts.drawing import amounts, chart, colours, days
from charts.figure import Column, Figure, Row
from charts.names import said
from charts.theme import ACCENT, INK, SECOND
from words import Words

if TYPE_CHECKING:
    import altair as alt

_KPIS = ("members", "active_customers_90d")


def _draw(rows: list[Row], words: Words, width: int) -> alt.LayerChart:
    import altair as alt

    names = [said(kpi, words) for kpi in _KPIS]
    lines = [
        {"date": row["date"], "name": name, "value": float(row[kpi])}
        for kpi, name in zip(_KPIS, names, strict=True)
        for row in rows
        if row[kpi] is not None
    ]
    goals = [{"date": row["date"], "value": row["target"]} for row in rows if row["target"]]
    goal = chart(goals)
    return alt.layer(
        chart(lines)
        .mark_line(strokeWidth=2)
        .encode(
            x=days("date", "%Y-%m", months=6),
            y=amounts("value"),
            color=colours("name", names, (ACCENT, SECOND)),
        ),
        goal.mark_point(shape="diamond", size=50, color=INK, filled=True).encode(
            x="date:T", y="value:Q"
        ),
        chart([{**row, "goal": words("target")} for row in goals[:1]])
        .mark_text(align="right", dx=-7, dy=-6, color=INK, fontSize=11)
        .encode(x="date:T", y="value:Q", text="goal:N"),
    ).properties(width=width, height=200, title=words("people, at the end of each month"))


def _describe(rows: list[Row], words: Words) -> str:
    last = next(row for row in reversed(rows) if row["members"] is not None)
    return words(
        "On {day} there are {members} members; {active} customers bought in the 90 days up to it.",
        day=formats.day(last["date"]),
        members=formats.count(last["members"]),
        active=formats.count(last["active_customers_90d"]),
    )


FIGURES = (
    Figure(
        name="members_over_time",
        title="Members and active customers, the last 24 months",
        query="""
            with
            days as (
                select
                    business_date as date,
                    max(numerator) filter (where kpi = 'members') as members,
                    max(numerator) filter (where kpi = 'active_customers_90d')
                        as active_customers_90d
                from marts.kpi_daily
                where kpi in ('members', 'active_customers_90d') and scope_type = 'all'
                group by business_date
            ),
            ends as (
                from days
                qualify row_number() over (
                    partition by date_trunc('month', date) order by date desc
                ) = 1
            ),
            goals as (
                select period_end as date, max(target_value) as target from marts.kpi_scorecard
                where kpi = 'members' and scope_type = 'all' and target_value is not null
                and period_end between (select max(date) from days)
                    and (select max(date) from days) + 92
                group by period_end
            )
            select date, members, active_customers_90d, target
            from ends full join goals using (date)
            where date > (select max(date) from days) - interval 24 month
            order by date
        """,
        draw=_draw,
        describe=_describe,
        columns=(
            Column("date", "Date", "day"),
            Column("members", "Members", "count"),
            Column("active_customers_90d", "Active customers, 90 days", "count"),
            Column("target", "Target of members", "count"),
        ),
    ),
)
