"""Lifetime value: what customers brought and are expected to bring, and how right that was."""

from __future__ import annotations

from typing import TYPE_CHECKING

from charts import formats
from charts.drawing import amounts, chart, colours
from charts.figure import CURRENCY, Column, Figure, Row
from charts.names import said
from charts.theme import ACCENT, INK, SECOND
from words import Words

if TYPE_CHECKING:
    import altair as alt


def _draw_segments(rows: list[Row], words: Words, width: int) -> alt.Chart:
    import altair as alt

    divisor, unit = formats.scale_of(
        max(row["historic_mean"] + (row["predicted_mean"] or 0) for row in rows),
        rows[0]["currency"],
    )
    parts = (("historic_mean", words("so far")), ("predicted_mean", words("next 365 days")))
    items = [
        {
            "segment": said(row["ltv_segment"], words),
            "part": name,
            "order": order,
            "value": (row[key] or 0) / divisor,
        }
        for row in rows
        for order, (key, name) in enumerate(parts)
    ]
    names = [name for _, name in parts]
    return (
        chart(items)
        .mark_bar(height=16)
        .encode(
            x=alt.X("value:Q", title=None, axis=alt.Axis(format=",.0f", tickCount=5, grid=True)),
            y=alt.Y(
                "segment:N",
                sort=[said(row["ltv_segment"], words) for row in rows],
                title=None,
                axis=alt.Axis(ticks=False, domain=False, labelColor=INK),
            ),
            color=colours("part", names, (ACCENT, SECOND)),
            order="order:Q",
        )
        .properties(
            width=width, height=30 * len(rows) + 60, title=words("a customer, {unit}", unit=unit)
        )
    )


def _describe_segments(rows: list[Row], words: Words) -> str:
    largest = max(rows, key=lambda row: row["customers"])
    predicted = [row["predicted_sum"] for row in rows if row["predicted_sum"] is not None]
    if not predicted:
        return words(
            "Net sales that customers brought so far. No prediction: there are too few customers "
            "or too few days for one."
        )
    return words(
        "{n} customers are expected to bring {sum} within 365 days. The largest segment, "
        "{segment}: "
        "{historic} a customer so far, {predicted} expected.",
        n=formats.count(sum(row["customers"] for row in rows)),
        sum=formats.value_of(sum(predicted), "amount", largest["currency"]),
        segment=said(largest["ltv_segment"], words),
        historic=formats.value_of(largest["historic_mean"], "amount", largest["currency"]),
        predicted=formats.value_of(largest["predicted_mean"], "amount", largest["currency"]),
    )


def _draw_calibration(rows: list[Row], words: Words, width: int) -> alt.LayerChart:
    import altair as alt

    tenths = [row for row in rows if row["decile"]]
    names = [words("came"), words("predicted")]
    items = [
        {"decile": row["decile"], "name": name, "value": row[key] / row["customers"]}
        for row in tenths
        for key, name in zip(("actual_orders", "predicted_orders"), names, strict=True)
    ]
    x = alt.X(
        "decile:O",
        title=words("tenths of customers, by predicted orders"),
        axis=alt.Axis(labelAngle=0, ticks=False),
    )
    color = colours("name", names, (ACCENT, SECOND))
    shown = {
        name: chart([item for item in items if item["name"] == name]).encode(
            x=x, y=amounts("value", ",.1f"), color=color
        )
        for name in names
    }
    return alt.layer(
        shown[names[0]].mark_bar(opacity=0.6),
        shown[names[1]].mark_tick(thickness=3, width=22),
    ).properties(width=width, height=200, title=words("orders a customer"))


def _describe_calibration(rows: list[Row], words: Words) -> str:
    together = next(row for row in rows if not row["decile"])
    return words(
        "The model, fitted on the data up to {fit}, expected {predicted} orders by {end}; {actual} "
        "came: {ratio} of what was predicted. Per customer it was wrong by {mae} orders on "
        "average, "
        "carrying on the past pace by {naive}.",
        fit=formats.day(together["fit_until"]),
        end=formats.day(together["predicted_until"]),
        predicted=formats.count(together["predicted_orders"]),
        actual=formats.count(together["actual_orders"]),
        ratio=formats.value_of(together["actual_to_predicted"], "share", ""),
        mae=f"{together['mae']:.2f}",
        naive=f"{together['naive_mae']:.2f}",
    )


FIGURES = (
    Figure(
        name="ltv_by_segment",
        title="What a customer is worth, by segment",
        query=f"""
            select
                ltv_segment, count(*) as customers,
                round(avg(ltv_historic), 2)::double as historic_mean,
                round(avg(ltv_predicted_365d), 2)::double as predicted_mean,
                sum(ltv_predicted_365d) as predicted_sum, {CURRENCY}
            from marts.customer_ltv
            where ltv_segment is not null
            group by ltv_segment
            order by customers desc, ltv_segment
        """,
        draw=_draw_segments,
        describe=_describe_segments,
        columns=(
            Column("ltv_segment", "Segment", "code"),
            Column("customers", "Customers", "count"),
            Column("historic_mean", "So far, a customer", "amount"),
            Column("predicted_mean", "Next 365 days, a customer", "amount"),
            Column("predicted_sum", "Next 365 days, together", "amount"),
        ),
    ),
    Figure(
        name="ltv_calibration",
        title="Were the predictions right?",
        query="""
            with pooled as (
                from ops.model_backtest
                where segment = 'all' and bucket_type in ('all', 'decile') and customers > 0
                qualify dense_rank() over (order by model) = 1
            )
            select
                case when bucket_type = 'decile' then bucket::int end as decile, fit_until,
                predicted_until, customers, actual_orders, predicted_orders, actual_to_predicted,
                mae, naive_mae
            from pooled
            where exists (from pooled where bucket_type = 'decile')
            and exists (from pooled where bucket_type = 'all' and mae is not null)
            order by decile nulls last
        """,
        draw=_draw_calibration,
        describe=_describe_calibration,
        columns=(
            Column("decile", "Tenth", "count"),
            Column("customers", "Customers", "count"),
            Column("predicted_orders", "Predicted orders", "decimal"),
            Column("actual_orders", "Orders that came", "count"),
            Column("actual_to_predicted", "Came of predicted", "share"),
        ),
        empty="The predictions cannot be compared with what came: there are too few customers or "
        "too few days of data.",
    ),
)
