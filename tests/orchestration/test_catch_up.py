"""Missed nights: one run for all of them, or one a day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from ingestion.settings import load_settings
from orchestration.catch_up import refresh_each_day
from orchestration.publication import published_date
from tests.conftest import Retailer
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


def test_day_by_day_ends_where_one_run_for_all_days_does(
    new_retailer: Callable[[str], Retailer], tmp_path: Path
) -> None:
    """The sample's last complete day is 2026-09-30; two days before it are published alone."""
    late = new_retailer("late")
    held_back = {file: file.read_bytes() for file in late.feeds.rglob("*_20261001.csv")}
    for file in held_back:
        file.unlink()
    assert late.refresh(as_of="2026-09-28") == 0, late.message()
    for file, content in held_back.items():
        file.write_bytes(content)
    at_once = late.copy_to(tmp_path / "at_once")

    late.use()
    settings = load_settings(late.config)
    status = refresh_each_day(late.home, settings, lambda: late.refresh(next_day=True))
    assert status == 0, late.message()
    published = [row.as_of_date for row in late.journal.last_runs() if row.version]
    assert published == [date(2026, 9, 30), date(2026, 9, 29), date(2026, 9, 28)]

    assert at_once.refresh() == 0, at_once.message()
    assert published_date(at_once.home) == date(2026, 9, 30)
    assert late.digests() == at_once.digests()
