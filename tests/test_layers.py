"""What may import what, read from the source text: only `orchestration/` knows Dagster."""

from __future__ import annotations

import ast
import gc
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FORBIDDEN = {
    "ingestion": {
        "dagster",
        "dagster_dbt",
        "orchestration",
        "expectations",
        "dbt",
        "great_expectations",
    },
    "expectations": {"dagster", "dagster_dbt", "orchestration", "dbt"},
}
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
    return sorted((ROOT / package).rglob("*.py"))


@pytest.mark.parametrize("package", FORBIDDEN)
def test_a_layer_imports_no_layer_above_it(package: str) -> None:
    found = {
        f"{path.relative_to(ROOT)} imports {name}"
        for path in modules(package)
        for name in imported(path.read_text(encoding="utf-8")) & FORBIDDEN[package]
    }
    assert modules(package)
    assert not found


@pytest.mark.parametrize("library", ONLY_IN)
def test_one_module_alone_talks_to_a_library(library: str) -> None:
    users = {
        str(path.relative_to(ROOT))
        for package in ("ingestion", "expectations", "orchestration")
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
