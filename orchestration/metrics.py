"""The semantic layer: metrics asked for by name, answered from the published file.

The metrics stand in `dbt_project/models/semantic`; dbt turns them into `semantic_manifest.json`
when the project is parsed, MetricFlow turns a question into SQL. The SQL runs in a connection of
its own, in which the published file is attached read-only under the name that the models know: a
run that is going is neither read nor kept waiting.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import duckdb

from ingestion.engine import connect, literal
from ingestion.errors import ConfigurationError
from orchestration.project import SEMANTIC_MANIFEST, ensure_manifest

PERIODS = ("day", "week", "month", "quarter", "year")
"""Short for `metric_time__day` and so on."""


@dataclass(frozen=True)
class Question:
    """Metrics by name and what to group them by; or a saved query, narrowed.

    `by` holds periods (`month`), entities (`store`) and dimensions (`store__channel`); `start` and
    `end` are the first and last date that count; `where` holds conditions in MetricFlow's
    templates. `order` names columns of the answer, with `:desc` behind for the largest first.
    """

    metrics: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
    saved: str = ""
    where: tuple[str, ...] = ()
    start: date | None = None
    end: date | None = None
    order: tuple[str, ...] = ()
    limit: int | None = None


@dataclass(frozen=True)
class Answer:
    """Rows of a question and the names of their columns."""

    columns: list[str]
    rows: list[tuple[Any, ...]]


@dataclass(frozen=True)
class Metric:
    """A metric or a saved query for people."""

    name: str
    description: str
    unit: str = ""


@dataclass(frozen=True)
class Metrics:
    """MetricFlow on one published file."""

    connection: duckdb.DuckDBPyConnection
    _engine: Any = field(repr=False)
    _manifest: Any = field(repr=False)

    def all(self) -> list[Metric]:
        """Every metric, by name."""
        metrics = (
            Metric(one.name, one.description or "", _meta(one).get("unit", ""))
            for one in self._manifest.metrics
            if not one.type_params.is_private
        )
        return sorted(metrics, key=lambda metric: metric.name)

    def saved(self) -> list[Metric]:
        """Every saved query, by name."""
        saved = (Metric(one.name, one.description or "") for one in self._manifest.saved_queries)
        return sorted(saved, key=lambda query: query.name)

    def groups_of(self, metrics: list[str]) -> list[str]:
        """Names by which all of these metrics can be grouped.

        Raises:
            ConfigurationError: there is no metric of such a name.
        """
        self._check_names(metrics)
        found = self._engine.list_group_bys(metric_names=metrics)
        names = (getattr(one, "granularity_free_dunder_name", None) or one.name for one in found)
        return sorted(set(names))

    def sql(self, question: Question) -> str:
        """The statement that answers a question; the published file is `warehouse` in it.

        Raises:
            ConfigurationError: the question cannot be answered.
        """
        from metricflow.engine.metricflow_engine import MetricFlowQueryRequest
        from metricflow_semantics.errors.error_classes import InformativeUserError

        self._check_names([*question.metrics])
        request = MetricFlowQueryRequest.create(
            saved_query_name=question.saved or None,
            metric_names=question.metrics or None,
            group_by_names=[_group_of(name) for name in question.by] or None,
            where_constraints=question.where or None,
            time_constraint_start=question.start and datetime.combine(question.start, time.min),
            time_constraint_end=question.end and datetime.combine(question.end, time.min),
        )
        try:
            return self._engine.explain(request).sql_statement.sql
        except InformativeUserError as error:
            said = self._short(question) or _first_lines(str(error))
            raise ConfigurationError(said) from None

    def ask(self, question: Question) -> Answer:
        """Rows of a question, in the order asked for, else by what they are grouped by.

        Raises:
            ConfigurationError: the question cannot be answered.
        """
        sql = self.sql(question)
        try:
            names = [row[0] for row in self.connection.execute(f"describe ({sql})").fetchall()]
            tail = _tail(names, question, self._names())
            result = self.connection.execute(f"select * from (\n{sql}\n) as answer\n{tail}")
            rows = [tuple(_plain(value) for value in row) for row in result.fetchall()]
        except duckdb.Error as error:
            raise ConfigurationError(f"the question cannot be answered: {error}") from None
        return Answer(names, rows)

    def _names(self) -> set[str]:
        return {metric.name for metric in self._manifest.metrics}

    def _short(self, question: Question) -> str:
        """What is wrong with a question, where a few words can say it."""
        if question.saved and question.saved not in {query.name for query in self.saved()}:
            return f"there is no saved query {question.saved}; `tokui metrics list` names them all."
        groups = {*self.groups_of([*question.metrics]), *PERIODS} if question.metrics else set()
        wrong = [name for name in question.by if groups and _without_period(name) not in groups]
        metrics = " ".join(question.metrics)
        if not wrong:
            return ""
        return (
            f"{metrics} cannot be grouped by {', '.join(wrong)}; `tokui metrics list {metrics}` "
            "names what it can be grouped by."
        )

    def _check_names(self, metrics: list[str]) -> None:
        unknown = sorted(set(metrics) - self._names())
        if unknown:
            raise ConfigurationError(
                f"there is no metric {', '.join(unknown)}; `tokui metrics list` names them all."
            )


@contextmanager
def open_metrics(published: Path) -> Iterator[Metrics]:
    """The metrics on a published file, which is read and never locked.

    Raises:
        ConfigurationError: nothing is published there, or the extra `metrics` is not installed.
    """
    if not published.exists():
        raise ConfigurationError("nothing is published yet; run `tokui refresh`.")
    engine, manifest = _engine()
    with connect(Path(":memory:")) as connection:
        connection.execute(f"attach {literal(str(published))} as warehouse (read_only)")
        yield Metrics(connection, engine, manifest)


def _engine() -> tuple[Any, Any]:
    """MetricFlow's engine and the semantic manifest of the project."""
    try:
        from metricflow.engine.metricflow_engine import MetricFlowEngine
        from metricflow_semantics.model import dbt_manifest_parser
        from metricflow_semantics.model.semantic_manifest_lookup import SemanticManifestLookup
    except ImportError:
        raise ConfigurationError(
            "the semantic layer is not installed; run `pip install 'tokui[metrics]'`."
        ) from None
    ensure_manifest()
    text = SEMANTIC_MANIFEST.read_text(encoding="utf-8")
    manifest = dbt_manifest_parser.parse_manifest_from_dbt_generated_manifest(text)
    engine = MetricFlowEngine(
        semantic_manifest_lookup=SemanticManifestLookup(manifest), sql_client=_dialect()
    )
    return engine, manifest


