"""The chart of costs against history: does a night cost what is new, or what is there?"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmarks.records import Measurement

SERIES = {"first_build": "first build", "night": "a night", "empty_night": "a night without news"}
WORDS = "CPU seconds of a first build and of nights against the receipt lines of the history"


def is_worth_drawing(measurements: Iterable[Measurement]) -> bool:
    """Whether nights were measured on histories of several lengths."""
    return len({m.lines for m in measurements if m.case == "night"}) > 1


def draw(measurements: Iterable[Measurement]) -> str:
    """The chart as SVG: a point a measurement, both axes logarithmic."""
    import altair as alt
    import vl_convert

    from charts.drawing import data
    from charts.theme import ACCENT, INK, QUIET, SECOND

    rows = [
        {"lines": m.lines, "seconds": round(m.cost.cpu_seconds, 2), "what": SERIES[m.case]}
        for m in measurements
    ]
    colour = alt.Color(
        "what:N",
        title=None,
        scale=alt.Scale(domain=list(SERIES.values()), range=[INK, ACCENT, SECOND]),
        legend=alt.Legend(orient="top"),
    )
    log = alt.Scale(type="log", nice=True)
    base = alt.Chart(data(rows)).encode(
        x=alt.X("lines:Q", title="million receipt lines of history", scale=log),
        y=alt.Y("seconds:Q", title="CPU seconds", scale=log),
        color=colour,
    )
    line = base.mark_line(strokeWidth=1.5).encode(y=alt.Y("median(seconds):Q", scale=log))
    drawn = (base.mark_circle(size=45, opacity=0.8) + line).properties(width=560, height=300)
    drawn = drawn.configure_view(stroke=None).configure_axis(
        labelColor=QUIET, titleColor=QUIET, titleFontWeight="normal"
    )
    return vl_convert.vegalite_to_svg(json.dumps(drawn.configure(background="white").to_dict()))
