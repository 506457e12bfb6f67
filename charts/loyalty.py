"""Whether customers come back: by the month of their first purchase, and purchase by purchase."""

from __future__ import annotations

from typing import TYPE_CHECKING

from charts import formats
from charts.drawing import ROW_HEIGHT, chart, headed, rows_of, text
from charts.figure import Column, Figure, Row
from charts.theme import ACCENT, INK, fade
from words import Words

if TYPE_CHECKING:
    import altair as alt

_STEPS = 6


def _draw_cohorts(rows: list[Row], words: Words, width: int) -> alt.LayerChart:
    import altair as alt

    most = max((row["retention"] or 0 for row in rows if row["months_since"]), default=0)
    cells = [
        {
            "cohort": _cohort(row),
            "months": row["months_since"],
            "fade": fade(row["retention"], most),
            "shown": "" if row["retention"] is None else f"{row['retention'] * 100:.0f}",
        }
        for row in rows
        if row["months_since"]
    ]
    order = list(dict.fromkeys(_cohort(row) for row in rows))
    y = alt.Y("cohort:N", title=None, axis=alt.Axis(ticks=False, domain=False)).scale(domain=order)
    x = alt.X(
        "months:O",
        title=words("months after the first purchase"),
        axis=alt.Axis(orient="bottom", labelAngle=0, ticks=False, domain=False),
    )
    base = chart(cells).encode(x=x, y=y)
    return alt.layer(
        base.mark_rect(color=ACCENT)
        .encode(opacity=alt.Opacity("fade:Q", scale=None, legend=None))
        .transform_filter("datum.shown !== ''"),
        text(base, "shown", fontSize=10),
    ).properties(
        width=width,
        height=20 * len(order) + 40,
        title=words("first purchase · customers; % of them who bought again"),
    )


def _cohort(row: Row) -> str:
    return f"{formats.month(row['cohort_month'])} · {formats.count(row['cohort_size'])}"


def _describe_cohorts(rows: list[Row], words: Words) -> str:
    first = [row for row in rows if row["months_since"] == 1 and row["retention"] is not None]
    told = words(
        "Customers by the month of their first purchase, and how many of them bought in each month "
        "after it. Unfinished months are left empty."
    )
    if not first:
        return told
    retained = sum(row["retained_customers"] for row in first)
    return told + words(
        " Over these months, {share} came back in the month after their first purchase.",
        share=formats.value_of(retained / sum(row["cohort_size"] for row in first), "share", ""),
    )


def _draw_funnel(rows: list[Row], words: Words, width: int) -> alt.LayerChart:
    import altair as alt

    items = [
        {
            "row": i,
            "name": words("Purchase {n}", n=row["step"]),
            "shown": words(
                "{share} · {customers} customers",
                share=formats.value_of(row["reach_rate"], "share", ""),
                customers=formats.count(row["matured_reached"]),
            ),
            "value": row["reach_rate"],
        }
        for i, row in enumerate(rows)
    ]
    base = rows_of(chart(items))
    x = alt.X("value:Q", axis=None, scale=alt.Scale(domain=[0, 1]))
    return alt.layer(
        base.mark_bar(height=10, yOffset=8, color=ACCENT).encode(x=x),
        *headed(base, "name", "shown"),
        chart([{"x": 0}]).mark_rule(color=INK, strokeWidth=0.5).encode(x="x:Q"),
    ).properties(
        width=width,
        height=ROW_HEIGHT * len(items),
        title=words("of the customers whose first purchase is long enough ago"),
    )


def _describe_funnel(rows: list[Row], words: Words) -> str:
    second = next((row for row in rows if row["step"] == 2), None)
    if second is None:
        return words("Nobody has had the time to buy a second time.")
    if not second["matured_reached"]:
        return words(
            "None of {n} customers whose first purchase is long enough ago bought a second time.",
            n=formats.count(second["matured_customers"]),
        )
    return words(
        "Of {n} customers whose first purchase is long enough ago, {share} bought a second time "
        "(F2). Half of all second purchases came within {days} days.",
        n=formats.count(second["matured_customers"]),
        share=formats.value_of(second["reach_rate"], "share", ""),
        days=second["half_within"],
    )


_FUNNEL = f"""
    with
    buckets as (
        select
            step, customers,
            case days_bucket when '0' then 0 when '361+' then 361
            else split_part(days_bucket, '-', 2)::int end as until_day
        from marts.repeat_funnel
        where scope_type = 'all' and scope_key = 'all' and days_bucket <> 'all'
    ),
    running as (
        select
            step, until_day, sum(customers) over so_far as so_far,
            sum(customers) over (partition by step) as all_customers
        from buckets
        window so_far as (partition by step order by until_day)
    ),
    halves as (
        select
            step,
            case when min(until_day) = 361 then '361+' else min(until_day)::varchar end
                as half_within
        from running where 2 * so_far >= all_customers and all_customers > 0 group by step
    )
    select
        step, matured_customers, matured_reached, reach_rate, step_customers, previous_customers,
        step_rate, coalesce(half_within, '–') as half_within
    from marts.repeat_funnel left join halves using (step)
    where scope_type = 'all' and scope_key = 'all' and days_bucket = 'all'
    and step <= {_STEPS} and reach_rate is not null
    order by step
"""

FIGURES = (
    Figure(
        name="cohort_triangle",
        title="Do new customers come back? By month of the first purchase",
        query="""
            with as_of as (select max(business_date) as day from marts.kpi_daily)
            select
                cohort_month, months_since, cohort_size, retained_customers, retention, is_complete
            from marts.cohort_retention cross join as_of
            where scope_type = 'all' and scope_key = 'all' and cohort_size > 0
            and cohort_month > date_trunc('month', day) - interval 12 month
            order by cohort_month, months_since
        """,
        draw=_draw_cohorts,
        describe=_describe_cohorts,
        columns=(
            Column("cohort_month", "First purchase", "month"),
            Column("months_since", "Months after", "count"),
            Column("cohort_size", "Customers", "count"),
            Column("retained_customers", "Customers who bought again", "count"),
            Column("retention", "Share", "share"),
        ),
    ),
    Figure(
        name="repeat_funnel",
        title="How many buy a second time, and a third",
        query=_FUNNEL,
        draw=_draw_funnel,
        describe=_describe_funnel,
        columns=(
            Column("step", "Nth purchase", "count"),
            Column("matured_customers", "Had the time", "count"),
            Column("matured_reached", "Got there", "count"),
            Column("reach_rate", "Share", "share"),
            Column("step_rate", "Of the step before", "share"),
            Column("half_within", "Half within days"),
        ),
    ),
)
