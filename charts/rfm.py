"""RFM: who is where on the grid."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from charts import formats
from charts.drawing import chart, text
from charts.figure import CURRENCY, Column, Figure, Row
from charts.names import said
from charts.theme import ACCENT, INK, QUIET, fade
from words import Words

if TYPE_CHECKING:
    import altair as alt

_CELL = 54
_EDGES = (0.3, 1.2, 2.1, 3.3, 4.3, 5.3)
"""Where the cells of R1 to R5 begin and end, in fifths of the width; R3 has the longest names."""


def _draw_grid(rows: list[Row], words: Words, width: int) -> alt.LayerChart:
    import altair as alt

    divisor, unit = formats.scale_of(
        max(float(row["value"]) for row in rows) / 100, rows[0]["currency"]
    )
    most = max(row["customers"] for row in rows)
    side = width / 5.3
    cells = [
        {
            "left": _EDGES[row["r_score"] - 1] * side,
            "right": _EDGES[row["r_score"]] * side - 1,
            "top": (5 - row["fm_score"]) * _CELL,
            "bottom": (6 - row["fm_score"]) * _CELL - 1,
            "middle": _middle(row["r_score"]) * side,
            "fade": fade(row["customers"], most),
            "customers": formats.count(row["customers"]),
            "value": f"{float(row['value']) / divisor:,.0f}",
        }
        for row in rows
    ]
    base = chart(cells)
    return alt.layer(
        base.mark_rect(color=ACCENT).encode(
            **_box("left", "right", "top", "bottom", width),
            opacity=alt.Opacity("fade:Q", scale=None, legend=None),
        ),
        _outlines(rows, words, width, side),
        _names(rows, words, width, side),
        text(base, "customers", fontWeight="bold", fontSize=12, dy=27).encode(
            x="middle:Q", y="top:Q"
        ),
        text(base, "value", fontSize=10, dy=42).encode(x="middle:Q", y="top:Q"),
        _scores(side),
    ).properties(
        width=width,
        height=5 * _CELL + 16,
        title=words("Customers (bold) and their net sales so far, {unit}", unit=unit),
    )


def _box(left: str, right: str, top: str, bottom: str, width: int) -> dict[str, Any]:
    import altair as alt

    x = alt.Scale(domain=[0, width], nice=False, zero=False)
    y = alt.Scale(domain=[0, 5 * _CELL + 16], reverse=True, nice=False, zero=False)
    return {
        "x": alt.X(f"{left}:Q", axis=None, scale=x),
        "x2": right,
        "y": alt.Y(f"{top}:Q", axis=None, scale=y),
        "y2": bottom,
    }


def _blocks(rows: list[Row], words: Words, side: float) -> list[dict[str, Any]]:
    """A group is a rectangle of cells: where it begins and ends."""
    blocks = []
    for group in dict.fromkeys(row["rfm_group"] for row in rows):
        cells = [row for row in rows if row["rfm_group"] == group]
        r, fm = [row["r_score"] for row in cells], [row["fm_score"] for row in cells]
        blocks.append(
            {
                "name": said(group, words),
                "left": _EDGES[min(r) - 1] * side,
                "right": _EDGES[max(r)] * side - 1,
                "top": (5 - max(fm)) * _CELL,
                "bottom": (6 - min(fm)) * _CELL - 1,
            }
        )
    return blocks


def _middle(r_score: int) -> float:
    return (_EDGES[r_score - 1] + _EDGES[r_score]) / 2


def _outlines(rows: list[Row], words: Words, width: int, side: float) -> alt.Chart:
    return (
        chart(_blocks(rows, words, side), "left", "right", "top", "bottom")
        .mark_rect(filled=False, stroke=INK, strokeWidth=0.7)
        .encode(**_box("left", "right", "top", "bottom", width))
    )


def _names(rows: list[Row], words: Words, width: int, side: float) -> alt.Chart:
    blocks = chart(_blocks(rows, words, side), "name", "left", "top")
    return text(blocks, "name", align="left", fontSize=10, dx=3, dy=11).encode(
        x="left:Q", y="top:Q"
    )


def _scores(side: float) -> alt.LayerChart:
    """Scores along the two edges, and what they mean."""
    import altair as alt

    bottom = 5 * _CELL + 9
    across = [{"x": _middle(r) * side, "y": bottom, "score": f"R{r}"} for r in range(1, 6)]
    down = [{"x": 0.13 * side, "y": (5.5 - fm) * _CELL, "score": f"FM{fm}"} for fm in range(1, 6)]
    return alt.layer(
        text(chart(across + down), "score", color=QUIET, fontSize=10).encode(x="x:Q", y="y:Q")
    )


def _describe_grid(rows: list[Row], words: Words) -> str:
    by_group: dict[str, tuple[int, float]] = {}
    for row in rows:
        customers, value = by_group.get(row["rfm_group"], (0, 0.0))
        by_group[row["rfm_group"]] = customers + row["customers"], value + float(row["value"])
    total = sum(value for _, value in by_group.values())
    best = by_group.get("CHAMPIONS", (0, 0.0))
    return words(
        "{n} customers by how lately (R, to the right) and how often and for how much (FM, "
        "upwards) "
        "they bought. {best} champions brought {share} of their net sales so far; {lost} are at "
        "risk.",
        n=formats.count(sum(customers for customers, _ in by_group.values())),
        best=formats.count(best[0]),
        share=formats.value_of(best[1] / total if total else None, "share", ""),
        lost=formats.count(by_group.get("AT_RISK", (0, 0.0))[0]),
    )


FIGURES = (
    Figure(
        name="rfm_grid",
        title="Who our customers are: the RFM grid",
        query=f"""
            select
                r_score, fm_score, rfm_group, count(*) as customers, sum(monetary) as value,
                {CURRENCY}
            from marts.customer_rfm
            where rfm_window = 'lifetime' and r_score is not null and fm_score is not null
            and not is_degenerate
            group by r_score, fm_score, rfm_group
            order by fm_score desc, r_score
        """,
        draw=_draw_grid,
        describe=_describe_grid,
        columns=(
            Column("r_score", "R", "count"),
            Column("fm_score", "FM", "count"),
            Column("rfm_group", "Group", "code"),
            Column("customers", "Customers", "count"),
            Column("value", "Net sales so far", "amount"),
        ),
        empty="There are too few customers for RFM: scores are fifths of at least "
        "metrics.rfm_min_customers.",
    ),
)
