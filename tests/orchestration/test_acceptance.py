"""`tokui gate`: decisions about failed checks, on a home whose run left a small warehouse."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import pytest

from expectations.model import CheckResult, Severity
from ingestion.engine import connect
from ingestion.errors import ConfigurationError
from orchestration import acceptance
from orchestration.acceptance import accept, closed_store_days, in_force, last_failures, withdraw
from orchestration.cli import main
from orchestration.run import set_aside
from tests.orchestration.conftest import SmallHome

DAY = date(2026, 9, 30)
SIGNS = "staging.stg_pos__payments.receipt_id_in_stg_pos__receipts"
VOLUME = "marts.store_daily.sales_near_weekday_median"


def _failure(check: str, run_id: str) -> CheckResult:
    suite, _, rule = check.rpartition(".")
    return CheckResult(
        suite, rule, Severity.WARNING, True, False, "2", "<= 0", 2, ("receipt_id=R1",),
        "Payments of nothing. Ask for the receipts.", DAY, run_id,
    )  # fmt: skip


@pytest.fixture
def stopped(small: SmallHome, monkeypatch: pytest.MonkeyPatch) -> SmallHome:
    """A home whose last run was stopped by two payments without a receipt and a low volume."""
    run = small.run("run-1", 1)
    with connect(small.home.work_warehouse) as connection:
        connection.execute(
            "create table staging.stg_pos__receipts (receipt_id varchar); "
            "create table staging.stg_pos__payments as "
            "select unnest(['R1', 'R2']) as receipt_id, 1 as payment_no"
        )
    results = [_failure(check, run.run_id) for check in (SIGNS, VOLUME)]
    small.journal.record_checks(run.run_id, "staging", results, DAY)
    small.journal.finish_run(run.run_id, "stopped")
    set_aside(small.home, run.run_id)
    monkeypatch.setattr("orchestration.home.load", lambda: (small.home, small.settings))
    monkeypatch.setattr("orchestration.acceptance.os_user", lambda: "mori")
    return small


def test_an_acceptance_remembers_the_rows_at_fault(stopped: SmallHome) -> None:
    accept(stopped.home, stopped.settings, SIGNS, DAY, "known")

    (found,) = in_force(stopped.journal)

    assert found.row_ids == {"receipt_id=R1, payment_no=1", "receipt_id=R2, payment_no=1"}
    assert (found.suite, found.rule) == tuple(SIGNS.rsplit(".", 1))
    assert (found.as_of, found.reason, found.decided_by) == (DAY, "known", "mori")


def test_a_rule_without_rows_is_accepted_for_its_date(stopped: SmallHome) -> None:
    assert accept(stopped.home, stopped.settings, VOLUME, DAY, "typhoon").row_ids == frozenset()


def test_of_too_many_rows_none_is_remembered(stopped, monkeypatch) -> None:
    monkeypatch.setattr(acceptance, "MAX_ROWS", 1)

    assert accept(stopped.home, stopped.settings, SIGNS, DAY, "known").row_ids == frozenset()


@pytest.mark.parametrize(
    ("check", "day", "reason", "words"),
    [
        ("marts.store_daily.key_unique", DAY, "x", "cannot be accepted"),
        ("marts.store_daily.receipts_equal_receipts", DAY, "x", "cannot be accepted"),
        ("marts.nothing.rule", DAY, "x", "no rule of a gate"),
        ("marts.store_daily.nothing", DAY, "x", "sales_near_weekday_median"),
        (SIGNS, date(2026, 9, 29), "x", "failed last for 2026-09-30"),
        ("raw_pos.receipts.newest_receipt_age_days", DAY, "x", "has failed in no run"),
        (SIGNS, DAY, " ", "--reason"),
    ],
)
def test_what_cannot_be_accepted_is_refused(stopped, check, day, reason, words) -> None:
    with pytest.raises(ConfigurationError, match=words):
        accept(stopped.home, stopped.settings, check, day, reason)
    assert in_force(stopped.journal) == ()


@pytest.mark.parametrize("missing", ["warehouse.duckdb", "crm.duckdb"])
def test_rows_of_a_run_that_is_gone_cannot_be_named(stopped: SmallHome, missing: str) -> None:
    (stopped.home.runs / "run-1" / missing).unlink()

    with pytest.raises(ConfigurationError, match="is not kept any more"):
        accept(stopped.home, stopped.settings, SIGNS, DAY, "known")


def test_what_could_not_be_evaluated_is_refused(stopped: SmallHome) -> None:
    broken = replace(_failure(SIGNS, "run-1"), observed="not evaluated: CatalogException")
    stopped.journal.record_checks("run-1", "staging", [broken], DAY)

    with pytest.raises(ConfigurationError, match="could not be evaluated"):
        accept(stopped.home, stopped.settings, SIGNS, DAY, "known")


def test_withdrawn_it_is_in_force_no_more(stopped: SmallHome) -> None:
    made = accept(stopped.home, stopped.settings, SIGNS, DAY, "known")

    withdraw(stopped.home, made.acceptance_id)

    assert in_force(stopped.journal) == ()
    with pytest.raises(ConfigurationError, match="tokui gate list"):
        withdraw(stopped.home, made.acceptance_id)


def test_the_command_lists_accepts_and_withdraws(stopped: SmallHome, capsys) -> None:
    assert main(["gate", "list"]) == 0
    listed = capsys.readouterr().out
    assert f"tokui gate accept {SIGNS} --date 2026-09-30" in listed
    assert "no acceptance is in force" in listed

    assert main(["gate", "accept", SIGNS, "--date", "2026-09-30", "--reason", "known"]) == 0
    (made,) = in_force(stopped.journal)
    assert "2 row(s)" in capsys.readouterr().out
    main(["gate", "list"])
    assert f"{made.acceptance_id}  {SIGNS}" in capsys.readouterr().out

    assert main(["gate", "withdraw", made.acceptance_id]) == 0
    assert main(["gate", "withdraw", made.acceptance_id]) == 2


def test_an_empty_home_lists_nothing(small: SmallHome) -> None:
    assert last_failures(small.journal) == []
    assert in_force(small.journal) == ()
    assert not small.home.journal.exists()


def test_a_store_whose_day_was_accepted_is_closed(stopped: SmallHome) -> None:
    stopped.journal.write(
        "insert into ops.gate_acceptances values ('a1', 'staging.stg_pos__receipts', "
        "'missing_store_days', ?, 'closed', 'mori', ?, null)",
        [[DAY, datetime(2026, 10, 1)]],
    )
    stopped.journal.write(
        "insert into ops.accepted_rows values ('a1', 'store_id=S, 1, business_date=2026-10-01')",
        [[]],
    )
    assert closed_store_days(stopped.journal) == [("S, 1", date(2026, 10, 1))]
