"""RFM: who moved from group to group in the last month."""

from __future__ import annotations

from typing import TYPE_CHECKING

from charts import formats
from charts.drawing import chart, colours, text
from charts.figure import Column, Figure, Row
from charts.names import said
from charts.theme import BAD, GOOD, INK
from words import Words

if TYPE_CHECKING:
    import altair as alt

GROUPS = (
    "CHAMPIONS",
    "LOYAL",
    "ACTIVE",
    "NEW",
    "PROMISING",
    "NEEDS_ATTENTION",
    "ALMOST_LOST",
    "AT_RISK",
    "PREVIOUSLY_LOYAL",
    "DORMANT",
)


def _moves(rows: list[Row]) -> dict[str, tuple[int, int]]:
    """Customers who came into a group and who left it, by group."""
    moves = {}
    for group in GROUPS:
        came = [r["customers"] for r in rows if r["to_group"] == group != r["from_group"]]
        left = [r["customers"] for r in rows if r["from_group"] == group != r["to_group"]]
        moves[group] = sum(came), sum(left)
    return moves


def _draw_moves(rows: list[Row], words: Words, width: int) -> alt.LayerChart:
    import altair as alt

    names = [words("came in"), words("left")]
    bars, nets = [], []
    for group, (came, left) in _moves(rows).items():
        name = said(group, words)
        bars += [
            {"group": name, "way": names[0], "value": came},
            {"group": name, "way": names[1], "value": -left},
        ]
        nets.append({"group": name, "net": f"{came - left:+,}".replace("-", "−"), "x": came})
    y = alt.Y(
        "group:N",
        sort=[said(group, words) for group in GROUPS],
        title=None,
        axis=alt.Axis(ticks=False, domain=False, labelColor=INK),
    )
    most = 1.25 * max(max(moves) for moves in _moves(rows).values())
    x = alt.X(
        "value:Q",
        title=None,
        axis=alt.Axis(format=",.0f", tickCount=5),
        scale=alt.Scale(domain=[-most, most], nice=False),
    )
    return alt.layer(
        chart(bars).mark_bar(height=14).encode(x=x, y=y, color=colours("way", names, (GOOD, BAD))),
        text(chart(nets), "net", align="left", dx=4).encode(x="x:Q", y=y),
    ).properties(
        width=width, height=26 * len(GROUPS), title=words("customers; numbers: the difference")
    )


def _describe_moves(rows: list[Row], words: Words) -> str:
    moves = _moves(rows)
    came, left = moves["CHAMPIONS"]
    return words(
        "In the month up to {end}, {came} customers became champions and {left} stopped "
        "being ones; "
        "{risk} fell into at risk, dormant or previously loyal.",
        end=formats.day(rows[0]["month_end"]),
        came=formats.count(came),
        left=formats.count(left),
        risk=formats.count(sum(_fell(row) for row in rows)),
    )


def _fell(row: Row) -> int:
    bad = ("AT_RISK", "DORMANT", "PREVIOUSLY_LOYAL")
    return row["customers"] if row["to_group"] in bad and row["from_group"] not in bad else 0


FIGURES = (
    Figure(
        name="rfm_migration",
        title="Who moved: RFM groups, the last month",
        query="""
            select month_end, from_group, to_group, customers
            from marts.rfm_migration
            where rfm_window = 'lifetime' and customers > 0
            and not exists (from marts.customer_rfm where rfm_window = 'lifetime' and is_degenerate)
            qualify month_end = max(month_end) over ()
            order by from_group = to_group, customers desc, from_group, to_group
        """,
        draw=_draw_moves,
        describe=_describe_moves,
        columns=(
            Column("from_group", "From", "code"),
            Column("to_group", "To", "code"),
            Column("customers", "Customers", "count"),
        ),
    ),
)
