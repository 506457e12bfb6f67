"""Targets: how far they are, and where they would be at an even pace."""

from __future__ import annotations

from typing import TYPE_CHECKING

from charts import formats
from charts.drawing import ROW_HEIGHT, chart, headed, rows_of
from charts.figure import CURRENCY, Column, Figure, Row
from charts.names import said
from charts.theme import BAD, GOOD, INK, NEUTRAL
from words import Words

if TYPE_CHECKING:
    import altair as alt

_COLOURS = {"met": GOOD, "on_track": GOOD, "behind": BAD, "missed": BAD}
_MOST = 1.5
"""Ratios beyond this are drawn as this, so that one great success leaves room for the others."""


def name_of(row: Row, words: Words) -> str:
    """What a target is about: KPI, store, period."""
    kpi = said(row["kpi"], words)
    period = formats.period(row["period_start"], row["period_end"])
    if row["scope_type"] == "all":
        return words("{kpi} · {period}", kpi=kpi, period=period)
    return words("{kpi} · {scope} · {period}", kpi=kpi, scope=row["scope_name"], period=period)


def reached(row: Row, words: Words) -> str:
    """Actual and target, and how they compare."""
    return words(
        "{actual}, target {target}: {status}",
        actual=formats.value_of(row["actual_to_date"], row["unit"], row["currency"]),
        target=formats.value_of(row["target_value"], row["unit"], row["currency"]),
        status=said(row["status"], words),
    )


def _draw(rows: list[Row], words: Words, width: int) -> alt.LayerChart:
    import altair as alt

    items = [
        {
            "row": i,
            "name": name_of(row, words),
            "shown": reached(row, words),
            "ratio": max(0.0, min(_MOST, row["pace_ratio"])),
            "color": _COLOURS.get(row["status"], NEUTRAL),
        }
        for i, row in enumerate(rows)
    ]
    base = rows_of(chart(items))
    x = alt.X("ratio:Q", axis=None, scale=alt.Scale(domain=[0, _MOST]))
    height = 2 * ROW_HEIGHT - 20
    return alt.layer(
        base.mark_bar(height=8, yOffset=14).encode(x=x, color=alt.Color("color:N", scale=None)),
        base.mark_tick(height=16, thickness=2, yOffset=14, color=INK).encode(
            x=alt.X(datum=1, type="quantitative")
        ),
        *_two_lines(base),
    ).properties(
        width=width,
        height=height * len(items),
        title=words("Right of the mark: better than an even pace"),
    )


def _two_lines(base: alt.Chart) -> list[alt.Chart]:
    """The name, and beneath it the value: together they are too long for a phone's line."""
    import altair as alt

    name, value = headed(base, "name", "shown")
    return [
        name.mark_text(align="left", dy=-15, color=INK, fontSize=11, fontWeight="bold"),
        value.mark_text(align="left", dy=-2, color=INK, fontSize=11).encode(x=alt.value(0)),
    ]


def _describe(rows: list[Row], words: Words) -> str:
    good = sum(row["status"] in ("met", "on_track") for row in rows)
    told = words("{good} of {n} targets are met or on track.", good=good, n=len(rows))
    bad = [row for row in rows if row["status"] in ("missed", "behind")]
    if not bad:
        return told
    worst = min(bad, key=lambda row: row["pace_ratio"])
    return told + words(
        " Furthest from its pace: {name} ({value}).",
        name=name_of(worst, words),
        value=reached(worst, words),
    )


FIGURES = (
    Figure(
        name="scorecard_pace",
        title="Targets: actual against an even pace",
        query=f"""
            with as_of as (select max(business_date) as day from marts.kpi_daily)
            select
                kpi, scope_type, scope_key, coalesce(store_name, scope_key) as scope_name,
                period_start, period_end, unit, direction, target_value, actual_to_date,
                pace_target, status, measured_to, yoy_value, {CURRENCY},
                case direction when 'up' then actual_to_date / nullif(pace_target, 0)
                else coalesce(pace_target / nullif(actual_to_date, 0), {_MOST}) end as pace_ratio
            from marts.kpi_scorecard cross join as_of
            left join marts.dim_store on scope_type = 'store' and scope_key = store_id
            where status is not null and pace_ratio is not null and period_end > as_of.day - 31
            order by scope_type, period_end - period_start, kpi, scope_key, period_start
        """,
        draw=_draw,
        describe=_describe,
        columns=(
            Column("kpi", "KPI", "code"),
            Column("scope_name", "Scope", "code"),
            Column("period_start", "From", "day"),
            Column("period_end", "To", "day"),
            Column("actual_to_date", "So far", "unit"),
            Column("pace_target", "At an even pace", "unit"),
            Column("target_value", "Target", "unit"),
            Column("yoy_value", "A year before", "unit"),
            Column("status", "Status", "code"),
        ),
        empty="No target of this period can be compared yet. Targets are lines of the plan file "
        "kpi_targets.",
    ),
)
