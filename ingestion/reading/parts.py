"""What reading a file yields: its layout, its rows as a scratch table, and its broken rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from ingestion.discovery import FoundFile


@dataclass(frozen=True)
class Layout:
    """The header of a file: position of each contract column, and the columns that are unknown.

    The second of a pair is where it stands: `c0`, `c1` ... in the scratch table, the file's own key
    for JSON Lines. Parquet has `types` of these, and `own`, the engine's names in the file.
    """

    ending: str
    width: int
    positions: tuple[tuple[str, str], ...]
    extra: tuple[tuple[str, str], ...]
    types: tuple[tuple[str, str], ...] = ()
    own: tuple[str, ...] = ()

    def source_of(self, column: str) -> str | None:
        return dict(self.positions).get(column)

    def name_of(self, source: str) -> str:
        """The column that `source` fills, or its own name where it fills none."""
        return next(name for name, own in (*self.positions, *self.extra) if own == source)


@dataclass(frozen=True)
class Lines:
    """What is known of a text before it is split: how many lines, and whether it has NUL bytes."""

    count: int
    has_nul: bool = False


@dataclass(frozen=True)
class Readable:
    """A file whose header was compared: the readable copy of it, its lines (None: not text)."""

    file: FoundFile
    path: Path
    layout: Layout
    lines: Lines | None = None


@dataclass(frozen=True)
class BrokenRow:
    """A row that could not be split into columns: its file, line and why."""

    file: str
    line: int
    reason: str
    payload: str
    is_short: bool = False


@dataclass
class Part:
    """Rows of files with one layout, in the scratch table `name` (columns, `_file`, `_line`).

    `name` may be a view that reads the files when it is asked: it is asked once.
    """

    name: str
    layout: Layout
    files: list[str]
    broken: list[BrokenRow] = field(default_factory=list)


Take = Callable[[Part], dict[str, int]]
"""Takes the rows of a part, and says how many there were of each file; broken rows aside."""


def by_path(members: list[Readable]) -> dict[str, str]:
    """Names of files by the paths that are read."""
    return {str(one.path): one.file.name for one in members}
