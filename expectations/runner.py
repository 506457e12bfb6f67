"""Runs suites against a warehouse: the only module that talks to Great Expectations.

One pass of aggregates a table measures every rule, and Great Expectations judges the one row that
comes of it, pushed down to DuckDB and BOOLEAN_ONLY. An expectation a rule would scan the table once
a rule, and twice where the rule is a query; and this way no value of a row ever reaches it.
Only rules that failed get a second look at rows: how many, and the ids of the first three.

The gate fails closed: what cannot be measured or judged is a failed critical result that says so.
"""

from __future__ import annotations

import logging
import os
import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from expectations.acceptance import EXAMPLES, Finding, weigh
from expectations.deferred import deferred
from expectations.model import Bound, CheckResult, Rule, RunFacts, Severity, Suite
from expectations.thresholds import THRESHOLDS
from ingestion.engine import engine_settings, marts_beside

if TYPE_CHECKING:
    from sqlalchemy import Connection

_Bounds = tuple[float | None, float | None]
_Column = tuple[str, ...]
"""A table of one row and its column, which holds what a rule measured."""
_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
_SAFE_ERRORS = ("BinderException", "CatalogException", "ParserException", "KeyError")


def run_suites(
    warehouse: Path, suites: Sequence[Suite], facts: RunFacts, marts: Path | None = None
) -> list[CheckResult]:
    """The result of every rule of `suites`, in order; reads `warehouse` and never writes it.

    `marts` is the file with the marts, where they are not in the warehouse. Opens the files
    read-only and has released them when it returns. A rule that fails is a result,
    never an exception.

    Raises:
        FileNotFoundError: there is no such warehouse.
    """
    if not warehouse.is_file():
        raise FileNotFoundError(f"no warehouse at {warehouse}")
    with _open_session(warehouse, marts) as session:
        measured = [
            measured
            for number, suite in enumerate(suites)
            for measured in _measure(session, suite, facts, f"measured_{number}")
        ]
        return _judge(session, measured, facts)


@dataclass(frozen=True)
class _Measured:
    """A rule and what it measured; `error` says why it could not, and is None where it could."""

    suite: Suite
    rule: Rule
    column: _Column
    value: float | None
    error: str | None


@dataclass(frozen=True)
class _Session:
    """One Great Expectations context and data source, and the connection that both use."""

    data_source: Any
    connection: Connection

    def measure(self, sql: str, name: str) -> dict[str, float | None]:
        """Stores the one row of `sql` as temporary table `name` and returns it."""
        self.run(f"create or replace temp table {name} as {sql}")
        row = self.run(f"select * from {name}").mappings().one()
        # Great Expectations rolls back what it finds open, and the temporary table with it.
        self.connection.commit()
        return dict(row)

    def run(self, sql: str) -> Any:
        # The driver's own call: SQLAlchemy's text() would take a colon for a parameter.
        try:
            return self.connection.exec_driver_sql(sql)
        except Exception:
            self.connection.rollback()
            raise

    def judge(self, bounds: dict[_Column, tuple[Severity, _Bounds]]) -> set[_Column]:
        """The columns of one-row tables that lie within their bounds.

        Most rules share their bounds, and most pass, critical ones above all. So of all columns
        with equal bounds and severity the greatest and the least are judged first, where these do
        not pass those of each table, and at last each column alone. A column that is NULL fails;
        so does one whose check raised.
        """
        passed: set[_Column] = set()
        for depth in range(3):
            alike: dict[tuple[Any, ...], list[_Column]] = {}
            for column, kind in bounds.items():
                if column not in passed:
                    alike.setdefault((column[:depth], *kind), []).append(column)
            if not alike:
                break
            groups = [(bound, group) for (*_, bound), group in alike.items()]
            passed.update(*self._alike_within(groups, f"judged_{depth}"))
        return passed

    def _alike_within(
        self, groups: Sequence[tuple[_Bounds, list[_Column]]], name: str
    ) -> list[list[_Column]]:
        """Those groups of columns of equal bounds whose extremes lie within them."""
        values: list[str] = []
        expected: dict[str, _Bounds] = {}
        for number, (bound, group) in enumerate(groups):
            columns = [".".join(column) for column in group]
            any_null = " or ".join(f"{column} is null" for column in columns)
            for extreme in _extremes(bound):
                value = f"{extreme}({', '.join(columns)})"
                expected[f"{extreme}_{number}"] = bound
                values.append(
                    f"case when {any_null} then null else {value} end as {extreme}_{number}"
                )
        tables = ", ".join(dict.fromkeys(table for _, group in groups for table, _ in group))
        self.measure(f"select {', '.join(values)} from {tables}", name)
        within = self._within(name, expected)
        return [
            group
            for number, (bound, group) in enumerate(groups)
            if {f"{extreme}_{number}" for extreme in _extremes(bound)} <= within
        ]

    def _within(self, name: str, bounds: dict[str, _Bounds]) -> set[str]:
        """The columns of the one-row table `name` that Great Expectations finds within bounds."""
        import great_expectations as gx
        import great_expectations.expectations as gxe

        asset = self.data_source.add_query_asset(name=name, query=f"select * from {name}")
        batch = asset.add_batch_definition_whole_table("whole").get_batch()
        expected = [
            gxe.ExpectColumnMaxToBeBetween(column=column, min_value=low, max_value=high)
            for column, (low, high) in bounds.items()
        ]
        suite = gx.ExpectationSuite(name=name, expectations=expected)
        outcome = batch.validate(suite, result_format="BOOLEAN_ONLY")
        return {r.expectation_config.kwargs["column"] for r in outcome.results if r.success is True}


