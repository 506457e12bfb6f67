"""What a fault is, and what is known about the night that met it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from evaluation.faults.night import Night

Injection = Callable[[Night], None]
"""Spoils the files of a night."""


@dataclass(frozen=True)
class Check:
    """A failed expectation."""

    layer: str
    suite: str
    rule: str
    severity: str

    @property
    def name(self) -> str:
        return f"{self.suite}.{self.rule}"


@dataclass(frozen=True)
class Refusal:
    """A file that was not taken, or a row that was set aside (`line` is its line)."""

    table: str
    file: str
    message: str
    line: int = 0


@dataclass(frozen=True)
class NightFacts:
    """What one night left: in its journal, on the console, and in what is published.

    `served` and `manifest` are digests of the bytes that are served, `digests` those of the
    published marts. `accounting` has rows by table: in, unchanged, quarantined, stored of this run;
    `published_accounting`: in, unchanged, superseded, deleted, staged, quarantined ever.
    """

    home: Path
    status: int
    ended: str
    message: str
    said: str
    failed: list[Check]
    refused: list[Refusal]
    quarantined: list[Refusal]
    accounting: dict[str, tuple[int, ...]]
    published_accounting: dict[str, tuple[int, ...]]
    as_of: str
    served: str
    manifest: str
    feeds_held: list[str]
    digests: dict[str, str]


@dataclass(frozen=True)
class Comparison:
    """A night with a fault beside what was served before it and the same night without.

    `together` are all the faults of the night, this one among them.
    """

    fault: Fault
    together: tuple[Fault, ...]
    night: NightFacts
    before: NightFacts
    clean: NightFacts

    def new_failures(self) -> list[Check]:
        """Expectations that failed in this night and not in the clean one."""
        return [check for check in self.night.failed if check not in self.clean.failed]


class Outcome(Protocol):
    """What must come of a fault.

    `shares` is a word that faults have in common which may meet one night together, as long as
    they are of different tables; empty for a fault that wants a night for itself.
    """

    @property
    def shares(self) -> str: ...

    def told(self, found: Comparison) -> tuple[str, str]:
        """Where it was caught, and the first line of what a person is told."""

    def complaints(self, found: Comparison) -> list[str]:
        """What is not as it must be; nothing when all is."""


@dataclass(frozen=True)
class Fault:
    """One way in which a delivery can be wrong.

    `name` is unique; `kind` groups faults that go wrong the same way; `table` is where it stands.
    """

    name: str
    kind: str
    table: str
    inject: Injection
    expected: Outcome


@dataclass(frozen=True)
class Verdict:
    """How a fault came out: `caught` says where, `message` what a person reads first."""

    fault: str
    caught: str
    message: str
    seconds: float
    complaints: list[str] = field(default_factory=list)
