"""Missed nights, published one a day.

That they give what one run for all of them gives: `tests/end_to_end/test_nights.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from orchestration.catch_up import refresh_each_day
from orchestration.publication import published_date
from tests.orchestration.conftest import SmallHome

NOW = 'now = "2026-10-04T06:00:00+09:00"\n'
"""Without any closing in raw, 2026-10-02 is the last complete date then (UTC's yesterday)."""


@pytest.fixture
def missed(make_home: Callable[..., SmallHome]) -> SmallHome:
    """Published for 2026-09-29; three complete days came since."""
    small = make_home("home", NOW)
    small.publish("first", 0, "2026-09-29")
    return small


def _publishing(small: SmallHome, statuses: dict[str, int]) -> Callable[[], int]:
    """A run that publishes the next day, unless its status is another than green."""

    def refresh() -> int:
        day = published_date(small.home) + timedelta(days=1)
        status = statuses.get(str(day), 0)
        if status == 0:
            small.publish(f"run-{day}", day.day, str(day))
        return status

    return refresh


def test_every_missed_day_is_published_and_said(
    missed: SmallHome, capsys: pytest.CaptureFixture[str]
) -> None:
    assert refresh_each_day(missed.home, missed.settings, _publishing(missed, {})) == 0
    assert published_date(missed.home) == date(2026, 10, 2)
    assert "published day by day: 2026-09-30, 2026-10-01, 2026-10-02" in capsys.readouterr().err


def test_it_ends_with_the_first_day_that_is_not_green(
    missed: SmallHome, capsys: pytest.CaptureFixture[str]
) -> None:
    refresh = _publishing(missed, {"2026-10-01": 1})
    assert refresh_each_day(missed.home, missed.settings, refresh) == 1
    assert published_date(missed.home) == date(2026, 9, 30)
    said = capsys.readouterr().err
    assert "published day by day: 2026-09-30; then a run ended with status 1" in said


def test_without_a_missed_day_there_is_one_run(
    missed: SmallHome, capsys: pytest.CaptureFixture[str]
) -> None:
    runs = []
    assert refresh_each_day(missed.home, missed.settings, lambda: runs.append(1) or 0) == 0
    assert len(runs) == 1
    assert "no new date" in capsys.readouterr().err