def _extremes(bounds: _Bounds) -> tuple[str, ...]:
    """Which of several values lies beyond the bounds if any does."""
    low, high = bounds
    return ("greatest",) * (high is not None or low is None) + ("least",) * (low is not None)


def load_library() -> Any:
    """Great Expectations, imported late: it costs three seconds, and readers need not pay."""
    # Read when the package is imported.
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    with deferred("scipy.stats", "altair"):
        import great_expectations
        import great_expectations.expectations

    return great_expectations


@contextmanager
def _open_session(warehouse: Path, marts: Path | None) -> Iterator[_Session]:
    gx = load_library()
    from great_expectations.data_context.types.base import ProgressBarsConfig

    logging.getLogger("great_expectations").setLevel(logging.ERROR)
    _keep_duckdb_connections()
    with _close_connections_afterwards():
        context = gx.get_context(mode="ephemeral")
        context.variables.progress_bars = ProgressBarsConfig(globally=False)
        data_source = context.data_sources.add_sql(
            name="warehouse",
            connection_string=f"duckdb:///{warehouse}",
            create_temp_table=False,
            kwargs={"connect_args": {"read_only": True, "config": engine_settings(warehouse)}},
        )
        with data_source.get_execution_engine().get_connection() as connection:
            session = _Session(data_source, connection)
            if marts is not None:
                session.run(marts_beside(marts, read_only=True))
            yield session


class _DialectName(str):
    """A dialect's name that also answers `.value`, like the enumeration it is put beside."""

    @property
    def value(self) -> str:
        return str(self)


def _keep_duckdb_connections() -> None:
    """Makes Great Expectations keep one connection to DuckDB instead of one a query.

    It hands the connection back before it fetches, and DuckDB's result dies with it ("list index
    out of range" on every expectation); temporary tables die too. It spares the dialects of a
    private tuple that; there is no public way in, hence the exact pin of great-expectations.
    """
    from great_expectations.execution_engine import sqlalchemy_execution_engine as engine

    kept = engine._PERSISTED_CONNECTION_DIALECTS
    if "duckdb" not in kept:
        engine._PERSISTED_CONNECTION_DIALECTS = (*kept, _DialectName("duckdb"))


