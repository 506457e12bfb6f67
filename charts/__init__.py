"""Charts of the published tables, drawn the same in the report and in the dashboard.

A chart is a `Figure`: one query on the schema `marts` of a published file, a function that draws
its rows with Altair, and a sentence that says what is to be seen, for those who do not see it.
`FIGURES` names all of them. Nothing here knows where a file lies or who shows the chart.
"""

from __future__ import annotations

from charts import (
    campaigns,
    chat,
    coverage,
    lifecycle,
    loyalty,
    members,
    migration,
    rfm,
    sales,
    support,
    targets,
    value,
)
from charts.figure import Figure

_MODULES = (
    targets,
    sales,
    members,
    rfm,
    migration,
    loyalty,
    value,
    lifecycle,
    campaigns,
    support,
    chat,
    coverage,
)  # fmt: skip

FIGURES: dict[str, Figure] = {figure.name: figure for part in _MODULES for figure in part.FIGURES}
"""Every chart by its name."""
