"""What the gates on targets and the scorecard must hold: one fault, one rule, and its line."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from expectations.model import CheckResult
from expectations.registry import find_suite
from expectations.runner import run_suites

MARTS = """
    create schema marts;
    create schema plans;
    create schema staging;
    create table staging.stg_email__campaigns as select 'C1' as campaign_id;
    create table marts.dim_store as select 'S1' as store_id;
    create table marts.kpi_daily as
    select
        kpi, business_date, 'all' as scope_type, 'all' as scope_key,
        cast(numerator as decimal(18, 2)) as numerator, cast(1 as decimal(18, 2)) as denominator,
        cast(numerator as double) as value, true as is_final
    from (values
        ('net_sales', date '2026-01-30', 100), ('net_sales', date '2026-01-31', 200),
        ('members', date '2026-01-30', 9), ('members', date '2026-01-31', 10)
    ) as days (kpi, business_date, numerator);
    create table plans.kpi_targets as select 2 as line union all select 3;
    create table marts.kpi_target as
    select
        kpi, 'all' as scope_type, 'all' as scope_key, date '2026-01-01' as period_start,
        date '2026-01-31' as period_end, basis, cast(5 as decimal(18, 6)) as target_raw,
        'up' as direction, base_value, target_value, 'C1' as campaign_id,
        'five more' as note, line as plan_line
    from (values
        ('net_sales', 'yoy_pct', 200.0::double, 210.0::double, 2),
        ('members', 'absolute', null, 5.0, 3)
    ) as targets (kpi, basis, base_value, target_value, line);
    create table marts.kpi_scorecard as
    select
        kpi, scope_type, scope_key, period_start, period_end, direction, target_value,
        date '2026-01-31' as measured_to,
        cast(case kpi when 'members' then 10 else 300 end as decimal(18, 2)) as actual_numerator,
        cast(1 as decimal(18, 2)) as actual_denominator,
        case kpi when 'members' then 10.0::double else 300 end as actual_to_date,
        31 as business_days, 31 as elapsed_business_days, 'met' as status, note
    from marts.kpi_target;
"""


@pytest.fixture
def targets(warehouse: Path) -> Path:
    """A target that counts from a base and one that does not, both met."""
    with duckdb.connect(warehouse) as connection:
        connection.execute(MARTS)
    return warehouse


def failures(path: Path, facts, table: str, statement: str) -> list[CheckResult]:
    """Rules of a mart's suite that fail once a statement was run on it."""
    with duckdb.connect(path) as connection:
        connection.execute(statement.format(table=f"marts.{table}"))
    results = run_suites(path, [find_suite(f"marts.{table}")], facts)
    return [result for result in results if not result.passed]


@pytest.mark.parametrize(
    ("table", "statement", "failed"),
    [
        ("kpi_target", "select 1", set()),
        ("kpi_target", "update {table} set target_value = 205", {"target_follows_from_base"}),
        (
            "kpi_target",
            "update {table} set base_value = null where basis <> 'absolute'",
            {"no_target_without_base"},
        ),
        ("kpi_target", "insert into plans.kpi_targets values (4)", {"every_line_is_a_target"}),
        (
            "kpi_target",
            "update {table} set basis = 'yoy' where plan_line = 3",
            {"basis_known", "no_target_without_base"},
        ),
        ("kpi_scorecard", "select 1", set()),
        ("kpi_scorecard", "delete from {table}", {"every_target_has_a_row"}),
        ("kpi_scorecard", "update {table} set status = 'behind'", {"decided_when_over"}),
        ("kpi_scorecard", "update {table} set status = null", {"decided_when_over"}),
        (
            "kpi_scorecard",
            "update {table} set target_value = null",
            {"status_needs_numbers"},
        ),
        (
            "kpi_scorecard",
            "update {table} set actual_numerator = 9, actual_to_date = 9 where kpi = 'net_sales'",
            {"sums_equal_days"},
        ),
        (
            "kpi_scorecard",
            "update {table} set actual_numerator = 9, actual_to_date = 9 where kpi = 'members'",
            {"stocks_equal_last_day"},
        ),
        (
            "kpi_scorecard",
            "update {table} set actual_to_date = 1",
            {"actual_is_ratio", "stocks_equal_last_day"},
        ),
        (
            "kpi_scorecard",
            "update {table} set elapsed_business_days = 32",
            {"elapsed_within_business_days"},
        ),
        (
            "kpi_scorecard",
            "update {table} set measured_to = date '2025-12-31' where kpi = 'members'",
            {"nothing_measured_before_the_beginning"},
        ),
    ],
)
def test_a_fault_fails_its_rule_alone(
    targets: Path, facts, table: str, statement: str, failed: set[str]
) -> None:
    assert {result.rule for result in failures(targets, facts, table, statement)} == failed


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ("kpi = 'sales'", "kpi_in_kpi_daily"),
        ("scope_type = 'store', scope_key = 'S9'", "store_in_dim_store"),
        ("campaign_id = 'C9'", "campaign_is_known"),
    ],
)
def test_what_nobody_knows_is_told_with_its_line(
    targets: Path, facts, change: str, rule: str
) -> None:
    (result,) = failures(
        targets, facts, "kpi_target", f"update {{table}} set {change} where plan_line = 2"
    )
    assert (result.rule, result.blocks, result.acceptable) == (rule, True, False)
    assert result.examples == ("plan_line=2",)
    assert "[plans] kpi_targets" in result.explanation
