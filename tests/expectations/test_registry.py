"""Suites are found by their path, and the path must be the table's name."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from types import ModuleType

import pytest
import yaml

import expectations
from expectations.model import Severity, Suite, not_null
from expectations.registry import LAYERS, RegistryError, find_suite, read_suite, suites_of
from expectations.thresholds import THRESHOLDS
from ingestion.contract import all_tables
from ingestion.contract.model import Privacy

ROOT = Path(expectations.__file__).parent
MODELS = ROOT.parent / "dbt_project" / "models"
SUITES = [suite for layer in LAYERS for suite in suites_of(layer)]
FACTS = {"table", "row_id", "as_of", "now"}


def _module(name: str, **content: object) -> ModuleType:
    module = ModuleType(f"expectations.{name}")
    vars(module).update(content)
    return module


def test_every_contract_table_has_a_raw_and_a_staging_suite():
    names = {suite.table for suite in SUITES}

    for table in all_tables():
        assert table.qualified_name in names
        assert f"staging.stg_{table.feed_name}__{table.name}" in names


@pytest.mark.parametrize("layer", ["staging", "marts"])
def test_every_model_has_a_suite_and_every_suite_a_model(layer):
    models = {f"{layer}.{path.stem}" for path in (MODELS / layer).rglob("*.sql")}

    assert {suite.table for suite in suites_of(layer)} == models


@pytest.mark.parametrize("layer", ["staging", "marts"])
def test_the_gate_holds_the_key_that_dbt_declares(layer):
    """Nights leave these keys to the gates, see orchestration.compiled.

    A gate names an id of a person by its keyed hash, which tells rows apart as the id does.
    """
    declared = {f"{layer}.{name}": columns for name, columns in _keys_in_dbt(layer)}
    held = {
        suite.table: sorted(name.removesuffix("_hash") for name in suite.key)
        for suite in suites_of(layer)
        if any(rule.name == "key_unique" for rule in suite.rules)
    }

    assert held == declared


def _keys_in_dbt(layer):
    for path in (MODELS / layer).rglob("*.yml"):
        for model in yaml.safe_load(path.read_text(encoding="utf-8")).get("models", ()):
            for test in model.get("data_tests", ()):
                if isinstance(test, dict) and "unique_key" in test:
                    columns = test["unique_key"]["arguments"]["columns"]
                    yield model["name"], sorted(name.removesuffix("_hash") for name in columns)


def test_a_suite_is_found_by_its_table():
    assert find_suite("raw_pos.receipts").table == "raw_pos.receipts"
    with pytest.raises(KeyError, match=r"raw_pos/nothing\.py"):
        find_suite("raw_pos.nothing")


def test_there_are_three_layers():
    with pytest.raises(ValueError, match="no layer intermediate"):
        suites_of("intermediate")


def test_a_wrong_path_is_refused():
    suite = Suite("raw_pos.receipts", ("_line",), ())

    with pytest.raises(RegistryError, match=r"raw_pos\.sales holds the suite of raw_pos\.receipts"):
        read_suite(_module("raw_pos.sales", SUITE=suite))


def test_a_module_without_a_suite_is_refused():
    with pytest.raises(RegistryError, match="has no SUITE"):
        read_suite(_module("raw_pos.sales"))


def test_a_repeated_rule_name_is_refused():
    suite = Suite("raw_pos.sales", ("_line",), (not_null("id"), not_null("id")))

    with pytest.raises(RegistryError, match="id_present"):
        read_suite(_module("raw_pos.sales", SUITE=suite))


@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.table)
def test_rule_names_are_unique(suite):
    names = [rule.name for rule in suite.rules]

    assert len(names) == len(set(names))


@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.table)
def test_rules_can_be_understood_and_filled(suite: Suite):
    for rule in suite.rules:
        sql = f"{rule.measure} {rule.bad_rows or ''}"

        assert re.fullmatch(r"[a-z0-9_]+", rule.name)
        assert rule.explanation.endswith("."), rule.name
        assert set(re.findall(r"\{([a-z_]+)\}", sql)) <= FACTS | set(THRESHOLDS), rule.name
        for bound in (rule.low, rule.high):
            assert not isinstance(bound, str) or bound in THRESHOLDS, rule.name


@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.table)
def test_examples_never_name_a_person(suite: Suite):
    columns = (column for table in all_tables() for column in table.columns)
    private = {column.name for column in columns if column.privacy is not Privacy.OPEN}

    for rule in suite.rules:
        assert not set(rule.row_id or suite.key) & private, rule.name
        assert "pii." not in f"{rule.measure} {rule.bad_rows}", rule.name


@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.table)
def test_nobody_accepts_a_broken_key_or_sum(suite: Suite):
    for rule in suite.rules:
        is_key = rule.name in ("key_unique", "row_unique") or rule.name.endswith("_present")
        is_sum = rule.measure.startswith("abs(coalesce((")
        critical = rule.severity is Severity.CRITICAL
        assert not (critical and (is_key or is_sum) and rule.acceptable), rule.name


@pytest.mark.parametrize("suite", suites_of("staging") + suites_of("marts"), ids=lambda s: s.table)
def test_columns_of_a_suite_stand_in_the_model(suite: Suite):
    """Every column that a rule about single rows names is documented beside the model.

    What a rule asks of other tables stands in a query behind the conditions of its own.
    """
    name = suite.table.split(".")[1]
    documented = _documented_columns(name)
    words = {
        word
        for rule in suite.rules
        if rule.measure.startswith("count(*) filter")
        for word in re.findall(
            r"[a-z][a-z0-9_]*", re.sub(r"\(select .*|'[^']*'|\{[a-z_]+\}", " ", rule.measure)
        )
    }

    assert set(suite.key) <= documented
    assert words - SQL_WORDS <= documented


SQL_WORDS = {
    "count",
    "filter",
    "where",
    "and",
    "or",
    "not",
    "in",
    "is",
    "null",
    "like",
    "distinct",
    "from",
    "coalesce",
    "cast",
    "as",
    "integer",
    "bigint",
    "date",
    "double",
    "varchar",
    "abs",
    "round",
    "least",
    "greatest",
    "between",
    "true",
    "false",
    "case",
    "when",
    "then",
    "else",
    "end",
    "contains",
    "list_contains",
    "day",
    "date_diff",
    "to_hours",
    "regexp_full_match",
    "isodow",
    "year",
}


def _documented_columns(model: str) -> set[str]:
    (path,) = MODELS.rglob(f"{model}.yml")
    described = yaml.safe_load(path.read_text())["models"]
    return {
        column["name"]
        for entry in described
        if entry["name"] == model
        for column in entry["columns"]
    }


def _imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or "").split(".")[0])
    return found


def test_only_the_runner_talks_to_great_expectations_and_nothing_to_dagster():
    imports = {path.relative_to(ROOT).as_posix(): _imports(path) for path in ROOT.rglob("*.py")}

    assert [path for path, names in imports.items() if "great_expectations" in names] == [
        "runner.py"
    ]
    assert not [path for path, names in imports.items() if "dagster" in names]


def test_great_expectations_is_imported_late():
    tree = ast.parse((ROOT / "runner.py").read_text())
    at_import = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    names = {alias.name for node in at_import for alias in node.names}
    modules = {getattr(node, "module", None) for node in at_import}

    assert not {name for name in names | modules if name and "great_expectations" in name}
