"""The published tables as dbt's manifest describes them."""

from __future__ import annotations

from dataclasses import dataclass

from orchestration.project import read_manifest


@dataclass(frozen=True)
class Column:
    """A column; `type` is DuckDB's, in small letters."""

    name: str
    type: str
    description: str


@dataclass(frozen=True)
class Table:
    """A table; the first sentence of `description` says what one row is."""

    schema: str
    name: str
    description: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    def column(self, name: str) -> Column:
        """The column of that name."""
        return next(column for column in self.columns if column.name == name)


def published_tables() -> dict[str, Table]:
    """Every table of the schema `marts`, by name."""
    nodes = read_manifest()["nodes"].values()
    marts = [n for n in nodes if n["resource_type"] == "model" and n["schema"] == "marts"]
    return {node["name"]: _table(node) for node in sorted(marts, key=lambda n: n["name"])}


def _table(node: dict) -> Table:
    columns = (
        Column(column["name"], column["data_type"], column["description"].strip())
        for column in node["columns"].values()
    )
    key = tuple(node["config"]["meta"]["primary_key"])
    return Table(node["schema"], node["name"], node["description"].strip(), key, tuple(columns))
