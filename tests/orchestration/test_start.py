"""What a start imports: counted, because every package that comes along is paid by each night.

Whoever adds to a list says in the review what the night gets for it.
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

_TOLD = "print(chr(10) + json.dumps(sorted(sys.modules)))"


def _modules(script: str, **environment: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", f"import json, sys; {script}; {_TOLD}"],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


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


def test_the_code_location_loads_without_the_tools_of_a_run() -> None:
    modules = _modules("import orchestration.definitions", **{LEFT_OUT: "yes"})
    brought = _first_names(modules) & NOT_AT_LOAD
    assert not brought, f"orchestration.definitions imports {', '.join(sorted(brought))}"
    assert len(modules) <= MODULES["load"], _grown(modules, MODULES["load"])


def test_a_night_starts_no_tool_that_it_does_not_need(demo: Retailer) -> None:
    demo.use()
    modules = _modules("from orchestration.refresh import main; assert main([]) == 0")
    brought = _first_names(modules) & NEVER_AT_NIGHT
    assert not brought, f"a night imports {', '.join(sorted(brought))}"
    assert len(modules) <= MODULES["night"], _grown(modules, MODULES["night"])
