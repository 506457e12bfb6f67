"""Where the columns of a query come from, read from its SQL.

A column comes from the columns that its value is worked out from: those of its expression, of a
window's partition and order, of a scalar subquery. A count of rows comes from the key of what is
counted. What only decides which rows there are (joins, filters, grouping) is no source: every
column of a table would have it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import Scope, traverse_scope

from orchestration.columns.model import ColumnName, Origin

Types = Mapping[str, Mapping[str, Mapping[str, str]]]
"""Types of columns by schema and table."""
Keys = Mapping[str, Sequence[str]]
"""Columns of the key by table, `staging.stg_pos__receipts` say."""


_NOWHERE = Origin()


def trace(sql: str, types: Types, keys: Keys) -> dict[str, Origin]:
    """Origin of each column of a query, in the order of its columns.

    Args:
        sql: a compiled model, in DuckDB's dialect.
        types: of every table that it reads.
        keys: of the tables that have one.

    Raises:
        sqlglot.errors.SqlglotError: the query cannot be read, or names what is not there.
    """
    query = qualify(
        sqlglot.parse_one(sql, read="duckdb"),
        schema={"warehouse": types},
        dialect="duckdb",
        quote_identifiers=False,
        identify=False,
    )
    return dict(_Reader(query, keys).root())


class _Reader:
    """One query: each of its parts is read once."""

    def __init__(self, query: exp.Expression, keys: Keys) -> None:
        found = traverse_scope(query)
        self._keys = keys
        self._root = found[-1]
        self._scopes = {id(scope.expression): scope for scope in found}
        self._read: dict[int, list[tuple[str, Origin]]] = {}

    def root(self) -> list[tuple[str, Origin]]:
        return self._outputs(self._root)

    def _outputs(self, scope: Scope) -> list[tuple[str, Origin]]:
        """Columns of a part of the query; none yet of one that reads itself."""
        key = id(scope.expression)
        if key not in self._read:
            self._read[key] = []
            self._read[key] = self._outputs_of(self._scopes.get(key, scope))
        return self._read[key]

    def _outputs_of(self, scope: Scope) -> list[tuple[str, Origin]]:
        if isinstance(scope.expression, exp.SetOperation):
            left, right = map(self._branch, (scope.expression.left, scope.expression.right))
            pairs = zip(left, right, strict=False)
            return [(name, _either(one, other)) for (name, one), (_, other) in pairs]
        return [(one.alias_or_name, self._of(one, scope)) for one in scope.expression.selects]

    def _branch(self, query: exp.Expression) -> list[tuple[str, Origin]]:
        return self._outputs(self._scopes[id(query.unnest())])

    def _of(self, expression: exp.Expression, scope: Scope) -> Origin:
        bare = expression
        while isinstance(bare, exp.Alias | exp.Paren | exp.Cast):
            bare = bare.this
        if isinstance(bare, exp.Column):
            return self._of_column(bare, scope)
        return Origin(self._sources(bare, scope))

    def _sources(self, expression: exp.Expression, scope: Scope) -> frozenset[ColumnName]:
        """Of every column below an expression, subqueries read as what they select."""
        if isinstance(expression, exp.Column):
            return self._of_column(expression, scope).sources
        if isinstance(expression, exp.Star):
            return self._rows(scope)
        inner = self._scopes.get(id(expression))
        if isinstance(expression, exp.Query) and inner is not None:
            return _all(origin.sources for _, origin in self._outputs(inner))
        return _all(self._sources(part, scope) for part in expression.iter_expressions())

    def _rows(self, scope: Scope) -> frozenset[ColumnName]:
        """Keys of what a part of the query goes through, without what it joins to it."""
        query = self._scopes.get(id(scope.expression), scope).expression
        if isinstance(query, exp.SetOperation):
            branches = (one.unnest() for one in (query.left, query.right))
            return _all(self._rows(self._scopes[id(one)]) for one in branches)
        start = query.args.get("from_")
        source = scope.sources.get(start.alias_or_name) if start else None
        if isinstance(source, exp.Table):
            name = f"{source.db}.{source.name}"
            return frozenset(ColumnName(name, column) for column in self._keys.get(name, ()))
        is_read = isinstance(source, Scope) and isinstance(source.expression, exp.Query)
        return self._rows(source) if is_read and source is not scope else frozenset()

    def _of_column(self, column: exp.Column, scope: Scope) -> Origin:
        at, source = _find(scope, column.table)
        if isinstance(source, exp.Table):
            return self._of_table(source, column.name, at)
        if source is None:
            return _NOWHERE
        if isinstance(source.expression, exp.Query):
            return dict(self._outputs(source)).get(column.name, _NOWHERE)
        # A function that makes rows, such as unnest: each of its columns is of all that it reads.
        return Origin(self._sources(source.expression, at))

    def _of_table(self, table: exp.Table, column: str, scope: Scope) -> Origin:
        if not table.db:
            return Origin(self._sources(table.this, scope))
        name = ColumnName(f"{table.db}.{table.name}", column)
        return Origin(frozenset({name}), name)


def _find(scope: Scope, alias: str) -> tuple[Scope, Any]:
    """The source of that name, of this part of the query or of one around it."""
    around: Scope | None = scope
    while around is not None:
        if alias in around.sources:
            return around, around.sources[alias]
        around = around.parent
    return scope, None


def _either(one: Origin, other: Origin) -> Origin:
    """Of a column of two queries set below each other."""
    return Origin(one.sources | other.sources, one.same if one.same == other.same else None)


def _all(parts: Iterable[frozenset[ColumnName]]) -> frozenset[ColumnName]:
    return frozenset[ColumnName]().union(*parts)
