"""The dictionary of `words.toml`: what files, columns and values are called elsewhere."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from ingestion.contract import Table
from ingestion.contract.model import Column, Kind
from ingestion.reading.headers import folded
from ingestion.typing_rules import FALSE_WORDS, TRUE_WORDS

_BRACKETS = re.compile(r"[(（［\[【〔][^)）］\]】〕]*[)）］\]】〕]")
_OWNER = re.compile(r"^(お客様|顧客|会員|ご)(の)?")


def column_of(table: Table, header: str) -> tuple[str, bool] | None:
    """The contract's column that a header means, and whether its name is known as it stands.

    Not as it stands: without what is in brackets, or without whose it is (`お客様電話番号`).
    """
    known = {column.name for column in table.columns}
    names = _columns(table.name) | {folded(column): column for column in known}
    for is_sure, variant in (
        (True, header),
        (False, _BRACKETS.sub("", header)),
        (False, _OWNER.sub("", _BRACKETS.sub("", header))),
    ):
        found = names.get(folded(variant))
        if variant and found in known:
            return found, is_sure
    return None


def hint_of(table: Table, name: str) -> int:
    """How strongly a file's name speaks for a table: the letters of the longest word in it."""
    stem = folded(re.sub(r"\.[A-Za-z]+$", "", name.rpartition("/")[2]))
    words = [folded(word) for word in (table.name, *_dictionary()["files"].get(table.name, ()))]
    return max((len(word) for word in words if word in stem), default=0)


def words_of(table: Table, column: Column) -> dict[str, str]:
    """Words that a file may have in a column, folded, to the contract's."""
    book = _dictionary()
    given = book.get("values_of", {}).get(table.name, {}).get(column.name)
    given = given or book["values"].get(column.name, {})
    return {folded(word): to for to, words in given.items() for word in words}


def needs_no_word(column: Column, word: str) -> bool:
    """Whether a word is the contract's own, or a yes or no that is read as it is."""
    if column.kind is Kind.BOOLEAN:
        return word.lower() in (*TRUE_WORDS, *FALSE_WORDS)
    return folded(word) in {folded(allowed) for allowed in column.allowed}


def has_words(table: Table, column: Column) -> bool:
    """Whether the contract, or its usual use, has a fixed list of words for a column."""
    return bool(column.allowed) or column.kind is Kind.BOOLEAN or bool(words_of(table, column))


@cache
def _columns(table: str) -> dict[str, str]:
    """Folded names to columns: those of the table go first, then those of all tables."""
    book = _dictionary()
    names: dict[str, str] = {}
    for section in (book["columns_of"].get(table, {}), book["columns"]):
        for column, words in section.items():
            for word in words:
                names.setdefault(folded(word), column)
    return names


@cache
def _dictionary() -> dict[str, Any]:
    path = Path(__file__).with_name("words.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))