@contextmanager
def _close_connections_afterwards() -> Iterator[None]:
    """Closes every DuckDB connection that SQLAlchemy opens meanwhile on this thread.

    Great Expectations makes several engines, and `dispose()` does not release the lock of the
    file: the next step could not write. Other threads and databases are left alone.
    """
    from sqlalchemy import event
    from sqlalchemy.pool import Pool

    thread = threading.get_ident()
    opened: list[Any] = []

    def remember(connection: Any, _record: Any) -> None:
        is_duckdb = type(connection).__module__.startswith("duckdb_sqlalchemy")
        if is_duckdb and threading.get_ident() == thread:
            opened.append(connection)

    event.listen(Pool, "connect", remember)
    try:
        yield
    finally:
        event.remove(Pool, "connect", remember)
        for connection in opened:
            connection.close()


def _judge(session: _Session, measured: Sequence[_Measured], facts: RunFacts) -> list[CheckResult]:
    """The result of every rule that was measured, in order."""
    unjudged = None
    try:
        passed = session.judge(
            {one.column: (one.rule.severity, _bounds(one.rule, facts)) for one in measured}
        )
    except Exception as error:
        passed, unjudged = set(), _describe(error)
    return [
        _result(session, replace(one, error=one.error or unjudged), facts, one.column in passed)
        for one in measured
    ]


def _measure(session: _Session, suite: Suite, facts: RunFacts, table: str) -> list[_Measured]:
    """What each rule of a suite measured, kept in the one row of temporary table `table`.

    One query for all rules. If it fails, each rule is measured alone, so that one broken rule
    does not hide what the others say.
    """
    rules = {f"r{number}": rule for number, rule in enumerate(suite.rules)}
    errors: dict[str, str] = {}
    try:
        values = session.measure(_one_row(suite, rules, facts), table)
    except Exception:
        values, errors = _measure_each(session, suite, rules, facts, table)
    return [
        _Measured(suite, rule, (table, name), values[name], errors.get(name))
        for name, rule in rules.items()
    ]


def _measure_each(
    session: _Session, suite: Suite, rules: dict[str, Rule], facts: RunFacts, table: str
) -> tuple[dict[str, float | None], dict[str, str]]:
    """What each rule measured alone, by column; and why, for those that could not be measured."""
    values: dict[str, float | None] = dict.fromkeys(rules)
    errors: dict[str, str] = {}
    for column, rule in rules.items():
        try:
            values[column] = session.measure(_one_row(suite, {column: rule}, facts), table)[column]
        except Exception as error:
            errors[column] = _describe(error)
    literals = [f"cast({_number(value)} as double) as {column}" for column, value in values.items()]
    return session.measure(f"select {', '.join(literals)}", table), errors


def _one_row(suite: Suite, rules: dict[str, Rule], facts: RunFacts) -> str:
    """The query that measures `rules` in one row; what two of them share is measured once."""
    measured: dict[str, str] = {"count(*)": "row_count"}

    def measure(sql: str, rule: Rule) -> str:
        return measured.setdefault(_fill(sql, suite, rule, facts), f"m{len(measured)}")

    judged = []
    for column, rule in rules.items():
        number = f"cast({measure(rule.measure, rule)} as double)"
        if rule.share_of:
            number = f"coalesce({number} / nullif({measure(rule.share_of, rule)}, 0), 0)"
        judged.append(f"{number} as {column}")
    # count(*) makes it one row even where every measure is a scalar subquery.
    columns = ", ".join(f"{sql} as {name}" for sql, name in measured.items())
    return f"select {', '.join(judged)} from (select {columns} from {suite.table})"


