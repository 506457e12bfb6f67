"""Formats of dates and times that the usual ones do not read."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime

from ingestion.contract import Table
from ingestion.contract.model import Kind
from ingestion.first_settings.look import Look
from ingestion.settings import DATE_FORMATS, TIMESTAMP_FORMATS

_OFFSET = re.compile(r"(Z|[+-]\d\d:?\d\d)$")
_MORE_DATES = ("%Y年%m月%d日", "%Y.%m.%d")
_MORE_TIMES = tuple(
    f"{day}{gap}{time}"
    for day in (*_MORE_DATES, "%Y/%m/%d", "%Y-%m-%d")
    for gap in (" ", "")
    for time in ("%H:%M:%S", "%H:%M", "%H時%M分%S秒", "%H時%M分")
)
_TRIED = 500


def formats_for(
    table: Table, columns: dict[str, str], looks: list[Look]
) -> dict[str, tuple[str, ...]]:
    """The settings `date_formats` and `timestamp_formats` where the usual formats are too few."""
    found = {}
    for setting, kind, usual, more in (
        ("date_formats", Kind.DATE, DATE_FORMATS, _MORE_DATES),
        ("timestamp_formats", Kind.INSTANT, TIMESTAMP_FORMATS, (*_MORE_TIMES, *_MORE_DATES)),
    ):
        headers = [name for name, to in columns.items() if table.column(to).kind is kind]
        values = [value for look in looks for name in headers for value in look.column(name)]
        extra = _needed(values[:_TRIED], usual, more)
        if extra:
            found[setting] = (*extra, *usual)
    return found


def _needed(values: list[str], usual: tuple[str, ...], more: tuple[str, ...]) -> tuple[str, ...]:
    texts = [unicodedata.normalize("NFKC", value) for value in values]
    odd = [
        text
        for text in texts
        if not _OFFSET.search(text) and not any(_fits(text, known) for known in usual)
    ]
    return tuple(known for known in more if any(_fits(text, known) for text in odd))


def _fits(text: str, known: str) -> bool:
    try:
        datetime.strptime(text, known)
    except ValueError:
        return False
    return True
