"""What a person reads about a result: what, where, how many, an example by row id, what to do."""

from __future__ import annotations

from expectations.model import Acceptance, CheckResult


def describe(result: CheckResult) -> str:
    """One line about a failed result, with the command that accepts it where one may."""
    return f"{headline(result)}. {explain(result)}"


def headline(result: CheckResult) -> str:
    """Severity, rule, what was found and expected, how many rows, and some of them."""
    severity = "accepted" if result.acceptance else result.severity.value
    parts = [
        f"{severity}: {result.suite} · {result.rule}: observed {result.observed}",
        f"expected {result.threshold}",
    ]
    if result.unexpected_count:
        parts.append(f"{result.unexpected_count} row(s) at fault")
    if result.examples:
        parts.append(f"for example {'; '.join(result.examples)}")
    return ", ".join(parts)


def explain(result: CheckResult) -> str:
    """What a failure means and what to do, or who accepted it and why."""
    if result.acceptance is not None:
        return f"{accepted_by(result.acceptance)}. {result.explanation}"
    if result.blocks and result.acceptable and result.as_of is not None:
        command = accept_command(result.suite, result.rule, result.as_of.isoformat())
        return f"{result.explanation} If it is real: {command}"
    return result.explanation


def accepted_by(acceptance: Acceptance) -> str:
    """The reason of an acceptance, who gave it and when."""
    return f"accepted: {acceptance.reason} ({acceptance.decided_by}, {acceptance.decided_on})"


def accept_command(suite: str, rule: str, as_of: str) -> str:
    """The command that accepts a failure."""
    return f"`tokui gate accept {suite}.{rule} --date {as_of} --reason TEXT`"
