"""The lifecycle: how many customers are active, and who lapses and comes back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from charts import formats
from charts.drawing import ROW_HEIGHT, amounts, chart, colours, headed, rows_of
from charts.figure import Column, Figure, Row
from charts.names import said
from charts.theme import ACCENT, BAD, GOOD, INK, NEUTRAL, SECOND
from words import Words

if TYPE_CHECKING:
    import altair as alt

_COLOURS = {
    "new": GOOD,
    "active": GOOD,
    "reactivated": GOOD,
    "at_risk": SECOND,
    "dormant": BAD,
    "lost": NEUTRAL,
    "prospect": NEUTRAL,
}


def _draw_status(rows: list[Row], words: Words, width: int) -> alt.LayerChart:
    import altair as alt

    total = sum(row["customers"] for row in rows)
    items = [
        {
            "row": i,
            "name": said(row["lifecycle_status"], words),
            "shown": f"{formats.count(row['customers'])} · "
            + formats.value_of(row["customers"] / total, "share", ""),
            "value": row["customers"],
            "color": _COLOURS.get(row["lifecycle_status"], NEUTRAL),
        }
        for i, row in enumerate(rows)
    ]
    base = rows_of(chart(items))
    return alt.layer(
        base.mark_bar(height=10, yOffset=8).encode(
            x=alt.X("value:Q", axis=None), color=alt.Color("color:N", scale=None)
        ),
        *headed(base, "name", "shown"),
        chart([{"x": 0}]).mark_rule(color=INK, strokeWidth=0.5).encode(x="x:Q"),
    ).properties(width=width, height=ROW_HEIGHT * len(items), title=words("customers"))


def _describe_status(rows: list[Row], words: Words) -> str:
    counts = {row["lifecycle_status"]: row["customers"] for row in rows}
    bought = sum(counts.values()) - counts.get("prospect", 0)
    lapsed = counts.get("dormant", 0) + counts.get("lost", 0)
    return words(
        "Of {n} customers who ever bought, {risk} are at risk and {lapsed} dormant or lost "
        "({share}).",
        n=formats.count(bought),
        risk=formats.count(counts.get("at_risk", 0)),
        lapsed=formats.count(lapsed),
        share=formats.value_of(lapsed / bought if bought else None, "share", ""),
    )


_WAYS = ("bought_first", "came_back", "lapsed")
_WAY_NAMES = ("bought for the first time", "came back", "lapsed")


def _draw_flow(rows: list[Row], words: Words, width: int) -> alt.LayerChart:
    import altair as alt

    names = [words(name) for name in _WAY_NAMES]
    bars = [
        {
            "month": formats.month(row["month_end"]),
            "way": name,
            "value": -row[way] if way == "lapsed" else row[way],
            "order": _WAYS.index(way),
        }
        for row in rows
        for way, name in zip(_WAYS, names, strict=True)
    ]
    nets = [{"month": formats.month(row["month_end"]), "net": row["net"]} for row in rows]
    x = alt.X(
        "month:O", title=None, axis=alt.Axis(labelAngle=0, labelOverlap="greedy", ticks=False)
    )
    return alt.layer(
        chart(bars)
        .mark_bar()
        .encode(
            x=x,
            y=amounts("value"),
            color=colours("way", names, (ACCENT, GOOD, BAD)),
            order="order:Q",
        ),
        chart(nets)
        .mark_line(color=INK, strokeWidth=1.5, point={"color": INK, "size": 16})
        .encode(x=x, y="net:Q"),
    ).properties(width=width, height=220, title=words("customers a month; line: the difference"))


def _describe_flow(rows: list[Row], words: Words) -> str:
    last = rows[-1]
    return words(
        "In the month up to {end}, {new} customers bought for the first time, {back} came back and "
        "{lapsed} became dormant: {net} active customers.",
        end=formats.day(last["month_end"]),
        new=formats.count(last["bought_first"]),
        back=formats.count(last["came_back"]),
        lapsed=formats.count(last["lapsed"]),
        net=formats.change_of(last["net"], "count", ""),
    )


FIGURES = (
    Figure(
        name="lifecycle_status",
        title="Where customers stand",
        query="""
            select lifecycle_status, count(*) as customers from marts.customer_lifecycle
            group by lifecycle_status
            order by list_position(
                ['new', 'active', 'reactivated', 'at_risk', 'dormant', 'lost', 'prospect'],
                lifecycle_status
            )
        """,
        draw=_draw_status,
        describe=_describe_status,
        columns=(
            Column("lifecycle_status", "Status", "code"),
            Column("customers", "Customers", "count"),
        ),
    ),
    Figure(
        name="lifecycle_flow",
        title="Who came, who came back, who lapsed",
        query="""
            select
                month_end,
                coalesce(sum(customers) filter (where from_status = 'prospect'), 0)::bigint
                    as bought_first,
                coalesce(sum(customers) filter (
                    where from_status in ('dormant', 'lost') and not is_to_dormant
                ), 0)::bigint as came_back,
                coalesce(sum(customers) filter (where is_from_active and is_to_dormant), 0)::bigint
                    as lapsed,
                bought_first + came_back - lapsed as net
            from marts.lifecycle_flow
            group by month_end
            qualify row_number() over (order by month_end desc) <= 12
            order by month_end
        """,
        draw=_draw_flow,
        describe=_describe_flow,
        columns=(
            Column("month_end", "Month", "month"),
            Column("bought_first", "Bought for the first time", "count"),
            Column("came_back", "Came back", "count"),
            Column("lapsed", "Lapsed", "count"),
            Column("net", "Difference", "count"),
        ),
    ),
)
