"""What the figures rest on: from when to when there is data of each kind, and how much."""

from __future__ import annotations

from typing import TYPE_CHECKING

from charts import formats
from charts.drawing import ROW_HEIGHT, chart, days, headed, rows_of
from charts.figure import Column, Figure, Row
from charts.names import said
from charts.theme import ACCENT, INK
from words import Words

if TYPE_CHECKING:
    import altair as alt

_KINDS = (
    ("sales", "fct_sales_receipt", "business_date"),
    ("memberships", "dim_customer", "member_since"),
    ("messages", "fct_campaign_contact", "sent_at"),
    ("support", "support_ticket", "created_date"),
    ("chat", "chatbot_conversation", "started_date"),
    ("surveys", "fct_survey_response", "responded_date"),
)


def _draw(rows: list[Row], words: Words, width: int) -> alt.LayerChart:
    import altair as alt

    start = min(row["window_start"] for row in rows)
    items = [
        {
            "row": i,
            "name": said(row["kind"], words),
            "shown": words("{n} rows", n=formats.count(row["row_count"])),
            "first": max(start, row["first_date"]),
            "last": row["last_date"],
        }
        for i, row in enumerate(rows)
    ]
    base = rows_of(chart(items))
    return alt.layer(
        base.mark_bar(height=9, yOffset=8, color=ACCENT, stroke=ACCENT).encode(
            x=days("first", "%Y-%m", months=6), x2="last:T"
        ),
        *headed(base, "name", "shown"),
        chart([{"x": rows[0]["as_of_date"]}]).mark_rule(color=INK).encode(x="x:T"),
    ).properties(
        width=width,
        height=ROW_HEIGHT * len(items) + 24,
        title=words("Bars: days with data; line: the day of this report"),
    )


def _describe(rows: list[Row], words: Words) -> str:
    as_of = rows[0]["as_of_date"]
    late = [row for row in rows if (as_of - row["last_date"]).days > 7]
    told = words(
        "What there is data of, up to {day}. {share} of all sales are known by customer.",
        day=formats.day(as_of),
        share=formats.value_of(rows[0]["identified"], "share", ""),
    )
    if not late:
        return told
    return told + words(
        " No data in the last week: {kinds}.",
        kinds=words(", ").join(said(row["kind"], words) for row in late),
    )


def _select(kind: str, table: str, column: str) -> str:
    return (
        f"select '{kind}' as kind, min({column})::date as first_date, "
        f"max({column})::date as last_date, count({column}) as row_count from marts.{table}"
    )


_UNION = " union all ".join(_select(*kind) for kind in _KINDS)

FIGURES = (
    Figure(
        name="data_coverage",
        title="Days with data",
        query=f"""
            with
            kinds as ({_UNION}),
            as_of as (
                select max(date_key) as as_of_date, min(date_key) as window_start
                from marts.dim_date
            ),
            known as (
                select round(sum(numerator) / nullif(sum(denominator), 0), 9) as identified
                from marts.kpi_daily
                where kpi = 'identified_sales_rate' and scope_type = 'all'
            )
            select * from kinds cross join as_of cross join known
            where row_count > 0
            order by list_position(
                [{", ".join(f"'{kind}'" for kind, _, _ in _KINDS)}], kind
            )
        """,
        draw=_draw,
        describe=_describe,
        columns=(
            Column("kind", "Data", "code"),
            Column("first_date", "From", "day"),
            Column("last_date", "To", "day"),
            Column("row_count", "Rows", "count"),
        ),
    ),
)
