"""Every kind of rule through the real runner: once where the data is good, once where it is not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from expectations.model import (
    Rule,
    Severity,
    between,
    in_set,
    no_result,
    no_rows,
    not_null,
    reconciles,
    refers_to,
    row_count_between,
    share_at_most,
    unique,
)

DOUBLED = "select id from {table} cross join (select unnest([1, 2])) where id = 'a'"

GOOD = [
    row_count_between(3, 3, explain="three"),
    not_null("id"),
    unique(("id",)),
    in_set("kind", ("sale", "return")),
    between("amount", -50, 200),
    no_rows("no_zero", "amount = 0", "zero"),
    no_result("no_strangers", "select id from {table} where id > 'z'", "strangers"),
    reconciles("sums", "select sum(amount) from {table}", "select 250", "sums"),
    refers_to("id", "marts.sales", "id", explain="known"),
]
BAD = [
    (row_count_between(4, explain="four"), None, ()),
    (not_null("kind"), 1, ("id=c",)),
    (unique(("note",), name="one_note"), 3, ("id=a", "id=b", "id=c")),
    (in_set("kind", ("return",)), 2, ("id=a", "id=b")),
    (between("amount", 0, 150), 2, ("id=b", "id=c")),
    (no_rows("no_refunds", "amount < 0", "refunds"), 1, ("id=c",)),
    (no_result("no_doubles", DOUBLED, "doubles"), 2, ("id=a", "id=a")),
    (reconciles("sums", "select sum(amount) from {table}", "select 249", "sums"), None, ()),
    (refers_to("kind", "marts.sales", "id", explain="unknown"), 2, ("id=a", "id=b")),
]


def _name(case: object) -> str:
    return case.name if isinstance(case, Rule) else ""


@pytest.mark.parametrize("rule", GOOD, ids=_name)
def test_good_data_passes(check, rule):
    result = check(rule)

    assert result.passed
    assert result.examples == ()
    assert not result.blocks


@pytest.mark.parametrize(("rule", "unexpected", "examples"), BAD, ids=_name)
def test_bad_data_fails_and_names_rows(check, rule, unexpected, examples):
    result = check(rule)

    assert not result.passed
    assert result.unexpected_count == unexpected
    assert result.examples == examples
    assert result.explanation == rule.explanation


def test_a_reconciliation_forgives_up_to_its_tolerance(check):
    def difference(tolerance: float) -> Rule:
        return reconciles("sums", "select 10.00", "select 10.01", "sums", tolerance=tolerance)

    assert check(difference(0.02)).passed
    assert not check(difference(0.001)).passed


def test_a_share_is_judged_by_its_threshold(check, facts):
    refunds = no_rows("refunds", "amount < 0", "refunds", severity=Severity.WARNING)
    rule = share_at_most(refunds, "max_quarantined_share")

    failed = check(rule)
    lenient = replace(facts, thresholds={"max_quarantined_share": 0.5})

    assert failed.severity is Severity.CRITICAL
    assert (failed.observed, failed.threshold) == ("0.333333333", "<= 0.01")
    assert (failed.unexpected_count, failed.examples) == (1, ("id=c",))
    assert check(rule, lenient).passed


def test_rules_see_as_of_and_now(check):
    after_as_of = no_rows("after_as_of", "day > {as_of}", "later")
    after_now = no_rows("after_now", "day > {now}", "later")

    assert check(after_as_of).examples == ("id=c",)
    assert check(after_now).examples == ("id=c",)


def test_at_most_three_examples(check):
    result = check(no_result("many", "select range as id from range(1000)", "many"))

    assert result.unexpected_count == 1000
    assert result.examples == ("id=0", "id=1", "id=2")


def test_a_warning_does_not_block(check):
    result = check(no_rows("refunds", "amount < 0", "refunds", severity=Severity.WARNING))

    assert not result.passed
    assert not result.blocks
