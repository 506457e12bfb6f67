"""Where a load happens, and what it reports: rows and files a table, what was refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from ingestion.decisions import Decisions
from ingestion.errors import HeldFile
from ingestion.landing import QuarantinedRow
from ingestion.settings import Limits


@dataclass
class TableReport:
    """What one run did with one table, in rows and files.

    `rows_in` = `unchanged` + `quarantined` + `stored`, of the files that this run read. Raw grows
    by `stored` + `released` - `forgotten`: rows that earlier loads had set aside, and rows of files
    that were asked for again.
    """

    table: str
    files: int = 0
    files_known: int = 0
    rows_in: int = 0
    unchanged: int = 0
    quarantined: int = 0
    stored: int = 0
    deleted: int = 0
    released: int = 0
    discarded: int = 0
    forgotten: int = 0
    unknown_columns: list[str] = field(default_factory=list)


@dataclass
class FeedReport:
    """What one run did with one feed. `held` is empty unless the feed stays at its last state.

    `decided` says of each decision that the warehouse heard where it pointed and what came of it.
    """

    feed: str
    tables: dict[str, TableReport]
    quarantined: list[QuarantinedRow] = field(default_factory=list)
    held: list[HeldFile] = field(default_factory=list)
    unfinished: list[str] = field(default_factory=list)
    unrecognised: list[str] = field(default_factory=list)
    decided: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class LoadContext:
    """Where a load happens: the warehouse copy, the run's folders, its id, its key, its clock.

    `decisions` are all that people ever took of this feed; the warehouse knows which it has heard.
    """

    warehouse: Path
    landing_dir: Path
    scratch_dir: Path
    load_id: str
    key: bytes
    now: datetime
    progress: Callable[[str], None] = lambda message: None
    limits: Limits = field(default_factory=Limits)
    decisions: Decisions = field(default_factory=Decisions)
