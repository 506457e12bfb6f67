"""What dbt's manifest says of the published tables: meaning, keys, relations."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

# Tables of `ops` are no models; these are the only words about them that a reader there has.
OPS_COMMENTS = {
    "publication": "One row: the version that all tables here are of, and its as-of date.",
    "runs": "One row a run up to this publication: when, how it ended, what it published.",
    "check_results": "One row a check of the run that published: severity, observed, threshold.",
    "row_accounting": "One row a source table: rows in, and what became of each of them.",
    "source_freshness": "One row a source table: files loaded, the newest delivery, held or not.",
    "quarantine_summary": "One row a table, file, reason and state: rows that were set aside.",
    "model_backtest": "One row a model, segment and bucket: predicted against what came.",
}


@dataclass(frozen=True)
class Reference:
    """A column that names a row of another table by its only key column."""

    column: str
    table: str
    key: str


@dataclass(frozen=True)
class Model:
    """A published table in words; `required` columns always have a value."""

    description: str
    key: tuple[str, ...] = ()
    columns: dict[str, str] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    references: tuple[Reference, ...] = ()


def models_of(manifest: dict[str, Any]) -> dict[str, Model]:
    """The models of the schema `marts`, by name."""
    nodes = manifest["nodes"].values()
    tests = [node for node in nodes if node["resource_type"] == "test"]
    return {
        node["name"]: _model(
            node, [t for t in tests if t.get("attached_node") == node["unique_id"]]
        )
        for node in nodes
        if node["resource_type"] == "model" and node["schema"] == "marts"
    }


def _model(node: dict[str, Any], tests: list[dict[str, Any]]) -> Model:
    key = tuple(node["config"]["meta"]["primary_key"])
    return Model(
        description=_line(node["description"]),
        key=key,
        columns={
            name: _column_words(column["description"], column["data_type"])
            for name, column in node["columns"].items()
        },
        required=frozenset(key) | {t["column_name"] for t in tests if _kind(t) == "not_null"},
        references=tuple(_reference(t) for t in tests if _kind(t) == "relationships"),
    )


def _kind(test: dict[str, Any]) -> str | None:
    return (test.get("test_metadata") or {}).get("name")


def _reference(test: dict[str, Any]) -> Reference:
    named = test["test_metadata"]["kwargs"]
    table = named["to"].removeprefix("ref('").removesuffix("')")
    return Reference(test["column_name"], table, named["field"])


def _column_words(description: str, data_type: str) -> str:
    words = _line(description)
    is_instant = data_type.lower() == "timestamp"
    return f"{words} In UTC." if is_instant and "UTC" not in words else words


def _line(text: str) -> str:
    return " ".join(text.split())
