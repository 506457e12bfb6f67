"""Failures of gates that a person accepts: a dated, logged decision in the journal.

A decision is about one rule and the date that the failed run computed for. Where the rule is about
rows, the decision remembers those at fault, measured again in the warehouse that the run left; see
`expectations.acceptance` for what becomes of it at the next gate.
"""

from __future__ import annotations

import json
import re
import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from expectations.acceptance import row_name
from expectations.model import Acceptance, Rule, RunFacts, Suite
from expectations.registry import find_suite, layer_of
from expectations.runner import bad_rows_query
from expectations.store_days import MISSING_STORE_DAYS
from ingestion.engine import connect, connect_both
from ingestion.errors import ConfigurationError
from ingestion.settings import Settings
from orchestration.as_of import default_as_of
from orchestration.home import Home
from orchestration.journal import Journal, utc_now
from orchestration.marts_file import of_current
from orchestration.os_user import os_user
from orchestration.publication import published_date

if TYPE_CHECKING:
    from orchestration.run import Run

MAX_ROWS = 10_000
"""Of more rows at fault none is remembered: the decision holds for its date alone."""


@dataclass(frozen=True)
class Failure:
    """A failed result of a run, as the journal knows it."""

    run_id: str
    suite: str
    rule: str
    severity: str
    as_of: date | None
    observed: str
    threshold: str
    examples: str
    is_accepted: bool

    @property
    def is_acceptable(self) -> bool:
        """Whether the rule may be accepted at all; a rule that is gone may not."""
        try:
            rule = _rule_of(find_suite(self.suite), self.rule)
        except (KeyError, ValueError, ConfigurationError):
            return False
        return rule.acceptable and not self.observed.startswith("not evaluated")


def in_force(journal: Journal) -> tuple[Acceptance, ...]:
    """Every acceptance that was not withdrawn, with the rows it remembers; oldest first."""
    if not journal.path.exists():
        return ()
    found = journal.query(
        "select a.acceptance_id, a.suite, a.expectation, a.as_of_date, a.reason, a.decided_by, "
        "a.decided_at, list(r.row_id) filter (where r.row_id is not null) "
        "from ops.gate_acceptances a left join ops.accepted_rows r using (acceptance_id) "
        "where a.withdrawn_at is null group by all order by a.decided_at, a.acceptance_id"
    )
    return tuple(
        Acceptance(*row[:6], decided_on=row[6].date(), row_ids=frozenset(row[7] or ()))
        for row in found
    )


def closed_store_days(journal: Journal) -> list[tuple[str, date]]:
    """Stores and days of which a person said that nothing is missing."""
    rule = ("staging.stg_pos__receipts", MISSING_STORE_DAYS)
    names = [name for a in in_force(journal) if (a.suite, a.rule) == rule for name in a.row_ids]
    found = [re.fullmatch(r"store_id=(.*), business_date=([0-9-]{10})", name) for name in names]
    return sorted((m[1], date.fromisoformat(m[2])) for m in found if m)


def due_date(run: Run) -> date:
    """The date that a run computes for: the one asked for, else the last complete one.

    A run that catches up by the day goes one day beyond the published one.
    """
    if run.as_of is not None:
        return run.as_of
    due = last_complete(run.warehouse, run.journal, run.now.date())
    head = published_date(run.home)
    return min(due, head + timedelta(days=1)) if run.next_day and head is not None else due


def last_complete(warehouse: Path, journal: Journal, today: date) -> date:
    """The last complete business date of a warehouse, accepted store days not waited for."""
    with connect(warehouse, read_only=True) as connection:
        return default_as_of(connection, today, closed_store_days(journal))


def last_failures(journal: Journal) -> list[Failure]:
    """The failed results of the newest run that a gate judged; critical ones first."""
    if not journal.path.exists():
        return []
    return _failures(
        journal,
        "run_id = (select c.run_id from ops.check_results c join ops.runs using (run_id) "
        "order by started_at desc limit 1)",
    )


def accept(home: Home, settings: Settings, check: str, day: date, reason: str) -> Acceptance:
    """Accept what the rule `check`, as `SUITE.RULE`, found in the run that computed for `day`.

    Raises:
        ConfigurationError: there is no such rule or failure, the rule may not be accepted, or the
            rows at fault cannot be looked up any more; the message says what to do.
    """
    suite, rule = _find(check)
    if not rule.acceptable:
        raise ConfigurationError(
            f"{check} cannot be accepted: it is about a key, a sum or something that the warehouse "
            "makes itself, and a warehouse that breaks it gives wrong numbers. "
            f"{rule.explanation}"
        )
    if not reason.strip():
        raise ConfigurationError("say with --reason why this is real: the report shows it.")
    journal = Journal(home.journal)
    failure = _failure(journal, suite, rule, day)
    if not failure.is_acceptable:
        raise ConfigurationError(
            f"{check} could not be evaluated ({failure.observed}), so nobody knows what there is "
            "to accept. Mend what the message names and run `tokui refresh` again."
        )
    acceptance = Acceptance(
        secrets.token_hex(4),
        suite.table,
        rule.name,
        day,
        reason.strip(),
        os_user(),
        utc_now().date(),
        _rows_at_fault(home, settings, suite, rule, failure),
    )
    _enter(journal, acceptance)
    return acceptance


