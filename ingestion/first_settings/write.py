"""The guesses as a `tokui.toml` with comments, and as a summary in a few lines."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from ingestion.contract import FEEDS
from ingestion.first_settings.guess import Guesses, TableGuess

_WIDTH = 98
_SOME = 2
"""With fewer known columns, the header may be a row of values, which nobody shall see."""
_HEAD = """\
# Settings of Tokui, guessed from the files in {folder}.
# Read every line: a header that is guessed wrongly gives wrong numbers. Try a file, which loads
# nothing, with: tokui feeds check FILE. What each column means: docs/feed-contract.md.

[run]
profile = "main"

[company]
timezone = "Asia/Tokyo"          # of times without an offset
currency = "JPY"
points_as = "discount"           # points lower the sale; "tender": they pay for it
tax_rounding = "down"
"""


def settings_text(guesses: Guesses, folder: Path, target: Path) -> str:
    """The text of the settings file at `target`, for exports in `folder`."""
    lines = [_HEAD.format(folder=folder.name)]
    for feed in FEEDS.values():
        tables = [one for one in guesses.tables if one.table.feed_name == feed.name]
        lines += _feed(feed.name, tables, folder, target)
    if guesses.left:
        lines.append("\n# Files that no table of the contract takes, or that cannot be read:")
        lines += [line for name, why in guesses.left for line in _comment(f"{name}: {why}")]
    return "\n".join(lines) + "\n"


def summary(guesses: Guesses) -> list[str]:
    """What was recognised and what is left to do, without a value of any file."""
    lines = []
    for one in guesses.tables:
        headers = len(one.columns) + len(one.unmapped)
        told = f"{len(one.columns)} of {headers} columns"
        missing = f"; MISSING: {', '.join(one.missing)}" if one.missing else ""
        lines.append(
            f"{one.table.qualified_name:28} {len(one.looks):3} file(s)  "
            f"{one.looks[0].encoding:6} {told}{missing}"
        )
    lines += [f"not taken: {name}: {why}" for name, why in guesses.left]
    return lines


def _feed(name: str, tables: list[TableGuess], folder: Path, target: Path) -> Iterator[str]:
    if not tables:
        yield f"\n# No file of the feed {name} was recognised: it stays off, and its tables empty."
        yield f'# [feeds.{name}]\n# path = "feeds/{name}"'
        return
    below = _common_folder([look.name for one in tables for look in one.looks])
    yield f"\n[feeds.{name}]\npath = {_quoted(_address(folder / below, target))}"
    for one in tables:
        yield from _table(f"feeds.{name}.tables.{one.table.name}", one, below)


def _table(where: str, one: TableGuess, below: str) -> Iterator[str]:
    first, count = one.looks[0], len(one.looks)
    more = f" and {count - 1} more" if count > 1 else ""
    yield ""
    yield from _comment(f"{one.table.qualified_name}: {first.name}{more}, {one.reason}.")
    if one.missing:
        yield from _comment(
            f"MISSING, and required: {', '.join(one.missing)}. Until the export has "
            f"{'it' if len(one.missing) == 1 else 'them'}, these files are refused. If one is "
            "there under another name, map it below."
        )
    if one.others:
        yield from _comment(
            f"Not taken by the pattern: {', '.join(one.others)}. Name all files of a table alike."
        )
    yield from _inconsistent(one)
    settings = list(_file_settings(one, below))
    mapped = {name: to for name, to in one.columns.items() if name != to}
    if settings:
        yield f"[{where}]"
        yield from settings
    yield from _columns(where, one, mapped)
    yield from _values(where, one)


def _inconsistent(one: TableGuess) -> Iterator[str]:
    """Settings are of a table: files that differ cannot all be read."""
    for what, found in (
        ("encodings", {look.encoding for look in one.looks}),
        ("delimiters", {look.delimiter for look in one.looks}),
    ):
        if len(found) > 1:
            yield from _comment(f"The files have several {what}: {', '.join(sorted(found))}.")


def _file_settings(one: TableGuess, below: str) -> Iterator[str]:
    # Text without a Japanese letter fits both encodings, so one file in CP932 tells of all.
    encodings = [look.encoding for look in one.looks]
    if "cp932" in encodings:
        yield 'encoding = "cp932"'
    delimiter = one.looks[-1].delimiter
    if delimiter != "," and not one.looks[-1].name.lower().endswith(".tsv"):
        yield f"delimiter = {_quoted(delimiter)}"
    if one.pattern is not None:
        pattern = one.pattern.removeprefix(f"{below}/" if below else "")
        yield f"files = {_quoted(pattern)}"
    for setting, formats in one.formats.items():
        yield f"{setting} = [{', '.join(_quoted(known) for known in formats)}]"


def _columns(where: str, one: TableGuess, mapped: dict[str, str]) -> Iterator[str]:
    if mapped:
        yield f"\n[{where}.columns]"
    for name, column in mapped.items():
        note = "   # a guess: check it" if name in one.unsure else ""
        yield f"{_quoted(name)} = {_quoted(column)}{note}"
    if one.unmapped and len(one.columns) < _SOME:
        yield from _comment(
            f"{len(one.unmapped)} columns are not known, or the first line is not a header."
        )
    elif one.unmapped:
        yield from _comment(f"Not known, kept in _extra: {', '.join(one.unmapped)}.")


def _values(where: str, one: TableGuess) -> Iterator[str]:
    if one.values:
        yield f"\n[{where}.values]"
    for column, words in one.values.items():
        pairs = ", ".join(f"{_quoted(word)} = {_quoted(to)}" for word, to in words.items())
        yield f"{column} = {{ {pairs} }}"
    for column, words in one.strange.items():
        allowed = ", ".join(one.table.column(column).allowed) or "true, false"
        yield from _comment(
            f"Words of {column} that are not known: {', '.join(words)}. Map each to one of: "
            f"{allowed}. Their rows are set aside until then."
        )


def _common_folder(names: list[str]) -> str:
    """The folder below which all files lie, as in `pos`; empty for the folder itself."""
    parents = [PurePosixPath(name).parent.as_posix() for name in names]
    return os.path.commonpath(parents) if "." not in parents else ""


def _address(folder: Path, target: Path) -> str:
    """The folder as the settings name it: relative to their file where it lies below it."""
    folder, root = folder.absolute(), target.absolute().parent
    is_below = folder.is_relative_to(root)
    return folder.relative_to(root).as_posix() if is_below else folder.as_posix()


def _comment(text: str) -> Iterator[str]:
    """A comment, broken into lines."""
    import textwrap

    printable = "".join(letter if letter.isprintable() else "\ufffd" for letter in text)
    for line in textwrap.wrap(printable, _WIDTH, break_on_hyphens=False):
        yield f"# {line}"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")  # TOML forbids it.