def _result(session: _Session, measured: _Measured, facts: RunFacts, passed: bool) -> CheckResult:
    suite, rule, value, error = measured.suite, measured.rule, measured.value, measured.error
    unexpected: int | None = None if rule.bad_rows is None else 0
    examples: tuple[str, ...] = ()
    severity = rule.severity
    explanation = rule.explanation
    if error is not None or value is None:
        error = error or "no value"
        severity = Severity.CRITICAL
        unexpected = None
        explanation = (
            "The rule could not be evaluated, which counts as a failure. A missing table or column "
            f"means that an earlier step did not run. {explanation}"
        )
    elif not passed and rule.bad_rows is not None:
        unexpected, examples = _look_again(session, suite, rule, facts)
    result = CheckResult(
        suite=suite.table,
        rule=rule.name,
        severity=severity,
        acceptable=rule.acceptable and error is None,
        passed=passed,
        observed=f"not evaluated: {error}" if error is not None else _number(value),
        threshold=_describe_bounds(*_bounds(rule, facts)),
        unexpected_count=unexpected,
        examples=examples,
        explanation=explanation,
        as_of=facts.result_date,
        run_id=facts.run_id,
    )
    if result.passed or not result.acceptable or value is None:
        return result
    found = Finding(result, value, bad_rows_query(suite, rule, facts), rule.row_id or suite.key)
    return weigh(found, _bounds(rule, facts), facts, session.run)


def bad_rows_query(suite: Suite, rule: Rule, facts: RunFacts) -> str | None:
    """The query of the rows at fault, placeholders filled; None for a rule without such rows."""
    return None if rule.bad_rows is None else _fill(rule.bad_rows, suite, rule, facts)


def _look_again(
    session: _Session, suite: Suite, rule: Rule, facts: RunFacts
) -> tuple[int | None, tuple[str, ...]]:
    """How many rows a failed rule is about, and the ids of the first of them."""
    row_id = rule.row_id or suite.key
    rows = _fill(rule.bad_rows or "", suite, rule, facts)
    listed = ", ".join(row_id)
    try:
        count = session.run(f"select count(*) from ({rows})").scalar_one()
        found = session.run(
            f"select {listed} from ({rows}) order by {listed} limit {EXAMPLES}"
        ).fetchall()
    except Exception:  # The rule has failed already; its examples are a courtesy.
        return None, ()
    named = (zip(row_id, row, strict=True) for row in found)
    return int(count), tuple(", ".join(f"{c}={v}" for c, v in pairs) for pairs in named)


def _fill(sql: str, suite: Suite, rule: Rule, facts: RunFacts) -> str:
    """`sql` with its placeholders filled by literals.

    Raises:
        KeyError: a placeholder is neither a fact of the run nor a threshold.
    """
    as_of = "null" if facts.as_of is None else f"'{facts.as_of.isoformat()}'"
    known: dict[str, str] = {
        **{name: _number(value) for name, value in (THRESHOLDS | dict(facts.thresholds)).items()},
        "table": suite.table,
        "row_id": ", ".join(rule.row_id or suite.key),
        "as_of": f"cast({as_of} as date)",
        "now": f"cast('{facts.now_utc.isoformat(sep=' ')}' as timestamp)",
    }
    return _PLACEHOLDER.sub(lambda found: known[found.group(1)], sql)


def _bounds(rule: Rule, facts: RunFacts) -> tuple[float | None, float | None]:
    return _bound(rule.low, facts), _bound(rule.high, facts)


def _bound(bound: Bound, facts: RunFacts) -> float | None:
    if isinstance(bound, str):
        return float((THRESHOLDS | dict(facts.thresholds))[bound])
    return bound


def _describe_bounds(low: float | None, high: float | None) -> str:
    parts = [] if low is None else [f">= {_number(low)}"]
    parts += [] if high is None else [f"<= {_number(high)}"]
    return " and ".join(parts) or "any"


def _number(value: float | None) -> str:
    """A number as SQL and people read it: no needless decimals, never an exponent."""
    if value is None:
        return "null"
    return f"{value:.9f}".rstrip("0").rstrip(".")


def _describe(error: Exception) -> str:
    """Why a query failed, without any value of a row.

    DuckDB's conversion and arithmetic errors quote the value at fault, which may be personal, so
    only errors about names and syntax keep their first line.
    """
    cause = getattr(error, "orig", None) or error
    name = type(cause).__name__
    if name not in _SAFE_ERRORS:
        return name
    return f"{name}: {str(cause).splitlines()[0]}"
