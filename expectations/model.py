"""What a suite is made of, and one helper a kind of rule.

A rule measures one number and says between which bounds it must lie. Most numbers are counts of
bad rows and must be 0. A rule that looks at the rows of its own table, one by one, is measured by
an aggregate, so that all of these in a suite cost one pass over the table; the others are scalar
subqueries.

SQL in a rule may hold placeholders, which the runner fills with literals:

- `{table}` the suite's table, `{row_id}` the columns that name one of its rows;
- `{as_of}` the as-of date (NULL when the run has none yet), `{now}` the run's instant in UTC;
- `{<name>}` the threshold of that name in `expectations.thresholds`, such as `{max_line_amount}`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from enum import Enum


class Severity(Enum):
    """What a failed rule does: `CRITICAL` stops the run, `WARNING` is reported."""

    CRITICAL = "critical"
    WARNING = "warning"


Bound = float | str | None
"""A number, the name of a threshold, or None for no bound."""


@dataclass(frozen=True)
class Rule:
    """One number that must lie within bounds.

    `name` is stable and unique within its suite: results, history and acceptances refer to it.
    `measure` is SQL for the number, an aggregate over the suite's table or a scalar subquery.
    `low` and `high` are bounds, both included. `acceptable` says whether a person may accept a
    failure for a date; nobody may accept a broken key, sum or identity. `explanation` says what a
    failure means and what to do next. `bad_rows` is a query of the rows at fault that selects
    `row_id` alone (columns that name a row and nothing about it); empty `row_id` stands for the
    suite's own. `measure` counts these rows then. Without `bad_rows` a failure has no examples.
    With `share_of`, an aggregate, the number that is judged is `measure` divided by it, and a share
    of nothing is 0.
    """

    name: str
    measure: str
    explanation: str
    low: Bound = None
    high: Bound = 0
    severity: Severity = Severity.CRITICAL
    acceptable: bool = False
    bad_rows: str | None = None
    row_id: tuple[str, ...] = ()
    share_of: str = ""


@dataclass(frozen=True)
class Suite:
    """The rules of one table, `<schema>.<name>`; `key` names one of its rows in examples.

    Columns of `key` are published with results, so none may hold a personal value or an id that
    names a person: the keyed hash stands in for such an id.
    """

    table: str
    key: tuple[str, ...]
    rules: tuple[Rule, ...]


@dataclass(frozen=True)
class Acceptance:
    """A person's word that what a rule found is real, so that it does not stop the run.

    `row_ids` are the rows it is about, as `expectations.acceptance` names them: later runs judge
    the rows beyond them. Without rows it holds for the run of the date `as_of` alone.
    """

    acceptance_id: str
    suite: str
    rule: str
    as_of: date
    reason: str
    decided_by: str
    decided_on: date
    row_ids: frozenset[str] = frozenset()


@dataclass(frozen=True)
class RunFacts:
    """What a gate must know about its run.

    `as_of` is None before the raw gate, where no as-of date is known yet; `due` is then the date
    that the run will compute for, by which acceptances are found. `now` may carry a zone; without
    one it is UTC. `thresholds` replaces values of `expectations.thresholds` by name.
    """

    as_of: date | None
    now: datetime
    run_id: str
    thresholds: Mapping[str, float] = field(default_factory=dict)
    acceptances: tuple[Acceptance, ...] = ()
    due: date | None = None

    @property
    def result_date(self) -> date | None:
        """The date that the results are of."""
        return self.as_of or self.due

    @property
    def now_utc(self) -> datetime:
        """`now` as the naive UTC instant that the warehouse compares with."""
        return (
            self.now if self.now.tzinfo is None else self.now.astimezone(UTC).replace(tzinfo=None)
        )


@dataclass(frozen=True)
class CheckResult:
    """What came of one rule; never holds a value of a column other than the row's id.

    `observed` is the measured number as text, or why it could not be measured. `unexpected_count`
    counts the rows at fault where the rule has such rows, and is None where it has none. `as_of`
    is the date that the run computes for. `acceptance` is set where a person accepted a failure.
    """

    suite: str
    rule: str
    severity: Severity
    acceptable: bool
    passed: bool
    observed: str
    threshold: str
    unexpected_count: int | None
    examples: tuple[str, ...]
    explanation: str
    as_of: date | None
    run_id: str
    acceptance: Acceptance | None = None

    @property
    def blocks(self) -> bool:
        """Whether the run must stop here."""
        return not self.passed and self.severity is Severity.CRITICAL and self.acceptance is None


def row_count_between(
    low: Bound,
    high: Bound = None,
    *,
    name: str = "row_count",
    explain: str,
    acceptable: bool = True,
) -> Rule:
    """The table holds at least `low` and at most `high` rows."""
    return Rule(name, "count(*)", explain, low=low, high=high, acceptable=acceptable)


def not_null(column: str, *, explain: str = "") -> Rule:
    """Every row has a value in `column`."""
    explain = (
        explain or f"{column} is required but empty. Correct the feed and send the rows again."
    )
    return no_rows(f"{column}_present", f"{column} is null", explain, acceptable=False)


def unique(
    columns: Sequence[str],
    *,
    where: str = "true",
    name: str = "key_unique",
    slot: str = "",
    sort: bool = False,
) -> Rule:
    """No two rows (of those that fulfil `where`) have equal `columns`; NULL equals NULL.

    `slot` makes it cheap where a great table has many rows of equal columns but for the last: SQL
    for a whole number that follows from the last column. Where all rows of equal other columns
    have numbers of their own, no two can be equal; only the others are compared. `sort` is for
    great tables without such columns: hashes are sorted, and rows of equal hashes compared.
    """
    listed = ", ".join(columns)
    among = where
    if slot:
        others = ", ".join(columns[:-1])
        # Bits of words instead of groups of rows. Hashes in the comparison, for NULL is no member.
        among = (
            f"{where} and hash({others}) in (select hash({others}) from {{table}} where {where} "
            f"group by {others}, ({slot}) // 63 having bit_count(bit_or("
            f"cast(1 as bigint) << (abs({slot}) % 63))) is distinct from count(*))"
        )
    if sort:
        among = (
            f"{where} and hash({listed}) in (select hashed from (select hashed, lag(hashed) over "
            f"(order by hashed) as before from (select hash({listed}) as hashed from {{table}} "
            f"where {where})) where hashed = before)"
        )
    query = f"select {listed} from {{table}} where {among} group by {listed} having count(*) > 1"
    return Rule(
        name,
        f"(select count(*) from ({query}))",
        f"More than one row has the same {listed}, so sums would count it twice. This is a fault "
        "in loading or in the model, not in the data: look at the rows named and report it.",
        bad_rows=f"select {{row_id}} from {{table}} where {where} "
        f"qualify count(*) over (partition by {listed}) > 1",
    )


def in_set(column: str, values: Sequence[str], *, acceptable: bool = True) -> Rule:
    """Every value of `column` is one of `values`; NULL is left to `not_null`."""
    listed = ", ".join(f"'{value}'" for value in values)
    return no_rows(
        f"{column}_known",
        # As a function of one column the engine asks it once a value, not once a row.
        f"not list_contains([{listed}], {column})",
        f"{column} has a value outside {', '.join(values)}. Map the value in the feed's "
        "configuration or correct the feed.",
        acceptable=acceptable,
    )


def between(
    column: str,
    low: float | str | None,
    high: float | str | None,
    *,
    name: str = "",
    severity: Severity = Severity.CRITICAL,
    explain: str = "",
) -> Rule:
    """Every value of `column` lies within the bounds, which are numbers or SQL; NULL passes."""
    beyond = [f"{column} < {low}"] * (low is not None) + [f"{column} > {high}"] * (high is not None)
    return no_rows(
        name or f"{column}_in_range",
        " or ".join(beyond),
        explain
        or f"{column} lies outside the plausible range. Check the rows at the source; "
        "accept the date if they are real.",
        severity=severity,
    )


def no_rows(
    name: str,
    where: str,
    explain: str,
    *,
    severity: Severity = Severity.CRITICAL,
    acceptable: bool = True,
) -> Rule:
    """No row of the table fulfils `where`, the condition of a bad row; NULL counts as good."""
    return Rule(
        name,
        f"count(*) filter (where {where})",
        explain,
        severity=severity,
        acceptable=acceptable,
        bad_rows=f"select {{row_id}} from {{table}} where {where}",
    )


def no_result(
    name: str,
    sql: str,
    explain: str,
    *,
    row_id: Sequence[str] = (),
    severity: Severity = Severity.CRITICAL,
    acceptable: bool = False,
) -> Rule:
    """`sql`, whatever tables it reads, returns no row; it selects `row_id` (else the key) alone."""
    return Rule(
        name,
        f"(select count(*) from ({sql}))",
        explain,
        severity=severity,
        acceptable=acceptable,
        bad_rows=sql,
        row_id=tuple(row_id),
    )


def share_at_most(rule: Rule, limit: str, *, of: str = "count(*)") -> Rule:
    """The critical companion of a warning: its bad rows are at most a share `limit` of `of`."""
    return replace(
        rule,
        name=f"{rule.name}_share",
        explanation="So many rows are at fault that this is no longer noise. " + rule.explanation,
        high=limit,
        severity=Severity.CRITICAL,
        acceptable=True,
        share_of=of,
    )


def day_share_at_most(
    rule: Rule, limit: str, wrong: str, *, least: str, of: str = "{table}"
) -> Rule:
    """The critical companion of a warning: on none of the newest days is the share too great.

    In years of history a bad night is a small share, so each day is judged by itself, where `least`
    rows are at fault. `wrong` is the query of the rows at fault among those that `RECENT` leaves,
    with their key and `business_date`; `of` is the table that they are a share of.
    """
    return no_result(
        f"{rule.name}_day_share",
        f"with wrong as ({wrong}), "
        "counted as (select business_date, count(*) as wrong from wrong group by business_date), "
        f"everything as (select business_date, count(*) as rows_of_day from {of} where {RECENT} "
        "group by business_date), "
        "bad_days as (select business_date from counted inner join everything "
        f"using (business_date) where counted.wrong >= {{{least}}} "
        f"and counted.wrong > {{{limit}}} * rows_of_day) "
        "select {row_id} from wrong where business_date in (select business_date from bad_days)",
        f"Too many rows of one day are at fault: its delivery is not whole. {rule.explanation}",
        acceptable=True,
    )


RECENT = (
    "business_date <= {as_of} and business_date > {as_of} - cast({days_judged_alone} as integer)"
)
"""The newest days, each of which is judged by itself."""


def refers_to(column: str, other_table: str, other_column: str, *, explain: str) -> Rule:
    """Every value of `column` stands in `other_table`; a warning, since masters arrive late."""
    # A member of a set is found in the pass over the table; "not exists" would be one of its own.
    unknown = (
        f"{column} is not null and {column} not in (select there.{other_column} "
        f"from {other_table} as there where there.{other_column} is not null)"
    )
    return no_rows(
        f"{column}_in_{other_table.split('.')[1]}", unknown, explain, severity=Severity.WARNING
    )


def reconciles(
    name: str, left_sql: str, right_sql: str, explain: str, *, tolerance: Bound = 0
) -> Rule:
    """Two scalar queries give the same number, up to `tolerance`; the sum of nothing is 0."""
    return Rule(
        name,
        f"abs(coalesce(({left_sql}), 0) - coalesce(({right_sql}), 0))",
        explain,
        high=tolerance,
    )
