"""The files of the repository that are generated, by path."""

from __future__ import annotations

from orchestration.catalog import areas, dictionary, entities, exposures, kpi_page
from orchestration.catalog.tables import published_tables


def generated() -> dict[str, str]:
    """Text of each generated file by its path from the repository's root."""
    tables = published_tables()
    folder = "docs/dictionary"
    return {
        exposures.FILE: exposures.text(tables),
        "docs/entities.md": entities.page(tables),
        f"{folder}/README.md": dictionary.index(tables),
        f"{folder}/ops.md": dictionary.ops_page(),
        **{f"{folder}/{area.name}.md": dictionary.page(area, tables) for area in areas.AREAS},
        f"{folder}/kpis.md": kpi_page.page(tables),
    }
