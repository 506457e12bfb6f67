"""What may import what, read from the source text: only `orchestration/` knows Dagster.

And only `demo/`, which plants a truth, and `evaluation/`, which compares with it, know of it.
"""

from __future__ import annotations

import ast
import gc
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
RUNNERS = {"dagster", "dagster_dbt", "dbt", "great_expectations"}
DEMO_ALONE = {"demo", "evaluation", "benchmarks"}
"""They know the demo or its planted truth; what the pipeline finds must not come from there."""
OTHER_STACK = "benchmarks/usual_stack/"
"""What the project is measured against: no part of it, with libraries as it likes."""
FORBIDDEN = {
    "baskets": RUNNERS | DEMO_ALONE | {"orchestration", "expectations"},
    "ingestion": RUNNERS | DEMO_ALONE | {"orchestration", "expectations"},
    "identity": RUNNERS | DEMO_ALONE | {"orchestration", "expectations"},
    "plans": RUNNERS | DEMO_ALONE | {"orchestration", "expectations", "identity", "prediction"},
    "prediction": RUNNERS | DEMO_ALONE | {"orchestration", "expectations", "identity", "plans"},
    "expectations": RUNNERS - {"great_expectations"} | DEMO_ALONE | {"orchestration"},
    "orchestration": DEMO_ALONE,
    "serving": RUNNERS | DEMO_ALONE | {"orchestration", "expectations"},
    "dashboard": RUNNERS | DEMO_ALONE | {"expectations", "prediction"},
    "charts": RUNNERS | DEMO_ALONE | {"orchestration", "expectations", "ingestion", "serving"},
    "words": RUNNERS | DEMO_ALONE | {"orchestration", "expectations", "ingestion", "charts"},
    "dbt_project": DEMO_ALONE,
    "deploy": RUNNERS | DEMO_ALONE | {"orchestration", "expectations", "ingestion"},
    "demo": RUNNERS | {"orchestration", "expectations", "identity", "evaluation", "benchmarks"},
    "evaluation": RUNNERS | {"expectations", "benchmarks"},
    "benchmarks": RUNNERS | {"expectations"},
}
EXEMPT = {"orchestration/demo.py": {"demo", "evaluation"}}
"""The command that generates the demo, in a process of its own, and compares with its truth."""
TRUTH = re.compile(r"""["'/]truth["'/]|future_purchases|campaign_lifts""")
PIPELINE = [package for package in FORBIDDEN if package not in DEMO_ALONE]
ONLY_IN = {"great_expectations": "expectations/runner.py"}


def imported(source: str) -> set[str]:
    """First names of everything that a module imports, inside functions too."""
    names: set[str] = set()
    for node in ast.walk(_parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.partition(".")[0])
        elif isinstance(node, ast.Call) and _is_import_call(node):
            names |= {
                str(a.value).partition(".")[0] for a in node.args if isinstance(a, ast.Constant)
            }
    return names


def _parse(source: str) -> ast.Module:
    """CPython 3.11 loses count of its depth when a finaliser that parses runs within a parse."""
    gc.disable()
    try:
        return ast.parse(source)
    finally:
        gc.enable()


def _is_import_call(node: ast.Call) -> bool:
    called = node.func
    name = called.id if isinstance(called, ast.Name) else getattr(called, "attr", "")
    return name in ("__import__", "import_module")


def modules(package: str) -> list[Path]:
    found = sorted((ROOT / package).rglob("*.py"))
    return [path for path in found if not name_of(path).startswith(OTHER_STACK)]


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_every_package_has_its_place() -> None:
    packages = {path.parent.name for path in ROOT.glob("*/*.py")} - {"tests"}
    assert packages <= set(FORBIDDEN)


@pytest.mark.parametrize("package", FORBIDDEN)
def test_a_layer_imports_no_layer_above_it(package: str) -> None:
    found = {
        f"{name_of(path)} imports {name}"
        for path in modules(package)
        for name in imported(path.read_text(encoding="utf-8"))
        & (FORBIDDEN[package] - EXEMPT.get(name_of(path), set()))
    }
    assert modules(package) or package == "dbt_project"
    assert not found


def test_the_exempt_module_is_still_needed() -> None:
    for name, packages in EXEMPT.items():
        assert packages <= imported((ROOT / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize("package", PIPELINE)
def test_no_part_of_the_pipeline_names_the_truths_folder_or_tables(package: str) -> None:
    sources = [path for path in _texts(ROOT / package) if name_of(path) not in EXEMPT]
    found = [name_of(path) for path in sources if TRUTH.search(path.read_text(encoding="utf-8"))]
    assert sources
    assert not found


def test_the_reader_of_names_sees_the_truth() -> None:
    for text in ("home / 'truth'", "from '{home}/truth/people.parquet'", "table future_purchases"):
        assert TRUTH.search(text)
    assert not TRUTH.search("the whole truth: a line")


def _texts(folder: Path) -> list[Path]:
    kinds = {".py", ".sql", ".yml", ".yaml", ".toml", ".csv", ".md"}
    return [
        path
        for path in sorted(folder.rglob("*"))
        if path.suffix in kinds and "target" not in path.relative_to(ROOT).parts
    ]


@pytest.mark.parametrize("library", ONLY_IN)
def test_one_module_alone_talks_to_a_library(library: str) -> None:
    users = {
        name_of(path)
        for package in FORBIDDEN
        for path in modules(package)
        if library in imported(path.read_text(encoding="utf-8"))
    }
    assert users == {ONLY_IN[library]}


@pytest.mark.parametrize(
    "source",
    [
        "import dagster",
        "import dagster.core as d",
        "from dagster import asset",
        "def f():\n    from dagster._core import x",
        "import importlib\nimportlib.import_module('dagster.core')",
        "__import__('dagster')",
    ],
)
def test_the_reader_of_imports_sees_every_way(source: str) -> None:
    assert "dagster" in imported(source)
    assert "dagster" not in imported("from .dagster import x\nimport dagsterlike")