def withdraw(home: Home, acceptance_id: str) -> Acceptance:
    """Take an acceptance back: from the next run on the rule judges again what it covered.

    Raises:
        ConfigurationError: none in force has that id.
    """
    journal = Journal(home.journal)
    for acceptance in in_force(journal):
        if acceptance.acceptance_id == acceptance_id:
            journal.write(
                "update ops.gate_acceptances set withdrawn_at = ? where acceptance_id = ?",
                [[utc_now(), acceptance_id]],
            )
            return acceptance
    raise ConfigurationError(
        f"no acceptance {acceptance_id} is in force; `tokui gate list` shows those that are."
    )


def _find(check: str) -> tuple[Suite, Rule]:
    table, _, name = check.rpartition(".")
    try:
        suite = find_suite(table)
    except (KeyError, ValueError) as error:
        raise ConfigurationError(
            f"{check} is no rule of a gate. Write SUITE.RULE as `tokui gate list` shows it, such "
            "as marts.store_daily.sales_near_weekday_median."
        ) from error
    return suite, _rule_of(suite, name)


def _rule_of(suite: Suite, name: str) -> Rule:
    for rule in suite.rules:
        if rule.name == name:
            return rule
    names = ", ".join(sorted(rule.name for rule in suite.rules if rule.acceptable))
    raise ConfigurationError(
        f"{suite.table} has no rule {name or '(none given)'}. Those of its rules that can be "
        f"accepted are {names or 'none'}."
    )


def _failure(journal: Journal, suite: Suite, rule: Rule, day: date) -> Failure:
    """The newest failure of a rule for a date."""
    check = f"{suite.table}.{rule.name}"
    known = (
        _failures(journal, "suite = $suite and expectation = $rule", suite.table, rule.name)
        if journal.path.exists()
        else []
    )
    if not known:
        raise ConfigurationError(
            f"{check} has failed in no run, so there is nothing to accept. `tokui gate list` shows "
            "what failed."
        )
    for failure in known:
        if failure.as_of == day:
            return failure
    raise ConfigurationError(
        f"{check} did not fail for {day}; it failed last for {known[0].as_of}: give that date."
    )


def _failures(journal: Journal, condition: str, suite: str = "", rule: str = "") -> list[Failure]:
    parameters = {"suite": suite, "rule": rule} if suite else {}
    rows = journal.query(
        "select run_id, suite, expectation, severity, c.as_of_date, observed, threshold, examples, "
        "coalesce(accepted, false) from ops.check_results c left join ops.runs using (run_id) "
        f"where not passed and {condition} "
        "order by started_at desc, severity, suite, expectation",
        parameters,
    )
    return [Failure(*row) for row in rows]


def _rows_at_fault(
    home: Home, settings: Settings, suite: Suite, rule: Rule, failure: Failure
) -> frozenset[str]:
    """Names of the rows at fault; empty for a rule without rows, or with too many of them."""
    facts = _facts(home, settings, suite, failure)
    query = bad_rows_query(suite, rule, facts)
    if query is None:
        return frozenset()
    with connect_both(*_files_of(home, failure.run_id), read_only=True) as connection:
        rows = connection.execute(
            f"select distinct {row_name(rule.row_id or suite.key)} from ({query}) as found "
            f"limit {MAX_ROWS + 1}"
        ).fetchall()
    return frozenset(row[0] for row in rows) if len(rows) <= MAX_ROWS else frozenset()


def _facts(home: Home, settings: Settings, suite: Suite, failure: Failure) -> RunFacts:
    """What the gate knew when the rule failed."""
    folder, state = home.runs / failure.run_id, {}
    if (folder / "run.json").exists():
        state = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    run = Journal(home.journal).find_run(failure.run_id)
    now = datetime.fromisoformat(state["now"]) if state else run.started_at if run else utc_now()
    is_raw = layer_of(suite.table.split(".")[0]) == "raw"
    return RunFacts(
        None if is_raw else failure.as_of, now, failure.run_id, settings.gates, due=failure.as_of
    )


def _files_of(home: Home, run_id: str) -> tuple[Path, Path]:
    """The warehouse that a run left, and its marts: its own if it was red, else the current."""
    folder = home.runs / run_id
    copies = folder / home.work_warehouse.name, folder / home.work_marts.name
    if all(copy.exists() for copy in copies):
        return copies
    newest = next(iter(Journal(home.journal).last_runs(1)), None)
    marts = of_current(home) if newest is not None and newest.run_id == run_id else None
    if marts is not None:
        return home.current, marts
    raise ConfigurationError(
        f"the warehouse of run {run_id[:8]} is not kept any more, so its rows cannot be named. Run "
        "`tokui refresh` again and accept what it then reports."
    )


def _enter(journal: Journal, acceptance: Acceptance) -> None:
    """The rows first: a decision cut off before its end is then none."""
    if acceptance.row_ids:
        journal.write(
            "insert into ops.accepted_rows select ?, unnest(?)",
            [[acceptance.acceptance_id, sorted(acceptance.row_ids)]],
        )
    journal.write(
        "insert into ops.gate_acceptances values (?, ?, ?, ?, ?, ?, ?, null)",
        [
            [
                acceptance.acceptance_id,
                acceptance.suite,
                acceptance.rule,
                acceptance.as_of,
                acceptance.reason,
                acceptance.decided_by,
                utc_now(),
            ]
        ],
    )
