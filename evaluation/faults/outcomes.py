"""What may come of a fault, and how a night is held against it.

Whatever the fault: a run that stops leaves what is served untouched to the byte, a run that
publishes accounts for every row, and messages name what, where and what to do.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from evaluation.faults.model import Check, Comparison, Refusal

_NEXT_STEPS = re.compile(
    "accept|add |again|ask |check|choose|compare|copy|correct|deliver|export|go back|look at|map |"
    "mend|raise|report|send|set |split|take "
)
"""A message says what to do next with one of these."""


@dataclass(frozen=True)
class Same:
    """Published, and every mart is that of the clean night: the fault leaves no trace.

    `said` stands among the words of the run.
    """

    said: str = ""

    shares = "a clean night"

    def told(self, found: Comparison) -> tuple[str, str]:
        lines = [line.strip() for line in found.night.said.splitlines() if self.said in line]
        return "nowhere", lines[0] if self.said and lines else "no trace in any mart"

    def complaints(self, found: Comparison) -> list[str]:
        told = [*_not_published(found), *_other_marts(found), *_unexpected(found, set())]
        return told + [f"not said: {self.said}"] * (self.said not in found.night.said)


@dataclass(frozen=True)
class Quarantined:
    """Published without the bad rows, which are set aside for `reason`; else the clean night."""

    reason: str
    rows: int = 1

    shares = "a clean night"

    def told(self, found: Comparison) -> tuple[str, str]:
        rows = self._set_aside(found)
        first = f"{rows[0].file}, line {rows[0].line}: {rows[0].message}" if rows else ""
        return f"input: {len(rows)} set aside", first

    def complaints(self, found: Comparison) -> list[str]:
        told = [*_not_published(found), *_other_marts(found), *_unexpected(found, set())]
        rows = self._set_aside(found)
        if len(rows) != self.rows:
            told.append(f"{len(rows)} rows are set aside and not {self.rows}")
        told += [
            f"the reason is {row.message!r} and does not say {self.reason!r}"
            for row in rows
            if self.reason not in row.message
        ]
        tables = {fault.table for fault in found.together}
        told += [f"{r.table} lost a row" for r in found.night.quarantined if r.table not in tables]
        return told

    def _set_aside(self, found: Comparison) -> list[Refusal]:
        return [row for row in found.night.quarantined if row.table == found.fault.table]


class Refused:
    """The file is named and the run stops; `words` stand in its message."""

    shares = "a refusal"

    def __init__(self, *words: str) -> None:
        self.words = words

    def told(self, found: Comparison) -> tuple[str, str]:
        return "input: stopped", _refusal(found)

    def complaints(self, found: Comparison) -> list[str]:
        return [*_not_stopped(found), *_refused_badly(found, self.words)]


class Held:
    """The file is named, its feed stays at its last good state and the others publish."""

    shares = ""

    def __init__(self, *words: str) -> None:
        self.words = words

    def told(self, found: Comparison) -> tuple[str, str]:
        return "input: feed held", _refusal(found)

    def complaints(self, found: Comparison) -> list[str]:
        told = [*_not_published(found), *_refused_badly(found, self.words)]
        feed = found.fault.table.split(".")[0].removeprefix("raw_")
        if found.night.feeds_held != [feed]:
            told.append(f"the manifest says that {found.night.feeds_held} are held")
        stale = f"(select bool_and(is_stale) from ops.source_freshness where feed = '{feed}')"
        return told + _untrue(found, stale)


@dataclass(frozen=True)
class Stopped:
    """A gate stops the run by a rule, which is named together with its explanation.

    A companion of the rule may do it too: `rule` is the beginning of its name. Suites of raw look
    at one table each, so faults of theirs leave each other alone, unless one is of the whole run.
    """

    layer: str
    rule: str
    alone: bool = False

    @property
    def shares(self) -> str:
        return "the raw gate" if self.layer == "raw" and not self.alone else ""

    def told(self, found: Comparison) -> tuple[str, str]:
        critical = [c for c in found.night.failed if c.severity == "critical"]
        lines = [line.strip() for line in found.night.message.splitlines()]
        said = [line for line in lines if line.startswith("critical")] or lines
        return f"{critical[0].layer} gate" if critical else "nowhere", (said or [""])[0]

    def complaints(self, found: Comparison) -> list[str]:
        told = _not_stopped(found)
        critical = [c for c in found.night.failed if c.severity == "critical"]
        wanted = [c for c in critical if c.layer == self.layer and c.name.startswith(self.rule)]
        if not wanted:
            names = ", ".join(f"{c.layer}: {c.name}" for c in critical) or "no rule"
            told.append(f"{names} stopped it and not {self.layer}: {self.rule}")
        for check in wanted:
            told += _told_badly(found.night.message, (check.suite, check.rule))
        return told


@dataclass(frozen=True)
class Warned:
    """Published with new warnings by `rules` alone, and `holds` (SQL on what is published) is true.

    In `holds`, schemas `marts` and `ops` are the night's, `clean.marts` the clean night's. `shares`
    is empty for a fault that changes what others' `holds` look at.
    """

    rules: tuple[str, ...]
    holds: str
    shares: str = "a warning"

    def told(self, found: Comparison) -> tuple[str, str]:
        named = [check for check in found.new_failures() if check.name in self.rules]
        said = [line.strip() for line in found.night.said.splitlines()]
        lines = [s for s in said for c in named if f"{c.suite} · {c.rule}:" in s]
        if not self.rules:
            return "nowhere", "published rightly"
        return f"{named[0].layer} gate warned" if named else "nowhere", (lines or [""])[0]

    def complaints(self, found: Comparison) -> list[str]:
        names = {check.name for check in found.new_failures()}
        told = [f"no new warning by {rule}" for rule in self.rules if rule not in names]
        told += _not_published(found)
        told += _unexpected(found, {rule for f in found.together for rule in f.expected.rules})
        if self.rules:
            told += _told_badly(self.told(found)[1], ())
        return told + _untrue(found, self.holds)


@dataclass(frozen=True)
class Waits:
    """Green, and nothing newer than before is published: the day is not complete."""

    shares = ""

    def told(self, found: Comparison) -> tuple[str, str]:
        return "as-of date", f"still published for {found.night.as_of}"

    def complaints(self, found: Comparison) -> list[str]:
        told = _accounted_badly(found)
        if found.night.status != 0:
            told.append(f"exit status {found.night.status}: {found.night.message[:300]}")
        if found.night.as_of != found.before.as_of:
            told.append(f"{found.night.as_of} is published, which is not complete")
        return told


def _not_published(found: Comparison) -> list[str]:
    night = found.night
    if night.status != 0:
        return [f"exit status {night.status}: {night.message[:300]}"]
    told = _accounted_badly(found)
    if night.as_of != found.clean.as_of and not night.feeds_held:
        told.append(f"published for {night.as_of} and not for {found.clean.as_of}")
    return told


def _accounted_badly(found: Comparison) -> list[str]:
    counted = found.night.accounting | {
        f"published {table}": counts for table, counts in found.night.published_accounting.items()
    }
    return [
        f"{table}: {rows_in} rows came and {sum(parts)} are accounted for"
        for table, (rows_in, *parts) in counted.items()
        if rows_in != sum(parts)
    ]


def _not_stopped(found: Comparison) -> list[str]:
    night, told = found.night, []
    if night.status != 1 or night.ended != "stopped":
        told.append(f"exit status {night.status}, {night.ended}: {night.message[:300]}")
    if (night.served, night.manifest) != (found.before.served, found.before.manifest):
        told.append("what is served has changed")
    return told


def _other_marts(found: Comparison) -> list[str]:
    night, clean = found.night.digests, found.clean.digests
    other = sorted(name for name in night | clean if night.get(name) != clean.get(name))
    return [f"other than in the clean night: {', '.join(other)}"] if other else []


def _unexpected(found: Comparison, expected: set[str]) -> list[str]:
    others: list[Check] = [c for c in found.new_failures() if c.name not in expected]
    return [f"{check.severity} of {check.name} too" for check in others]


def _refusals(found: Comparison) -> list[str]:
    return [one.message for one in found.night.refused if one.table == found.fault.table]


def _refusal(found: Comparison) -> str:
    return (_refusals(found) or [found.night.message.partition("\n")[0]])[0]


def _refused_badly(found: Comparison, words: tuple[str, ...]) -> list[str]:
    messages = _refusals(found)
    if not messages:
        others = ", ".join(one.table for one in found.night.refused) or "no table"
        return [f"a file of {others} is refused"]
    told = [complaint for message in messages for complaint in _told_badly(message, words)]
    if not any(message in found.night.said for message in messages):
        told.append("the console does not say why")
    tables = {fault.table for fault in found.together}
    told += [f"{r.table} is refused too" for r in found.night.refused if r.table not in tables]
    return told


def says_what_to_do(message: str) -> bool:
    """Whether a person who reads a message knows what to do next."""
    return _NEXT_STEPS.search(message.lower()) is not None


def _told_badly(message: str, words: tuple[str, ...]) -> list[str]:
    told = [f"the message lacks {word!r}: {message}" for word in words if word not in message]
    if not says_what_to_do(message):
        told.append(f"the message does not say what to do next: {message}")
    return told


def _untrue(found: Comparison, holds: str) -> list[str]:
    import duckdb

    if found.night.status != 0:
        return []
    served, clean = (
        home / "published" / "crm.duckdb" for home in (found.night.home, found.clean.home)
    )
    with duckdb.connect(str(served), read_only=True) as crm:
        crm.execute(f"attach '{clean}' as clean (read_only)")
        answer = crm.execute(f"select {holds}").fetchone()
    return [] if answer == (True,) else [f"not true of what is published: {holds}"]
