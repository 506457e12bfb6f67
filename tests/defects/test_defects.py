"""Known defects of other systems, and the test of ours that holds each of them off.

A defect is held by dbt unit tests whose description begins "Defect <number>:", by tests of Python
named here, or by both. `tests/dbt` runs the former; that they exist is looked up here.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest

from orchestration.project import read_manifest

ROOT = Path(__file__).resolve().parents[2]

DEFECTS = {
    1: "guests share one customer, so that all but the first 'repeat'",
    2: "an address in other letters is another person, or the older attribute wins",
    3: "payments multiply the lines of a sale",
    4: "a gift card counts for the person who bought it, or twice",
    5: "instants of two time zones are compared",
    6: "a roll-up sums what is no sum",
    7: "people of one name are one person",
    8: "a record that matches two people goes to one of them, and a merge cannot be undone",
    9: "a shared telephone makes one person of its users",
    10: "equal customers get different scores",
    11: "score combinations without a group",
    12: "an incremental run differs from a full one",
    13: "an old date run again differs",
    14: "a documented column does not exist",
    15: "a rate without a denominator is 0",
    16: "an unfinished month looks like a drop",
    17: "a fully returned order still counts",
}

PYTHON_TESTS = {
    2: ("tests/dbt/test_identity.py::test_the_letters_of_an_address_make_no_second_person",),
    7: ("tests/dbt/test_identity.py::test_two_members_of_one_name_with_different_phones_stay_two",),
    8: (
        "tests/dbt/test_identity.py::test_evidence_is_passed_on",
        "tests/dbt/test_identity.py::test_a_merge_keeps_the_older_key_and_is_undone_by_a_decision",
        "tests/end_to_end/test_nights.py::test_a_decision_splits_a_customer_and_every_mart_follows",
    ),
    9: ("tests/dbt/test_identity.py::test_a_phone_on_25_records_joins_nobody",),
    12: (
        "tests/dbt/test_identity.py::test_a_night_gives_the_partition_of_a_full_rebuild",
        "tests/end_to_end/test_nights.py::test_the_nights_equal_a_full_refresh",
    ),
    13: (
        "tests/end_to_end/test_nights.py"
        "::test_an_older_date_is_what_was_published_for_it_and_never_replaces_the_head",
    ),
    14: ("tests/defects/test_defects.py::test_every_mart_has_the_columns_that_its_docs_promise",),
}


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    """The project as dbt reads it, without a warehouse."""
    return read_manifest()


def unit_tests_by_defect(manifest: dict[str, Any]) -> dict[int, list[str]]:
    """Names of dbt unit tests by the number that their description begins with."""
    found: dict[int, list[str]] = {}
    for test in manifest["unit_tests"].values():
        number = re.match(r"Defect (\d+):", test["description"] or "")
        if number:
            found.setdefault(int(number[1]), []).append(test["name"])
    return found


@pytest.mark.parametrize("number", DEFECTS)
def test_each_defect_is_held_off(manifest: dict[str, Any], number: int) -> None:
    held = [*unit_tests_by_defect(manifest).get(number, ()), *PYTHON_TESTS.get(number, ())]
    assert held, f"no test holds off defect {number}: {DEFECTS[number]}"


def test_no_unit_test_names_an_unknown_defect(manifest: dict[str, Any]) -> None:
    assert set(unit_tests_by_defect(manifest)) <= set(DEFECTS)


@pytest.mark.parametrize("node", [node for nodes in PYTHON_TESTS.values() for node in nodes])
def test_each_named_test_exists(node: str) -> None:
    path, name = node.split("::")
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    assert name in {item.name for item in tree.body if isinstance(item, ast.FunctionDef)}


def test_every_mart_has_the_columns_that_its_docs_promise(manifest: dict[str, Any]) -> None:
    """An enforced contract makes the build fail when a described column is missing."""
    marts = [
        node
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["schema"] == "marts"
    ]
    assert len(marts) > 15
    for mart in marts:
        assert mart["contract"]["enforced"], mart["name"]
        for column in mart["columns"].values():
            assert column["description"] and column["data_type"], (mart["name"], column["name"])
