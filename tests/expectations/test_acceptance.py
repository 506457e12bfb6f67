"""An accepted failure does not stop the run, and covers nothing but what was accepted."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import duckdb
import pytest

from expectations.acceptance import row_name
from expectations.messages import describe
from expectations.model import Acceptance, Rule, Suite, no_rows, share_at_most
from expectations.runner import bad_rows_query, run_suites

NEGATIVE = no_rows("refunds", "amount < 0", "Negative amounts. Ask the shop.")
NO_ROWS = Rule("volume", "count(*)", "Too many.", high=2, acceptable=True)


def accepted(rule: Rule, *rows: str, on: date = date(2026, 1, 31)) -> Acceptance:
    return Acceptance(
        "a1", "marts.sales", rule.name, on, "a real refund", "mori", date(2026, 2, 1),
        frozenset(rows),
    )  # fmt: skip


def test_an_accepted_row_does_not_block_and_a_new_one_does(sales, check, facts):
    facts = replace(facts, acceptances=(accepted(NEGATIVE, "id=c"),))

    first = check(NEGATIVE, facts)
    with duckdb.connect(sales) as connection:
        connection.execute("insert into marts.sales values ('d', null, 'sale', -1, null)")
    second = check(NEGATIVE, facts)

    assert (first.passed, first.blocks, first.acceptance.reason) == (False, False, "a real refund")
    assert "accepted: a real refund (mori, 2026-02-01)" in describe(first)
    assert (second.blocks, second.unexpected_count, second.examples) == (True, 1, ("id=d",))
    assert "1 further row(s) are accepted" in second.explanation


def test_rows_stay_accepted_on_later_dates(check, facts):
    old = accepted(NEGATIVE, "id=c", on=date(2025, 12, 31))

    assert not check(NEGATIVE, replace(facts, acceptances=(old,))).blocks


def test_without_rows_it_holds_for_its_date_alone(check, facts):
    of_that_day = replace(facts, acceptances=(accepted(NO_ROWS),))
    of_another = replace(facts, acceptances=(accepted(NO_ROWS, on=date(2026, 1, 30)),))

    assert not check(NO_ROWS, of_that_day).blocks
    assert check(NO_ROWS, of_another).blocks


def test_the_raw_gate_goes_by_the_date_that_the_run_will_compute_for(check, facts):
    facts = replace(facts, as_of=None, due=date(2026, 1, 31), acceptances=(accepted(NO_ROWS),))

    result = check(NO_ROWS, facts)

    assert (result.blocks, result.as_of) == (False, date(2026, 1, 31))


@pytest.mark.parametrize("limit", [0.0, 0.3])
def test_a_share_is_judged_by_the_rows_beyond(sales, check, facts, limit):
    """Two of four rows are at fault; with one of them accepted a quarter is left."""
    with duckdb.connect(sales) as connection:
        connection.execute("insert into marts.sales values ('d', null, 'sale', -1, null)")
    rule = replace(share_at_most(NEGATIVE, "max_tax_rate"), high=limit)

    result = check(rule, replace(facts, acceptances=(accepted(rule, "id=c"),)))

    assert result.observed == "0.5"
    assert result.blocks == (limit < 0.25)


def test_what_nobody_may_accept_blocks_all_the_same(check, facts):
    rule = replace(NEGATIVE, acceptable=False)

    result = check(rule, replace(facts, acceptances=(accepted(rule, "id=c"),)))

    assert result.blocks
    assert "tokui gate accept" not in describe(result)


def test_a_failure_says_how_to_accept_it(check, facts):
    words = describe(check(NEGATIVE, facts))

    assert "1 row(s) at fault, for example id=c. Negative amounts. Ask the shop." in words
    assert "`tokui gate accept marts.sales.refunds --date 2026-01-31 --reason TEXT`" in words


def test_a_raw_row_is_known_again_when_another_run_loads_its_file(warehouse, facts):
    suite = Suite(
        "raw_pos.sales",
        ("_load_id", "_file", "_line"),
        (no_rows("negative", "amount < 0", "Negative amounts."),),
    )
    with duckdb.connect(warehouse) as connection:
        connection.execute(
            "create table raw_pos.sales as select 'run-1' as _load_id, 'a.csv' as _file, "
            "2 as _line, -5 as amount"
        )
        connection.execute(
            "insert into ledger.files (load_id, file, content_sha256) values "
            "('run-1', 'a.csv', 'abcdefabcdefabcdef'), ('run-2', 'a.csv', 'abcdefabcdefabcdef')"
        )
        query = bad_rows_query(suite, suite.rules[0], facts)
        ((name,),) = connection.execute(
            f"select {row_name(suite.key)} from ({query}) as found"
        ).fetchall()
    decision = replace(accepted(suite.rules[0], name), suite=suite.table)
    facts = replace(facts, acceptances=(decision,))

    def blocks(load: str, content: str) -> bool:
        with duckdb.connect(warehouse) as connection:
            connection.execute(f"update raw_pos.sales set _load_id = '{load}'")
            connection.execute(f"update ledger.files set content_sha256 = '{content}'")
        return run_suites(warehouse, [suite], facts)[0].blocks

    assert name == "_load_id=abcdefabcdef, _file=a.csv, _line=2"
    assert not blocks("run-2", "abcdefabcdefabcdef")
    assert blocks("run-2", "0000")
