"""Decisions of people about rows in quarantine and files to be read again, as a load hears them.

They come from the journal, all of them at each run. `ledger.applied_decisions` inside the warehouse
says which ones it has heard, so that a run that fails, or a warehouse from a backup, hears them
again.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb


class Action(Enum):
    """What a person decides about a row in quarantine."""

    RELEASE = "release"
    DISCARD = "discard"


@dataclass(frozen=True)
class RowDecision:
    """A decision about one row. `changes` are values to set before the row is read again."""

    decision_id: str
    action: Action
    table: str
    file: str
    line: int
    reason: str
    payload: str
    changes: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ReloadRequest:
    """A file to be forgotten and read again."""

    decision_id: str
    table: str
    file: str


@dataclass(frozen=True)
class Decisions:
    """All decisions, in the order in which they were taken."""

    rows: tuple[RowDecision, ...] = ()
    reloads: tuple[ReloadRequest, ...] = ()


def row_id(table: str, file: str, line: int, reason: str) -> str:
    """The short name of a row in quarantine: the same wherever and whenever it is met."""
    text = "\x1f".join((table, file, str(line), reason))
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def applied(connection: duckdb.DuckDBPyConnection, catalog: str = "warehouse") -> set[str]:
    """Ids of the decisions that a warehouse has heard."""
    found = connection.execute(
        f"select decision_id from {catalog}.ledger.applied_decisions"
    ).fetchall()
    return {row[0] for row in found}
