"""One layer of the dbt project built on a run's copy of the warehouse.

dbt compiled it before (`orchestration.compiled`); here its statements are executed in one
connection, its contracts held, and its tests on data asked. No dbt is started.
"""

from __future__ import annotations

import time
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb

from ingestion.settings import Company, Identity, Metrics
from ingestion.typing_rules import fixed_offset
from orchestration import marts_file
from orchestration.compiled import Compiled, DataTest, Table, compiled_project, ensure_compiled
from orchestration.kept import Keeper
from orchestration.run import Run, StoppedError


@dataclass(frozen=True)
class NodeResult:
    """What became of one model, seed or test. `failures` counts the rows a test found."""

    unique_id: str
    name: str
    resource_type: str
    status: str
    message: str
    failures: int
    seconds: float

    @property
    def is_bad(self) -> bool:
        return self.status != "success"


def build(
    run: Run, connection: duckdb.DuckDBPyConnection, chosen: Collection[str]
) -> list[NodeResult]:
    """Build models and seeds in the order of their dependencies, and test their data.

    The first table that cannot be built ends the building; what stands by then is tested.

    Args:
        connection: to the run's copy.
        chosen: unique ids of dbt's nodes.

    Raises:
        StoppedError: a test on data failed.
        RuntimeError: a model could not be built.
    """
    assert run.as_of is not None
    settings = run.settings
    known = variables(
        settings.company, settings.metrics, settings.identity, run.as_of, full=run.full
    )
    project = compiled_project(known, run.home.compiled)
    results = build_tables(connection, project, chosen, full=run.full)
    built = {result.unique_id for result in results if not result.is_bad}
    results += [_tested(connection, test) for test in project.tests_of(built)]
    _raise_if_bad(run, results)
    return results


def build_tables(
    connection: duckdb.DuckDBPyConnection,
    project: Compiled,
    chosen: Collection[str],
    *,
    full: bool,
) -> list[NodeResult]:
    """Build models and seeds in the order of their dependencies, as far as they can be built.

    Args:
        chosen: unique ids.
        full: nothing that an earlier run kept is used.
    """
    wanted = [table for table in project.tables.values() if table.unique_id in chosen]
    for layer in sorted({table.layer for table in wanted} - _schemas(connection)):
        connection.execute(f"create schema {layer}")
    _make_room(connection, project, wanted)
    followers = [table for table in project.tables.values() if table.is_kept]
    keeper = Keeper(connection, project.code, followers, full=full)
    kinds = _kinds(connection)
    results: list[NodeResult] = []
    for table in wanted:
        results.append(_built(connection, keeper, table, kinds.get(table.relation)))
        if results[-1].is_bad:
            break
    return results


def variables(
    company: Company, metrics: Metrics, identity: Identity, as_of: date, *, full: bool
) -> dict[str, Any]:
    """The variables that every model may use."""
    return {
        **vars(metrics),
        "as_of_date": as_of.isoformat(),
        "company_timezone": company.timezone,
        "company_utc_offset": fixed_offset(company.timezone),
        "company_currency": company.currency,
        "points_as": company.points_as,
        "tax_rounding": company.tax_rounding,
        "identity_rules_off": list(identity.rules_off),
        "identity_max_records_per_key": identity.max_records_per_key,
        "identity_max_component_records": identity.max_component_records,
        "identity_never_merge_member_ids": identity.never_merge_member_ids,
        "identity_matcher": identity.matcher,
        "full_refresh": full,
    }


def ensure_default() -> None:
    """Have the project compiled for the settings that nobody changed, as the demo's are."""
    ensure_compiled(variables(Company(), Metrics(), Identity(), date.min, full=False))


def _schemas(connection: duckdb.DuckDBPyConnection) -> set[str]:
    rows = connection.execute("select schema_name from duckdb_schemas()").fetchall()
    return {name for (name,) in rows}


def _make_room(
    connection: duckdb.DuckDBPyConnection, project: Compiled, wanted: Collection[Table]
) -> None:
    """Where all marts are built, leave none of the published ones but those that are kept."""
    marts = [table for table in project.tables.values() if table.layer == "marts"]
    if marts and all(table in wanted for table in marts):
        marts_file.drop_all_but(connection, {table.name for table in marts if table.is_kept})


def _kinds(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """`table` or `view` by schema and name."""
    return dict(
        connection.execute(
            "select schema_name || '.' || table_name, 'table' from duckdb_tables() "
            "union all select schema_name || '.' || view_name, 'view' from duckdb_views() "
            "where not internal"
        ).fetchall()
    )


def _built(
    connection: duckdb.DuckDBPyConnection, keeper: Keeper, table: Table, existing: str | None
) -> NodeResult:
    started = time.perf_counter()
    message = ""
    stored_as = "view" if table.kind == "view" else "table"
    try:
        if existing not in (None, stored_as):
            connection.execute(f"drop {existing} {table.relation}")
        if table.is_kept:
            keeper.build(table)
        else:
            sql = keeper.filled(table.sql)
            connection.execute(f"create or replace {stored_as} {table.relation} as {sql}")
        message = _breach(connection, table)
    except duckdb.Error as error:
        message = str(error)
    return NodeResult(
        table.unique_id,
        table.name,
        table.resource_type,
        status="error" if message else "success",
        message=message,
        failures=0,
        seconds=time.perf_counter() - started,
    )


def _breach(connection: duckdb.DuckDBPyConnection, table: Table) -> str:
    """How a table breaks its contract; empty if it does not or has none."""
    if not table.columns:
        return ""
    made = connection.execute(f"select * from {table.relation} limit 0").description
    found = {name: str(kind) for name, kind, *_ in made}
    told = [
        f"{name} is {found.get(name, 'missing')}, the contract says "
        f"{table.columns.get(name, 'nothing of it')}"
        for name in sorted(found.keys() | table.columns.keys())
        if found.get(name) != table.columns.get(name)
    ]
    if not told and list(found) != list(table.columns):
        told = ["its columns stand in another order"]
    return f"the contract is broken: {'; '.join(told)}" if told else ""


def _tested(connection: duckdb.DuckDBPyConnection, test: DataTest) -> NodeResult:
    started = time.perf_counter()
    status, message, failures = "success", "", 0
    try:
        found = connection.execute(f"select count(*) from ({test.sql})").fetchone()
        failures = int(found[0]) if found else 0
        if failures:
            status, message = "fail", f"{failures} row(s) at fault, none is allowed"
    except duckdb.Error as error:
        status, message = "error", str(error)
    seconds = time.perf_counter() - started
    return NodeResult(test.unique_id, test.name, "test", status, message, failures, seconds)


def _raise_if_bad(run: Run, results: list[NodeResult]) -> None:
    bad = [result for result in results if result.is_bad]
    if not bad:
        return
    lines = "\n".join(f"  {result.name}: {result.message}" for result in bad)
    advice = f"Look into it with `tokui inspect {run.run_id[:8]}`."
    tests = sum(result.status == "fail" for result in bad)
    if tests:
        # A model may fail for what the test found: the data comes first.
        raise StoppedError(f"{tests} test(s) on data failed:\n{lines}\n{advice}")
    raise RuntimeError(f"{len(bad)} model(s) could not be built:\n{lines}\n{advice}")
