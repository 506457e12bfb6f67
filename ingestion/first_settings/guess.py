"""Which table of the contract each file is, and how its columns, words and dates are to be read."""

from __future__ import annotations

import fnmatch
import re
from collections import Counter
from dataclasses import dataclass, field

from ingestion.contract import FEEDS, Table
from ingestion.discovery import is_named
from ingestion.first_settings.dates import formats_for
from ingestion.first_settings.look import Look
from ingestion.first_settings.words import (
    column_of,
    folded,
    has_words,
    hint_of,
    needs_no_word,
    words_of,
)

TABLES = tuple(table for feed in FEEDS.values() for table in feed.tables)
_ENOUGH = 0.6
_FEW_WORDS, _MANY_ROWS, _SHORT = 12, 20, 12


@dataclass(frozen=True)
class TableGuess:
    """What is believed of the files of one table.

    `pattern` is the setting `files`, None where their names are the contract's. `columns` maps
    headers to columns, `unsure` are those of them that want a look. `strange` are words of a column
    that nobody knows, `others` names of files that the pattern leaves out.
    """

    table: Table
    looks: list[Look]
    pattern: str | None
    others: list[str]
    columns: dict[str, str]
    unsure: set[str]
    unmapped: list[str]
    values: dict[str, dict[str, str]]
    strange: dict[str, list[str]]
    formats: dict[str, tuple[str, ...]]
    reason: str

    @property
    def missing(self) -> list[str]:
        """Required columns for which no header was found."""
        found = set(self.columns.values())
        return [c.name for c in self.table.columns if c.required and c.name not in found]


@dataclass(frozen=True)
class Guesses:
    """All tables that were recognised, and files that were not, with the reason."""

    tables: list[TableGuess] = field(default_factory=list)
    left: list[tuple[str, str]] = field(default_factory=list)


def guess(looks: list[Look]) -> Guesses:
    """Sort files by tables, and work out the settings of each."""
    by_table: dict[str, list[Look]] = {}
    reasons: dict[str, str] = {}
    guesses = Guesses()
    for look in looks:
        table, reason = (None, look.problem) if look.problem else _table_of(look)
        if table is None:
            guesses.left.append((look.name, reason))
            continue
        by_table.setdefault(table.qualified_name, []).append(look)
        reasons.setdefault(table.qualified_name, reason)
    every_name = [look.name for look in looks]
    for table in TABLES:
        name = table.qualified_name
        if name in by_table:
            guesses.tables.append(_settings(table, by_table[name], every_name, reasons[name]))
    return guesses


def mapping(table: Table, header: tuple[str, ...]) -> tuple[dict[str, str], set[str]]:
    """Headers to columns, each column once, and the headers that are less than sure."""
    found = {name: column_of(table, name) for name in header}
    columns: dict[str, str] = {}
    for wanted in (True, False):
        for name, hit in found.items():
            if hit and hit[1] is wanted and hit[0] not in columns.values():
                columns[name] = hit[0]
    ordered = {name: columns[name] for name in header if name in columns}
    return ordered, {name for name in ordered if not found[name][1]}  # type: ignore[index]


def _table_of(look: Look) -> tuple[Table | None, str]:
    """The table that a file's name and header speak for, and why."""
    named = [table for table in TABLES if is_named(table.name, look.name)]
    if len(named) == 1:
        return named[0], "by the name of the file"
    scores = {table.qualified_name: _score(table, look) for table in TABLES}
    best = max(TABLES, key=lambda table: scores[table.qualified_name])
    columns, _ = mapping(best, look.header)
    known = f"{len(columns)} of its {len(look.header)} columns"
    if len(columns) < 2 or not _has_key(best, columns):
        return None, f"no table of the contract fits its {len(look.header)} column(s)"
    if hint_of(best, look.name):
        return best, f"by {known} and a word in the file's name"
    if _share_of_required(best, columns) >= _ENOUGH:
        return best, f"by {known}"
    return None, f"{best.qualified_name} comes nearest, with {known} only"


def _score(table: Table, look: Look) -> float:
    """Required columns found, the share of the header that is known, and the file's name."""
    columns, _ = mapping(table, look.header)
    if not _has_key(table, columns):
        return 0.0
    known = len(columns) / max(len(look.header), 1)
    return _share_of_required(table, columns) + known + hint_of(table, look.name) / 8


def _has_key(table: Table, columns: dict[str, str]) -> bool:
    return bool(set(table.key) & set(columns.values()))


def _share_of_required(table: Table, columns: dict[str, str]) -> float:
    required = {column.name for column in table.columns if column.required}
    return len(required & set(columns.values())) / max(len(required), 1)


def _settings(table: Table, looks: list[Look], every_name: list[str], reason: str) -> TableGuess:
    header = tuple(dict.fromkeys(name for look in looks for name in look.header))
    columns, unsure = mapping(table, header)
    pattern = _pattern(table, [look.name for look in looks], every_name)
    left = [one.name for one in looks if pattern and not fnmatch.fnmatch(one.name, pattern)]
    values: dict[str, dict[str, str]] = {}
    strange: dict[str, list[str]] = {}
    for name, target in columns.items():
        words, unknown = _words(table, target, [v for look in looks for v in look.column(name)])
        values |= {target: words} if words else {}
        strange |= {target: unknown} if unknown else {}
    return TableGuess(
        table,
        looks,
        pattern,
        left,
        columns,
        unsure,
        [name for name in header if name not in columns],
        values,
        strange,
        formats_for(table, columns, looks),
        reason,
    )


def _words(table: Table, target: str, found: list[str]) -> tuple[dict[str, str], list[str]]:
    """Words to translate, and words that are strange; values of other columns are not looked at.

    Strange words are named only where they repeat as words of a list do: a header may mislead.
    """
    column = table.column(target)
    if not has_words(table, column):
        return {}, []
    counts, known = Counter(found), words_of(table, column)
    words = {
        word: known[folded(word)]
        for word in counts
        if not needs_no_word(column, word) and folded(word) in known
    }
    strange = [word for word in counts if word not in words and not needs_no_word(column, word)]
    is_list = len(found) >= _MANY_ROWS and len(counts) <= _FEW_WORDS
    is_free = not column.allowed and column.kind.name != "BOOLEAN"
    if not strange or is_free:
        return words, []
    if is_list and all(counts[word] > 1 and len(word) <= _SHORT for word in strange):
        return words, strange
    return words, [f"{len(strange)} that are not shown here"]


def _pattern(table: Table, names: list[str], every_name: list[str]) -> str | None:
    """A pattern that takes these files, and future deliveries, and no file of another table."""
    if all(is_named(table.name, name) for name in names):
        return None
    foreign = [name for name in every_name if name not in names]
    loose = Counter(_starred(name, "*") for name in names)
    exact = Counter(_starred(name, "[0-9]*") for name in names)
    for patterns in (loose, exact):
        pattern, _ = patterns.most_common(1)[0]
        if not any(fnmatch.fnmatch(name, pattern) for name in foreign):
            return pattern
    return names[0].replace("[", "[[]")


def _starred(name: str, star: str) -> str:
    """A name with its date or number, and what joins its parts, replaced."""
    escaped = re.sub(r"([\[*?])", r"[\1]", name)
    return re.sub(r"\d+(?:[-_.T]?\d+)*", star, escaped)
