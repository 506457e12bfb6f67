"""What a person accepted is taken out of what a rule found.

An acceptance that remembers rows takes these out for good: the rule is judged by the rows beyond
them, so that one new bad row fails again. One without rows holds for its date alone.

A row is remembered by its id as text, `store_id=S1, business_date=2026-09-30`. Rows of raw are
named by their file's content instead of the load that brought them: the run that failed is gone,
and the next one loads the same file under another id.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from expectations.model import Acceptance, CheckResult, RunFacts
from ingestion.engine import literal

EXAMPLES = 3
_LOADS = {"_load_id": "_file", "load_id": "file"}
"""Columns that name a load, and the column of the file beside them."""

Query = Callable[[str], Any]


@dataclass(frozen=True)
class Finding:
    """A failed result, the number that was judged, and the query of its rows, if it has such."""

    result: CheckResult
    value: float
    rows: str | None
    row_id: Sequence[str]


def weigh(
    found: Finding,
    bounds: tuple[float | None, float | None],
    facts: RunFacts,
    query: Query,
) -> CheckResult:
    """The result with its acceptance, if acceptances cover what was found.

    Where they cover a part of the rows, the examples are those of the others.
    """
    known = _about(found.result, facts.acceptances)
    of_date = [a for a in known if not a.row_ids and a.as_of == facts.result_date]
    if of_date:
        return _accepted(found.result, of_date[-1])
    accepted = frozenset[str]().union(*(a.row_ids for a in known))
    if not accepted or found.rows is None or not found.result.unexpected_count:
        return found.result
    name = row_name(found.row_id)
    rest = f"({found.rows}) as found where {name} not in ({_listed(accepted)})"
    count = int(query(f"select count(*) from {rest}").fetchone()[0])
    if _is_within(found.value * count / found.result.unexpected_count, bounds):
        return _accepted(found.result, [a for a in known if a.row_ids][-1])
    names = query(f"select {name} from {rest} order by all limit {EXAMPLES}").fetchall()
    return replace(
        found.result,
        unexpected_count=count,
        examples=tuple(row[0] for row in names),
        explanation=f"{found.result.unexpected_count - count} further row(s) are accepted. "
        f"{found.result.explanation}",
    )


def row_name(row_id: Sequence[str]) -> str:
    """SQL for the text by which a row of the query `found` is remembered."""
    return " || ', ' || ".join(f"'{column}=' || {_text(column, row_id)}" for column in row_id)


def _text(column: str, row_id: Sequence[str]) -> str:
    file = _LOADS.get(column)
    if file is None or file not in row_id:
        return f"coalesce(cast(found.{column} as varchar), 'NULL')"
    return (
        "coalesce((select max(left(content_sha256, 12)) from ledger.files as loaded "
        f"where loaded.load_id = found.{column} and loaded.file = found.{file}), 'NULL')"
    )


def _about(result: CheckResult, acceptances: Sequence[Acceptance]) -> list[Acceptance]:
    """Acceptances of the result's rule, the newest last."""
    same = [a for a in acceptances if (a.suite, a.rule) == (result.suite, result.rule)]
    return sorted(same, key=lambda a: (a.decided_on, a.acceptance_id))


def _accepted(result: CheckResult, acceptance: Acceptance) -> CheckResult:
    return replace(result, acceptance=acceptance)


def _is_within(value: float, bounds: tuple[float | None, float | None]) -> bool:
    low, high = bounds
    return (low is None or value >= low) and (high is None or value <= high)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(literal(name) for name in sorted(names))
