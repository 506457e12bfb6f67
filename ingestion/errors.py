"""Errors that a person meets: each says what is wrong, where, and what to do next."""

from __future__ import annotations

from dataclasses import dataclass


class ConfigurationError(Exception):
    """The configuration cannot be used; nothing was read."""


class FileProblemError(Exception):
    """A file cannot be taken as it is. Nothing of it is loaded.

    `lines` are the first offending lines of the file (physical lines, the header is line 1).
    The message never holds a value from the file.
    """

    def __init__(
        self, file: str, message: str, *, column: str | None = None, lines: tuple[int, ...] = ()
    ) -> None:
        self.file, self.message, self.column, self.lines = file, message, column, lines
        super().__init__(str(self))

    def __str__(self) -> str:
        where = self.file
        if self.column:
            where += f", column {self.column}"
        if self.lines:
            where += f", line{'s' if len(self.lines) > 1 else ''} " + ", ".join(
                str(line) for line in self.lines
            )
        return f"{where}: {self.message}"


@dataclass(frozen=True)
class HeldFile:
    """A file that was refused, for the report."""

    table: str
    file: str
    message: str


class FeedStoppedError(Exception):
    """Files of a feed are refused and the feed's setting is to stop the run."""

    def __init__(self, feed: str, held: list[HeldFile]) -> None:
        self.feed, self.held = feed, held
        lines = "\n".join(f"  {file.table}: {file.message}" for file in held)
        super().__init__(
            f"feed {feed} stopped the run: {len(held)} file(s) cannot be taken.\n{lines}\n"
            "Mend or replace the file and run again. To publish the other feeds meanwhile, set "
            f'on_failure = "hold" for [feeds.{feed}] in tokui.toml.'
        )
