"""Campaigns: what they added, with its interval, and whether they did what was asked of them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from charts import formats
from charts.drawing import ROW_HEIGHT, amounts, chart, colours, headed, rows_of
from charts.figure import CURRENCY, Column, Figure, Row
from charts.names import said
from charts.theme import BAD, GOOD, INK, NEUTRAL, SECOND
from words import Words

if TYPE_CHECKING:
    import altair as alt

_SHOWN = 10
_VERDICTS = {
    "met": GOOD,
    "missed": BAD,
    "not_registered_before_send": SECOND,
    "no_rule": NEUTRAL,
    "other": INK,
}


def _draw_effects(rows: list[Row], words: Words, width: int) -> alt.LayerChart:
    import altair as alt

    items = [
        {
            "row": i,
            "name": row["campaign_name"],
            "shown": f"{row['sent_date']:%Y-%m-%d}",
            "lift": row["lift_abs"],
            "low": row["lift_low"],
            "high": row["lift_high"],
            "color": (GOOD if row["lift_abs"] > 0 else BAD) if row["is_significant"] else NEUTRAL,
        }
        for i, row in enumerate(rows)
    ]
    base = rows_of(chart(items)).encode(color=alt.Color("color:N", scale=None))
    _, unit = formats.scale_of(0, rows[0]["currency"])
    widest = max(abs(row[end]) for row in rows for end in ("lift_low", "lift_high"))
    spelling = formats.axis_of(widest, rows[0]["currency"])
    x = alt.X(
        "low:Q",
        title=words("{unit} a person written to", unit=unit),
        axis=alt.Axis(format=f"+{spelling}", tickCount=5, grid=True),
    )
    return alt.layer(
        chart([{"x": 0}]).mark_rule(color=INK).encode(x="x:Q"),
        base.mark_rule(strokeWidth=3, yOffset=8).encode(x=x, x2="high:Q"),
        base.mark_point(filled=True, size=55, yOffset=8, opacity=1).encode(x="lift:Q"),
        *[label.encode(color=alt.value(INK)) for label in headed(base, "name", "shown")],
    ).properties(
        width=width,
        height=ROW_HEIGHT * len(items) + 36,
        title=words("Dots: estimate; lines: interval of 95 %; grey: may be nothing"),
    )


def _describe_effects(rows: list[Row], words: Words) -> str:
    sure = [row for row in rows if row["is_significant"]]
    return words(
        "Extra net sales a person of the last {n} campaigns with a hold-out, sent from {first} to "
        "{last}, against those held out. The interval lies above zero for {up} and below for "
        "{down}; of the others the effect is not known.",
        n=len(rows),
        first=f"{rows[-1]['sent_date']:%Y-%m-%d}",
        last=f"{rows[0]['sent_date']:%Y-%m-%d}",
        up=sum(row["lift_abs"] > 0 for row in sure),
        down=sum(row["lift_abs"] < 0 for row in sure),
    )


def _quarter(row: Row) -> str:
    return f"{row['sent_date']:%Y}-Q{(row['sent_date'].month + 2) // 3}"


def _draw_verdicts(rows: list[Row], words: Words, width: int) -> alt.Chart:
    import altair as alt

    found = Counter(
        (_quarter(row), row["verdict"] if row["verdict"] in _VERDICTS else "other") for row in rows
    )
    used = [verdict for verdict in _VERDICTS if any(key[1] == verdict for key in found)]
    items = [
        {
            "quarter": quarter,
            "verdict": said(verdict, words),
            "campaigns": campaigns,
            "order": used.index(verdict),
        }
        for (quarter, verdict), campaigns in sorted(found.items())
    ]
    return (
        chart(items)
        .mark_bar()
        .encode(
            x=alt.X("quarter:O", title=None, axis=alt.Axis(labelAngle=0, ticks=False)),
            y=amounts("campaigns"),
            color=colours(
                "verdict", [said(v, words) for v in used], [_VERDICTS[v] for v in used]
            ).legend(columns=2),
            order="order:Q",
        )
        .properties(width=width, height=230, title=words("campaigns, by quarter of the send"))
    )


def _describe_verdicts(rows: list[Row], words: Words) -> str:
    verdicts = Counter(row["verdict"] for row in rows)
    judged = verdicts["met"] + verdicts["missed"]
    return words(
        "{met} of {judged} campaigns did what was written down before they were sent; {late} had "
        "their rule written too late and {none} had none.",
        met=verdicts["met"],
        judged=judged,
        late=verdicts["not_registered_before_send"],
        none=verdicts["no_rule"],
    )


FIGURES = (
    Figure(
        name="campaign_effects",
        title="What did campaigns add?",
        query=f"""
            select
                campaign_id, coalesce(campaign_name, campaign_id) as campaign_name, channel,
                effect.sent_date, post_to_date, n_treated, n_control, lift_abs, lift_low, lift_high,
                incremental_total, is_significant, evidence_grade, {CURRENCY}
            from marts.campaign_effect as effect left join marts.dim_campaign using (campaign_id)
            where variant = 'all' and segment = 'all' and metric = 'net_sales_per_person'
            and lift_abs is not null and lift_low is not null
            order by effect.sent_date desc, campaign_id desc
            limit {_SHOWN}
        """,
        draw=_draw_effects,
        describe=_describe_effects,
        columns=(
            Column("campaign_name", "Campaign"),
            Column("channel", "Channel", "code"),
            Column("sent_date", "Sent", "day"),
            Column("post_to_date", "Counted to", "day"),
            Column("n_treated", "Written to", "count"),
            Column("n_control", "Held out", "count"),
            Column("lift_abs", "Added a person", "amount"),
            Column("lift_low", "at least", "amount"),
            Column("lift_high", "at most", "amount"),
            Column("incremental_total", "Added together", "amount"),
            Column("evidence_grade", "Evidence", "code"),
        ),
        empty="No campaign can be compared with people held out. Leave a part of each audience "
        "out by lot, and its effect will stand here.",
    ),
    Figure(
        name="campaign_verdicts",
        title="Did campaigns do what was asked of them?",
        query=f"""
            with as_of as (select max(business_date) as day from marts.kpi_daily)
            select
                campaign_id, coalesce(campaign_name, campaign_id) as campaign_name, channel,
                sent_date, verdict, success_metric, success_threshold, success_value, delivered,
                open_rate_human, click_rate, conversion_rate, attributed_net_sales, cost, {CURRENCY}
            from marts.campaign_performance cross join as_of
            where variant = 'all' and segment = 'all' and sent_date > day - 365
            order by sent_date desc, campaign_id desc
        """,
        draw=_draw_verdicts,
        describe=_describe_verdicts,
        columns=(
            Column("campaign_name", "Campaign"),
            Column("channel", "Channel", "code"),
            Column("sent_date", "Sent", "day"),
            Column("delivered", "Delivered", "count"),
            Column("open_rate_human", "Opened", "share"),
            Column("click_rate", "Clicked", "share"),
            Column("conversion_rate", "Bought", "share"),
            Column("attributed_net_sales", "Sales after it", "amount"),
            Column("cost", "Cost", "amount"),
            Column("verdict", "Verdict", "code"),
        ),
        empty="No campaign was sent in the last 365 days.",
    ),
)
