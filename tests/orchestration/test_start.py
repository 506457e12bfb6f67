"""What a start imports, and what a night opens and writes whatever its data: counted.

Each of it is paid by every night. Whoever adds to a list or raises a number says in the review what
the night gets for it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter

from orchestration.columns import LEFT_OUT
from tests.conftest import ROOT, Retailer

NOT_AT_LOAD = {
    "dbt", "dagster_dbt", "dbt_common", "dlt", "great_expectations", "jinja2", "metricflow",
    "numpy", "pandas", "pyarrow", "scipy", "sqlglot", "streamlit",
}  # fmt: skip
"""Not needed to know the assets, checks and jobs."""
NEVER_AT_NIGHT = {
    "dagster_dbt", "dagster_graphql", "dagster_webserver", "dbt", "dbt_common", "dlt", "metricflow",
    "psycopg", "splink", "sqlglot", "streamlit",
}  # fmt: skip
"""Not needed by a night without new files, of a retailer without Postgres and Splink."""
MODULES = {"status": 450, "load": 1_400, "night": 3_900}
"""At most so many modules."""

FIXED = {"databases opened": 85, "commits of Dagster": 330, "collections of garbage": 180}
"""At most so often in a night without new files."""
_COUNTING = """
import collections, gc, duckdb
from sqlalchemy import event
from sqlalchemy.engine import Engine
counted, connect = collections.Counter(), duckdb.connect
def counting(*arguments, **options):
    counted["databases opened"] += 1
    return connect(*arguments, **options)
duckdb.connect = counting
@event.listens_for(Engine, "commit")
def commit(connection):
    counted["commits of Dagster"] += connection.dialect.name == "sqlite"
"""
_COUNTED = (
    "counted['collections of garbage'] = sum(one['collections'] for one in gc.get_stats()); "
    "print(chr(10) + json.dumps(counted))"
)
_TOLD = "print(chr(10) + json.dumps(sorted(sys.modules)))"


def _modules(script: str, **environment: str) -> list[str]:
    return json.loads(_lines(f"import json, sys; {script}; {_TOLD}", **environment)[-1])


def _lines(script: str, **environment: str) -> list[str]:
    """What a script prints that a fresh Python executes."""
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()


def _first_names(modules: list[str]) -> set[str]:
    return {name.partition(".")[0] for name in modules} - set(sys.stdlib_module_names)


def _grown(modules: list[str], most: int) -> str:
    """What a failure says: how many modules, and of which packages most of them are."""
    counted = Counter(name.partition(".")[0] for name in modules).most_common(12)
    told = ", ".join(f"{name} {number}" for name, number in counted)
    return f"{len(modules)} modules are imported, {most} at most are expected: {told}"


def test_status_brings_only_light_packages(published_demo: Retailer) -> None:
    published_demo.use()
    modules = _modules("from orchestration.cli import main; main(['status'])")
    brought = _first_names(modules) & (NOT_AT_LOAD | {"dagster", "pydantic", "sqlalchemy", "yaml"})
    assert not brought, f"`tokui status` imports {', '.join(sorted(brought))}"
    assert len(modules) <= MODULES["status"], _grown(modules, MODULES["status"])


def test_the_command_that_waits_for_a_run_does_not_bring_its_report() -> None:
    modules = _modules("import orchestration.cli, orchestration.child, orchestration.alerts")
    assert not [name for name in modules if name.startswith(("orchestration.report", "charts"))]


def test_the_code_location_loads_without_the_tools_of_a_run() -> None:
    modules = _modules("import orchestration.definitions", **{LEFT_OUT: "yes"})
    brought = _first_names(modules) & NOT_AT_LOAD
    assert not brought, f"orchestration.definitions imports {', '.join(sorted(brought))}"
    assert len(modules) <= MODULES["load"], _grown(modules, MODULES["load"])


def test_a_night_does_not_start_or_open_what_it_does_not_need(demo: Retailer) -> None:
    demo.use()
    script = "from orchestration.refresh import main; assert main([]) == 0"
    told = _lines(f"import json, sys{_COUNTING}{script}; {_COUNTED}; {_TOLD}")
    modules, counted = json.loads(told[-1]), json.loads(told[-3])
    assert {name for name, most in FIXED.items() if not 0 < counted[name] <= most} == set(), counted
    brought = _first_names(modules) & NEVER_AT_NIGHT
    assert not brought, f"a night imports {', '.join(sorted(brought))}"
    assert len(modules) <= MODULES["night"], _grown(modules, MODULES["night"])
