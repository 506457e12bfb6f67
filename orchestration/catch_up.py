"""Missed nights, day by day: a run for every date from the published one to the last complete."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import date

from ingestion.settings import Settings
from orchestration.acceptance import last_complete
from orchestration.child import GREEN
from orchestration.home import Home
from orchestration.journal import Journal
from orchestration.publication import published_date
from orchestration.run import clock


def refresh_each_day(home: Home, settings: Settings, refresh: Callable[[], int]) -> int:
    """Run until the last complete business date is published; say which dates were.

    Every run loads what is there to load; it computes for the day after the published date.

    Args:
        refresh: runs the job once for the next day and returns its exit status.

    Returns:
        The exit status of the first run that was not green, else that of green.
    """
    published: list[date] = []
    while True:
        before = published_date(home)
        status = refresh()
        after = published_date(home)
        if after is not None and after != before:
            published.append(after)
        if status != GREEN or after is None or after == before:
            break
        today = clock(settings).date()
        if after >= last_complete(home.current, Journal(home.journal), today):
            break
    _tell(published, status)
    return status


def _tell(published: list[date], status: int) -> None:
    dates = ", ".join(str(day) for day in published) or "no new date"
    end = "" if status == GREEN else f"; then a run ended with status {status}"
    print(f"tokui: published day by day: {dates}{end}", file=sys.stderr)
