"""Colours of the charts, in light and in dark; report and dashboard use the same.

Charts are drawn in the colours of `LIGHT`. Each colour has a role, so that a picture can be turned
dark, or into a page's own variables, by replacing them: `recoloured`. A heat map fades one colour
(opacity) and never blends two, so that this holds for it too.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

INK = "#1d2329"
QUIET = "#5d6770"
GRID = "#dfe2e4"
ACCENT = "#2b5d8c"
SECOND = "#b5651d"
THIRD = "#6d4c8f"
GOOD = "#1c6b43"
BAD = "#b3261e"
NEUTRAL = "#7b858d"

LIGHT = {
    "ink": INK,
    "quiet": QUIET,
    "grid": GRID,
    "accent": ACCENT,
    "second": SECOND,
    "third": THIRD,
    "good": GOOD,
    "bad": BAD,
    "neutral": NEUTRAL,
}
DARK = {
    "ink": "#e6e9eb",
    "quiet": "#9aa5ad",
    "grid": "#333b42",
    "accent": "#8ab8e6",
    "second": "#f0b070",
    "third": "#c4a8e8",
    "good": "#6ecb98",
    "bad": "#ff8a80",
    "neutral": "#8d979f",
}
FAINT, STRONG = 0.06, 0.45
"""Opacities of a heat map's least and greatest value: text in INK is legible on both."""


def recoloured(text: str, colours: Mapping[str, str]) -> str:
    """A picture or a chart's JSON with the colours of `LIGHT` replaced, role by role."""
    for role, colour in LIGHT.items():
        text = text.replace(colour, colours[role])
    return text


def in_dark(spec: Mapping[str, Any]) -> dict[str, Any]:
    """The specification of a chart, as its `to_dict` gives it, in colours for a dark page."""
    return json.loads(recoloured(json.dumps(spec), DARK))


def fade(value: float | None, greatest: float) -> float:
    """Opacity of a value in a heat map whose greatest value is given."""
    if not value or greatest <= 0:
        return FAINT
    return round(FAINT + (STRONG - FAINT) * min(1.0, value / greatest), 3)


CONFIG = {
    "font": "sans-serif",
    "aria": False,
    "background": None,
    "view": {"stroke": None},
    "axis": {
        "labelColor": QUIET,
        "titleColor": QUIET,
        "titleFontWeight": "normal",
        "gridColor": GRID,
        "domainColor": GRID,
        "tickColor": GRID,
        "labelFontSize": 11,
        "titleFontSize": 11,
        "labelLimit": 0,
    },
    "axisX": {"grid": False},
    "legend": {
        "orient": "top",
        "title": None,
        "labelColor": INK,
        "labelFontSize": 11,
        "labelLimit": 0,
        "symbolSize": 60,
        "columnPadding": 20,
        "offset": 6,
    },
    "title": {
        "color": QUIET,
        "fontSize": 11,
        "fontWeight": "normal",
        "anchor": "start",
        "frame": "bounds",
        "offset": 6,
    },
}
"""What Vega-Lite is told of everything that a chart leaves open."""
