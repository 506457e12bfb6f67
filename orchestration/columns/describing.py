"""What each column of the warehouse means: as declared, or as declared where the same value stands.

The contract, the plans and dbt's models and sources declare what they must; intermediate models
declare nothing, and their columns are mostly those of the tables around them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from ingestion.contract import FEEDS
from orchestration.columns.model import ColumnName, Origin
from plans.tables import PLANS

Descriptions = dict[ColumnName, str]


def declared(manifest: Mapping[str, Any]) -> Descriptions:
    """Descriptions that someone wrote, of columns of all layers."""
    found = {**dict(_of_plans()), **dict(_of_personal()), **dict(_of_dbt(manifest))}
    return {name: " ".join(text.split()) for name, text in found.items() if text.strip()}


def complete(written: Descriptions, origins: Mapping[ColumnName, Origin]) -> Descriptions:
    """Descriptions of further columns: that of the same value above, else that of it below."""
    found = dict(written)
    for name, origin in origins.items():  # Tables stand in the order in which they are made.
        if name not in found and origin.same in found:
            found[name] = found[origin.same]
    for name, origin in reversed(origins.items()):
        if name in found and origin.same is not None:
            found.setdefault(origin.same, found[name])
    return found


def by_name(written: Descriptions) -> dict[str, str]:
    """Descriptions by name of column, where most columns of that name, or three, agree."""
    texts: dict[str, Counter[str]] = {}
    for name, text in written.items():
        texts.setdefault(name.column, Counter())[text] += 1
    commonest = {column: found.most_common(1)[0] for column, found in texts.items()}
    return {
        column: text
        for column, (text, n) in commonest.items()
        if n >= 3 or 2 * n > texts[column].total()
    }


def _of_dbt(manifest: Mapping[str, Any]) -> Iterator[tuple[ColumnName, str]]:
    for node in [*manifest["nodes"].values(), *manifest["sources"].values()]:
        for column in node["columns"].values() if node["resource_type"] != "test" else ():
            yield (
                ColumnName(f"{node['schema']}.{node['name']}", column["name"]),
                column["description"] or "",
            )


def _of_plans() -> Iterator[tuple[ColumnName, str]]:
    for plan in PLANS.values():
        for column in plan.columns:
            yield ColumnName(f"plans.{plan.name}", column.name), column.description


def _of_personal() -> Iterator[tuple[ColumnName, str]]:
    for feed in FEEDS.values():
        for table in feed.tables:
            for column in table.columns:
                yield ColumnName(f"pii.{table.pii_name}", column.name), column.description
