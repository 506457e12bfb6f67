"""Section: the checks of the gates, those that failed with what to do about them."""

from __future__ import annotations

from dataclasses import dataclass

from orchestration.report import formats
from orchestration.report.sources import Sources
from words import Text, both


@dataclass(frozen=True)
class FailedCheck:
    """A check that did not hold: what was seen, what was expected, rows by their ids, what to do.

    A check that a person accepted stops nothing; its explanation begins with who did, and why.
    """

    severity: str
    suite: str
    rule: str
    observed: str
    threshold: str
    examples: str
    explanation: str
    is_accepted: bool


@dataclass(frozen=True)
class Checks:
    """How many checks ran and passed, by layer in the order of the run, and those that failed."""

    layers: tuple[tuple[str, int, int], ...]
    failed: tuple[FailedCheck, ...]

    @property
    def run(self) -> int:
        return sum(run for _, run, _ in self.layers)

    @property
    def open(self) -> list[FailedCheck]:
        """Failed checks that nobody accepted."""
        return [check for check in self.failed if not check.is_accepted]

    def count(self, severity: str) -> int:
        """How many of a severity are open."""
        return sum(check.severity == severity for check in self.open)

    @property
    def accepted(self) -> int:
        return sum(check.is_accepted for check in self.failed)


def gather(sources: Sources) -> Checks:
    """Results of the run, from the journal."""
    layers = sources.of_run(
        "select layer, count(*), count(*) filter (where passed) from ops.check_results "
        "where run_id = ? group by layer order by case layer when 'raw' then 1 "
        "when 'staging' then 2 else 3 end"
    )
    failed = sources.of_run(
        "select severity, suite, expectation, observed, threshold, examples, explanation, "
        "acceptance_id is not null from ops.check_results where run_id = ? and not passed "
        "order by severity, suite, expectation"
    )
    return Checks(tuple(layers), tuple(FailedCheck(*row) for row in failed))


def lines(checks: Checks) -> list[str]:
    """Counts, then a paragraph a failed check."""
    told = [summary(checks)]
    told += [f"  {layer:<10}{passed:>5} of {run} passed" for layer, run, passed in body(checks)]
    for check in checks.failed:
        severity = "accepted" if check.is_accepted else check.severity
        told += ["", f"{severity}: {check.suite} · {check.rule}"]
        told.append(f"  observed {check.observed}, expected {check.threshold}")
        told += [f"  rows: {check.examples}"] * bool(check.examples)
        told += [f"  {check.explanation}"]
    return told


def body(checks: Checks) -> list[tuple[str, str, str]]:
    """A row a gate."""
    return [
        (name, formats.count(run), formats.count(passed)) for name, run, passed in checks.layers
    ]


def summary(checks: Checks) -> Text:
    """One line: how many ran, failed, warned, and were accepted."""
    if not checks.run:
        return both("no check was run")
    return both(
        "{run} run, {failed} failed, {warned} warned, {accepted} accepted",
        run=formats.count(checks.run),
        failed=checks.count("critical"),
        warned=checks.count("warning"),
        accepted=checks.accepted,
    )