def _dialect() -> Any:
    """What the engine asks of a client that only writes SQL: which SQL."""
    from types import SimpleNamespace

    from metricflow.protocols.sql_client import SqlEngine
    from metricflow.sql.render.duckdb_renderer import DuckDbSqlPlanRenderer

    return SimpleNamespace(
        sql_engine_type=SqlEngine.DUCKDB, sql_plan_renderer=DuckDbSqlPlanRenderer()
    )


def _meta(metric: Any) -> dict[str, Any]:
    return (metric.config.meta if metric.config else None) or {}


def _group_of(name: str) -> str:
    return f"metric_time__{name}" if name in PERIODS else name


def _without_period(name: str) -> str:
    head, _, tail = name.rpartition("__")
    return head if head and tail in PERIODS else name


def _tail(names: list[str], question: Question, metrics: set[str]) -> str:
    """Order and limit. Without an order rows stand by what they are grouped by."""
    order = [_order_by(name, names) for name in question.order]
    order += [f'"{name}" nulls last' for name in names if not order and name not in metrics]
    limit = f"\nlimit {int(question.limit)}" if question.limit is not None else ""
    return (f"order by {', '.join(order)}" if order else "") + limit


def _order_by(name: str, names: list[str]) -> str:
    name, _, direction = name.partition(":")
    column = _group_of(name)
    if direction not in ("", "asc", "desc"):
        raise ConfigurationError(
            f"an order is a column, or a column with :desc behind, and not with :{direction}."
        )
    if column not in names:
        raise ConfigurationError(
            f"the answer cannot be ordered by {column}; it has the columns {', '.join(names)}."
        )
    return f'"{column}"{" desc" if direction == "desc" else ""} nulls last'


def _plain(value: Any) -> Any:
    """Instants at midnight are dates: MetricFlow truncates dates to periods."""
    is_midnight = isinstance(value, datetime) and value.time() == time.min
    return value.date() if is_midnight else value


def _first_lines(message: str) -> str:
    """MetricFlow's message without the dump of what it knows behind it."""
    lines = [line.rstrip() for line in message.splitlines() if line.strip()]
    return "\n".join(lines[:12])
