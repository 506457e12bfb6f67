"""The runner fails closed, leaks nothing, and lets go of the file."""

from __future__ import annotations

import subprocess
import sys

import duckdb
import pytest

from expectations.model import Severity, Suite, no_result, no_rows, not_null
from expectations.runner import run_suites
from tests.conftest import ROOT


def test_broken_sql_is_a_failed_critical_result(sales, facts):
    rules = (
        not_null("id"),
        no_rows("broken", "no_such_column = 1", "broken", severity=Severity.WARNING),
        no_rows("refunds", "amount < 0", "refunds"),
    )

    sound, broken, failed = run_suites(sales, [Suite("marts.sales", ("id",), rules)], facts)

    assert sound.passed
    assert (failed.passed, failed.examples) == (False, ("id=c",))
    assert broken.blocks
    assert not broken.acceptable
    assert broken.observed.startswith("not evaluated: BinderException")
    assert "no_such_column" in broken.observed
    assert "could not be evaluated" in broken.explanation


def test_marts_may_be_in_a_file_of_their_own(sales, facts, tmp_path):
    """Neither file is held when it returns."""
    marts = tmp_path / "crm.duckdb"
    with duckdb.connect(marts) as connection:
        connection.execute("create schema marts; create table marts.others as select 'x' as id")
    with duckdb.connect(sales) as connection:
        connection.execute("create schema staging; create table staging.one as select 'x' as id")
        connection.execute("drop schema marts cascade")
    suites = [Suite(table, ("id",), (not_null("id"),)) for table in ("marts.others", "staging.one")]

    assert [result.passed for result in run_suites(sales, suites, facts, marts)] == [True, True]

    for file in (sales, marts):
        with duckdb.connect(file) as connection:
            connection.execute("create table main.mine (a int)")


def test_a_missing_table_fails_every_rule_of_its_suite_and_no_other(sales, facts):
    missing = Suite("marts.missing", ("id",), (not_null("id"), not_null("day")))
    present = Suite("marts.sales", ("id",), (not_null("id"),))

    results = run_suites(sales, [missing, present], facts)

    assert [result.blocks for result in results] == [True, True, False]
    assert "does not exist" in results[0].observed


def test_an_unknown_placeholder_is_a_failed_critical_result(sales, facts):
    suite = Suite("marts.sales", ("id",), (no_rows("typo", "amount > {max_amuont}", "typo"),))

    result = run_suites(sales, [suite], facts)[0]

    assert result.blocks
    assert "max_amuont" in result.observed


def test_what_great_expectations_cannot_judge_fails(sales, facts, monkeypatch):
    def refuse(*_arguments):
        raise RuntimeError("no verdict")

    monkeypatch.setattr("expectations.runner._Session.judge", refuse)

    result = run_suites(sales, [Suite("marts.sales", ("id",), (not_null("id"),))], facts)[0]

    assert result.blocks
    assert result.observed == "not evaluated: RuntimeError"


def test_no_value_of_a_row_reaches_a_result(sales, facts):
    rules = (
        not_null("kind"),
        no_rows("notes", "note like 'hanako%'", "notes"),
        # The engine's own message quotes the value that it could not convert.
        no_rows("conversion", "cast(note as integer) > 0", "conversion"),
        no_result("others", "select id from {table} where cast(note as date) is null", "others"),
    )

    results = run_suites(sales, [Suite("marts.sales", ("id",), rules)], facts)

    assert [result.passed for result in results] == [False] * 4
    assert results[2].observed == "not evaluated: ConversionException"
    assert "hanako" not in repr(results)
    assert "example.jp" not in repr(results)


def test_the_file_can_be_written_right_after(sales, facts):
    broken = Suite("marts.sales", ("id",), (no_rows("broken", "nonsense", "broken"),))
    run_suites(sales, [Suite("marts.sales", ("id",), (not_null("id"),)), broken], facts)

    write = "import duckdb, sys; duckdb.connect(sys.argv[1]).execute('create table mine (id int)')"
    subprocess.run([sys.executable, "-c", write, str(sales)], check=True)
    with duckdb.connect(sales) as connection:
        connection.execute("drop table mine")


def test_the_file_is_not_changed(sales, facts):
    before = sales.read_bytes()

    run_suites(sales, [Suite("marts.sales", ("id",), (not_null("id"),))], facts)

    assert sales.read_bytes() == before


def test_connections_of_others_stay_open(sales, facts, tmp_path):
    sqlalchemy = pytest.importorskip("sqlalchemy")
    engine = sqlalchemy.create_engine(f"sqlite:///{tmp_path / 'other.db'}")
    with engine.connect() as connection:
        run_suites(sales, [Suite("marts.sales", ("id",), (not_null("id"),))], facts)
        assert connection.exec_driver_sql("select 1").scalar_one() == 1


def test_a_missing_warehouse_is_refused(tmp_path, facts):
    with pytest.raises(FileNotFoundError):
        run_suites(tmp_path / "warehouse.duckdb", [], facts)


LAZINESS = """
import sys
from expectations.runner import load_library
load_library()
heavy = {"scipy.stats", "scipy.optimize", "altair", "altair.vegalite"} & set(sys.modules)
assert not heavy, heavy
from great_expectations.expectations.core import expect_column_kl_divergence_to_be_less_than as user
assert user.stats.entropy([1.0, 1.0]) > 0.69
assert user.alt.Chart.__name__ == "Chart"
import altair, scipy.stats
assert altair.Chart is user.alt.Chart
assert scipy.stats.entropy is user.stats.entropy
"""


def test_great_expectations_does_not_load_what_no_rule_uses():
    """And whatever uses it all the same gets the true module."""
    subprocess.run([sys.executable, "-c", LAZINESS], check=True, cwd=ROOT)
