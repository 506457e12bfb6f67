"""The three gates: every suite of expectations is a blocking check on its table."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import date

import dagster as dg

from expectations import baseline
from expectations.messages import describe
from expectations.model import CheckResult, RunFacts, Severity, Suite
from expectations.registry import suites_of
from expectations.runner import run_suites
from orchestration import marts_file
from orchestration.acceptance import due_date, in_force
from orchestration.defs.resources import POOL, Warehouse
from orchestration.publication import read_manifest
from orchestration.run import Run, StoppedError, say

CHECK_NAME = "expectations"


def gate(layer: str, suites: Sequence[Suite]) -> dg.AssetChecksDefinition:
    """The step that runs the suites of a layer, and a blocking check for each."""
    specs = [
        dg.AssetCheckSpec(
            CHECK_NAME,
            asset=suite.table.split("."),
            blocking=True,
            description=_described(suite),
            metadata=_severities(suite),
        )
        for suite in suites
    ]

    @dg.multi_asset_check(name=f"{layer}_gate", specs=specs, pool=POOL, can_subset=True)
    def run_gate(
        context: dg.AssetCheckExecutionContext, warehouse: Warehouse
    ) -> Iterator[dg.AssetCheckResult]:
        keys = {key.asset_key for key in context.selected_asset_check_keys}
        chosen = [suite for suite in suites if dg.AssetKey(suite.table.split(".")) in keys]
        results: list[CheckResult] = []
        op_context = context.op_execution_context
        is_whole = len(chosen) == len(suites)
        # A stop is told by the checks themselves: each shows what failed on its table.
        with (
            suppress(StoppedError),
            warehouse.step(op_context, f"{layer}_gate", is_whole=is_whole) as run,
        ):
            results += _evaluate(run, layer, chosen)
            _stop_if_critical(layer, results)
        yield from _check_results(results)

    return run_gate


def _described(suite: Suite) -> str:
    """What fails the check and what that does, by the names of its rules."""
    counted = _severities(suite)
    told = [
        f"{len(suite.rules)} expectations on {suite.table}. What a failure means and what to do "
        "stands in its result. A person may accept a failure of "
        f"{counted['acceptable']} of them for a day that is odd and real (docs/gates.md)."
    ]
    for severity, does in (
        (Severity.CRITICAL, "stop the run, nothing is published"),
        (Severity.WARNING, "are reported, the run goes on"),
    ):
        names = [rule.name for rule in suite.rules if rule.severity is severity]
        if names:
            told.append(f"**{severity.value}** ({len(names)}; {does}): {', '.join(names)}")
    return "\n\n".join(told)


def _severities(suite: Suite) -> dict[str, int]:
    return {
        "critical": sum(rule.severity is Severity.CRITICAL for rule in suite.rules),
        "warning": sum(rule.severity is Severity.WARNING for rule in suite.rules),
        "acceptable": sum(rule.acceptable for rule in suite.rules),
    }


def _evaluate(run: Run, layer: str, suites: Sequence[Suite]) -> list[CheckResult]:
    if layer == "marts":
        _take_baseline(run)
    facts = RunFacts(
        as_of=run.as_of,
        now=run.now,
        run_id=run.run_id,
        thresholds=run.settings.gates,
        acceptances=in_force(run.journal),
        due=due_date(run),
    )
    results = run_suites(run.warehouse, suites, facts, run.marts)
    run.journal.record_checks(run.run_id, layer, results, facts.result_date)
    bad = [result for result in results if not result.passed]
    say(f"  {len(results)} checks, {len(results) - len(bad)} passed")
    for result in bad:
        say(f"  {describe(result)}")
    return results


def _stop_if_critical(layer: str, results: list[CheckResult]) -> None:
    critical = [result for result in results if result.blocks]
    if critical:
        lines = "\n".join(f"  {describe(result)}" for result in critical)
        raise StoppedError(
            f"the {layer} gate stopped the run: {len(critical)} critical check(s) failed. The "
            f"last publication stays.\n{lines}"
        )


def _take_baseline(run: Run) -> None:
    """Put what is published beside the marts, unless this run is for an older date."""
    head = read_manifest(run.home)
    day = date.fromisoformat(head["as_of"]) if head else None
    is_later = day is not None and run.as_of is not None and run.as_of >= day
    before = run.home.current if is_later else None
    marts = marts_file.of_current(run.home) if is_later else None
    with run.open() as connection:
        baseline.take(connection, before, marts, day)


def _check_results(results: list[CheckResult]) -> Iterator[dg.AssetCheckResult]:
    by_suite: dict[str, list[CheckResult]] = {}
    for result in results:
        by_suite.setdefault(result.suite, []).append(result)
    for suite, found in by_suite.items():
        bad = [result for result in found if not result.passed]
        is_critical = any(result.blocks for result in bad)
        yield dg.AssetCheckResult(
            asset_key=suite.split("."),
            check_name=CHECK_NAME,
            passed=not bad,
            severity=dg.AssetCheckSeverity.ERROR if is_critical else dg.AssetCheckSeverity.WARN,
            metadata={
                "expectations": len(found),
                "failed": len(bad),
                "accepted": sum(result.acceptance is not None for result in bad),
                **{result.rule: describe(result) for result in bad},
            },
        )


GATES = [gate(layer, suites_of(layer)) for layer in ("raw", "staging", "marts")]
