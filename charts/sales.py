"""Sales over time, and by store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from charts import formats
from charts.drawing import ROW_HEIGHT, amounts, chart, colours, days, headed, rows_of
from charts.figure import CURRENCY, Column, Figure, Row
from charts.theme import ACCENT, INK, NEUTRAL, SECOND
from words import Words

if TYPE_CHECKING:
    import altair as alt

_OTHERS = "others"
_STORES = 10
_LINES = ("value", "week_mean", "year_before_mean")


def _draw_daily(rows: list[Row], words: Words, width: int) -> alt.LayerChart:
    import altair as alt

    divisor, unit = formats.scale_of(max(row["value"] for row in rows), rows[0]["currency"])
    names = [words("A day"), words("Mean of 7 days"), words("52 weeks before")]
    styles = (
        {"strokeWidth": 0.8},
        {"strokeWidth": 2.2},
        {"strokeWidth": 1.5, "strokeDash": [4, 3]},
    )
    color = colours("name", names, (NEUTRAL, ACCENT, SECOND))
    layers = []
    for key, name, style in zip(_LINES, names, styles, strict=True):
        line = [
            {"date": row["date"], "name": name, "value": float(row[key]) / divisor}
            for row in rows
            if row[key] is not None
        ]
        layers.append(
            chart(line).mark_line(**style).encode(x=days("date"), y=amounts("value"), color=color)
        )
    return alt.layer(*layers).properties(width=width, height=200, title=words.of(unit))


def _describe_daily(rows: list[Row], words: Words) -> str:
    last = rows[-1]
    currency = last["currency"]
    if last["week_mean"] is None:
        return words(
            "Net sales without tax of the {days} days up to {end}.",
            days=len(rows),
            end=formats.day(last["date"]),
        )
    told = words(
        "Net sales without tax of the {days} days up to {end}; the last 7 days bring {mean} a day.",
        days=len(rows),
        end=formats.day(last["date"]),
        mean=formats.value_of(last["week_mean"], "amount", currency),
    )
    before = last["year_before_mean"]
    if not before:
        return told
    change = float(last["week_mean"]) / float(before) - 1
    return told + words(
        " That is {change} against the same weekdays 52 weeks before.",
        change=f"{change * 100:+.1f} %".replace("-", "−"),
    )


def _named(rows: list[Row], words: Words) -> list[str]:
    return [
        words("{n} other stores", n=row["stores"])
        if row["store_id"] == _OTHERS
        else row["store_name"]
        for row in rows
    ]


def _draw_stores(rows: list[Row], words: Words, width: int) -> alt.LayerChart:
    import altair as alt

    items = [
        {
            "row": i,
            "name": name,
            "shown": words.of(formats.value_of(row["value"], "amount", row["currency"])),
            # The others together would leave no room for each of those that are named.
            "value": None if row["store_id"] == _OTHERS else float(row["value"]),
            "before": None
            if row["store_id"] == _OTHERS or row["year_before"] is None
            else float(row["year_before"]),
        }
        for i, (row, name) in enumerate(zip(rows, _named(rows, words), strict=True))
    ]
    base = rows_of(chart(items))
    x = alt.X("value:Q", axis=None, scale=alt.Scale(zero=True))
    return alt.layer(
        base.mark_bar(height=9, yOffset=8, color=ACCENT, opacity=0.5).encode(x=x),
        base.mark_tick(height=15, thickness=2, yOffset=8, color=INK).encode(x="before:Q"),
        *headed(base, "name", "shown"),
        chart([{"x": 0}]).mark_rule(color=INK, strokeWidth=0.5).encode(x="x:Q"),
    ).properties(
        width=width,
        height=ROW_HEIGHT * len(items),
        title=words("Bars: 28 days; marks: the same, 52 weeks before"),
    )


def _describe_stores(rows: list[Row], words: Words) -> str:
    first = rows[0]
    total = sum(float(row["value"]) for row in rows)
    return words(
        "Net sales of the 28 days up to {end}, by store. {store} sold most: {value}, "
        "{share} of all.",
        end=formats.day(first["as_of_date"]),
        store=_named(rows, words)[0],
        value=formats.value_of(first["value"], "amount", first["currency"]),
        share=formats.value_of(float(first["value"]) / total if total else None, "share", ""),
    )


FIGURES = (
    Figure(
        name="net_sales_daily",
        title="Net sales a day, the last 13 weeks",
        query=f"""
            with
            as_of as (select max(business_date) as as_of_date from marts.kpi_daily),
            sold as (
                select business_date as date, numerator as value from marts.kpi_daily
                where kpi = 'net_sales' and scope_type = 'all'
            ),
            daily as (
                -- A day without a row sold nothing: it is a day of its week nevertheless.
                select date_key as date, coalesce(value, 0) as value
                from marts.dim_date cross join as_of left join sold on date = date_key
                where date_key between (select min(date) from sold) and as_of_date
            ),
            averaged as (
                select
                    *,
                    case when count(*) over week = 7 then avg(value) over week end as week_mean
                from daily
                window week as (order by date rows between 6 preceding and current row)
            )
            select
                averaged.date, averaged.value, round(averaged.week_mean, 2) as week_mean,
                round(before.week_mean, 2) as year_before_mean, {CURRENCY}
            from averaged cross join as_of
            left join averaged as before on before.date = averaged.date - 364
            where averaged.date > as_of_date - 91
            order by averaged.date
        """,
        draw=_draw_daily,
        describe=_describe_daily,
        columns=(
            Column("date", "Date", "day"),
            Column("value", "Net sales", "amount"),
            Column("week_mean", "Mean of 7 days", "amount"),
            Column("year_before_mean", "Mean of 7 days, 52 weeks before", "amount"),
        ),
    ),
    Figure(
        name="sales_by_store",
        title="Net sales by store, the last 28 days",
        query=f"""
            with
            as_of as (select max(business_date) as as_of_date from marts.kpi_daily),
            summed as (
                select
                    store_id,
                    sum(net_sales) filter (where business_date > as_of_date - 28) as value,
                    sum(net_sales) filter (
                        where business_date > as_of_date - 392 and business_date <= as_of_date - 364
                    ) as year_before
                from marts.store_daily cross join as_of
                group by store_id
                having count(*) filter (where business_date > as_of_date - 28) > 0
            ),
            ranked as (
                select *, row_number() over (order by value desc, store_id) as rank,
                    count(*) over () as stores
                from summed
            ),
            grouped as (
                select
                    case when rank <= {_STORES} or stores = {_STORES} + 1 then store_id
                    else '{_OTHERS}' end as store_id,
                    min(rank) as rank, count(*) as stores, sum(value) as value,
                    sum(year_before) as year_before
                from ranked group by 1
            )
            select
                store_id, coalesce(store_name, store_id) as store_name, stores, value, year_before,
                as_of_date, {CURRENCY}
            from grouped cross join as_of left join marts.dim_store using (store_id)
            order by grouped.rank
        """,
        draw=_draw_stores,
        describe=_describe_stores,
        columns=(
            Column("store_name", "Store"),
            Column("stores", "Stores", "count"),
            Column("value", "Net sales", "amount"),
            Column("year_before", "52 weeks before", "amount"),
        ),
    ),
)
