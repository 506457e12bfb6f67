"""Columns of tables in Dagster's words: schema, lineage, and both as a person reads them.

Dagster's open-source UI shows a column schema and no column lineage, which only its paid edition
draws; the lineage is in the metadata all the same, for catalogues that ask for it, and the
description of each column says where it comes from.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

import dagster as dg

from orchestration.columns import ColumnFacts, TableFacts

_NAMED_SOURCES = 4


def table_metadata(name: str, facts: TableFacts) -> dict[str, Any]:
    """Metadata of the definition of a table, `marts.customer_360` say."""
    found: dict[str, Any] = {
        "dagster/table_name": name,
        "dagster/column_schema": _schema(facts),
    }
    lineage = _lineage(facts)
    if lineage:
        found["dagster/column_lineage"] = dg.TableColumnLineage(lineage)
    if facts.key or facts.version_key:
        found["key"] = ", ".join(facts.key or facts.version_key)
    return found


def _schema(facts: TableFacts) -> dg.TableSchema:
    rules = []
    if facts.key:
        rules.append(f"one row a {', '.join(facts.key)}")
    if facts.version_key:
        rules.append(f"versions of a {', '.join(facts.version_key)}")
    return dg.TableSchema(
        columns=[_column(column, facts) for column in facts.columns],
        constraints=dg.TableConstraints(other=rules),
    )


def _column(column: ColumnFacts, facts: TableFacts) -> dg.TableColumn:
    other = ["key"] if column.name in (facts.key or facts.version_key) else []
    if column.values:
        other.append(f"one of: {', '.join(column.values)}")
    return dg.TableColumn(
        name=column.name,
        type=column.type,
        description=described(column),
        constraints=dg.TableColumnConstraints(
            nullable=not column.is_present,
            unique=facts.key == (column.name,),
            other=other,
        ),
    )


def described(column: ColumnFacts) -> str:
    """What a column means and where it comes from, as the UI shows it."""
    return " ".join(filter(None, (column.description, _comes_from(column))))


def _comes_from(column: ColumnFacts) -> str:
    named = [f"{table}.{name}" for table, name in column.sources[:_NAMED_SOURCES]]
    more = len(column.sources) - len(named)
    if not named:
        return ""
    return f"← {', '.join(named)}" + (f" and {more} more" if more else "")


def _lineage(facts: TableFacts) -> Mapping[str, list[dg.TableColumnDep]]:
    return {
        column.name: [
            dg.TableColumnDep(asset_key=_asset_of(table), column_name=name)
            for table, name in column.sources
        ]
        for column in facts.columns
        if column.sources
    }


@cache
def _asset_of(table: str) -> dg.AssetKey:
    return dg.AssetKey(table.split("."))
