"""What a check finds, and what it looks at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ingestion.settings import Settings
from orchestration.home import Home


class Level(StrEnum):
    """How bad a finding is: a run cannot end well with a `fail`."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True)
class Finding:
    """One line of the report: what was found and, unless all is well, what to do."""

    level: Level
    what: str
    todo: str = ""
    check: str = ""


@dataclass(frozen=True)
class Subject:
    """The warehouse under examination and its settings; `clock` is UTC without a zone."""

    home: Home
    settings: Settings
    clock: datetime


def ok(what: str) -> Finding:
    """A finding that all is well."""
    return Finding(Level.OK, what)


def warn(what: str, todo: str) -> Finding:
    """A finding that a run survives."""
    return Finding(Level.WARN, what, todo)


def fail(what: str, todo: str) -> Finding:
    """A finding that a run does not survive, or that hides what runs do."""
    return Finding(Level.FAIL, what, todo)


def some(names: list[str], most: int = 5) -> str:
    """The first names of a list, and how many more there are."""
    rest = len(names) - most
    return ", ".join(names[:most]) + (f" and {rest:,} more" if rest > 0 else "")
