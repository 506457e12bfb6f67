"""The chatbot: how many conversations it ends without a person."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING

from charts import formats
from charts.drawing import chart, days, hollow
from charts.figure import Column, Figure, Row
from charts.theme import ACCENT
from words import Words

if TYPE_CHECKING:
    import altair as alt


def wilson(successes: int, trials: int) -> tuple[float, float]:
    """Wilson's interval of 95 % of a share."""
    z = 1.96
    share = successes / trials
    middle = share + z * z / (2 * trials)
    spread = z * sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials))
    below = 1 + z * z / trials
    return (middle - spread) / below, (middle + spread) / below


def _draw(rows: list[Row], words: Words, width: int) -> alt.LayerChart:
    import altair as alt

    items = []
    for row in rows:
        if row["decided"]:
            low, high = wilson(row["contained"], row["decided"])
            share = row["contained"] / row["decided"]
            place = {"month": row["month"], "share": share, "low": low, "high": high}
            items.append(place | {"done": row["is_complete"]})
    base = chart(items).encode(x=days("month", "%Y-%m", months=3))
    y = alt.Y(
        "low:Q",
        title=None,
        axis=alt.Axis(format=".0%", tickCount=5, ticks=False, domain=False),
        scale=alt.Scale(domain=[0, 1]),
    )
    return alt.layer(
        base.mark_rule(color=ACCENT, strokeWidth=3, opacity=0.5).encode(y=y, y2="high:Q"),
        base.mark_line(color=ACCENT).encode(y="share:Q"),
        base.mark_point(size=30, color=ACCENT, opacity=1).encode(y="share:Q", fill=hollow()),
    ).properties(
        width=width,
        height=190,
        title=words("of the conversations that ended; bars: interval of 95 %"),
    )


def _describe(rows: list[Row], words: Words) -> str:
    last = rows[-1]
    return words(
        "In {month}, the bot had {conversations} conversations; {contained} of the {decided} that "
        "ended needed no person.",
        month=formats.month(last["month"]),
        conversations=formats.count(last["conversations"]),
        contained=formats.count(last["contained"]),
        decided=formats.count(last["decided"]),
    )


FIGURES = (
    Figure(
        name="chat_containment",
        title="What the bot takes off us",
        query="""
            with as_of as (select max(business_date) as day from marts.kpi_daily)
            select
                date_trunc('month', date_key)::date as month,
                sum(conversations)::bigint as conversations, sum(contained)::bigint as contained,
                sum(handed_off)::bigint as handed_off,
                sum(decided_conversations)::bigint as decided,
                round(sum(contained) / nullif(sum(decided_conversations), 0), 9) as containment,
                last_day(month) <= any_value(day) as is_complete
            from marts.chatbot_daily cross join as_of
            where channel = 'all'
            group by month
            having sum(conversations) > 0
            qualify row_number() over (order by month desc) <= 13
            order by month
        """,
        draw=_draw,
        describe=_describe,
        columns=(
            Column("month", "Month", "month"),
            Column("conversations", "Conversations", "count"),
            Column("decided", "Ended", "count"),
            Column("contained", "Without a person", "count"),
            Column("handed_off", "Handed to a person", "count"),
            Column("containment", "Share", "share"),
            Column("is_complete", "Month is over", "yes"),
        ),
    ),
)
