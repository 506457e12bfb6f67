"""How nights are counted: alarms, warnings that are new, warnings that stand."""

from __future__ import annotations

from datetime import date

from evaluation.clean_nights import Nights
from evaluation.faults.model import Check
from tests.evaluation.facts import night_facts

OLD = Check("raw", "raw_pos.stores", "old", "warning")
NEW = Check("marts", "marts.kpi_daily", "new", "warning")
STOP = Check("marts", "marts.kpi_daily", "stop", "critical")
DAY = date(2026, 12, 20)


def test_a_standing_warning_counts_for_no_night() -> None:
    nights = Nights(1, standing=[OLD.name])
    nights.add(DAY, night_facts(failed=[OLD]), before=[], seconds=1)
    assert nights.warnings == []
    assert nights.is_quiet


def test_a_warning_counts_when_it_comes_and_not_while_it_stays() -> None:
    nights = Nights(1, standing=[])
    nights.add(DAY, night_facts(failed=[NEW]), before=[], seconds=1)
    nights.add(DAY, night_facts(failed=[NEW]), before=[NEW], seconds=1)
    assert nights.warnings == ["2026-12-20: marts.kpi_daily.new"]
    assert nights.is_quiet
    nights.add(DAY, night_facts(failed=[NEW]), before=[], seconds=1)
    assert not nights.is_quiet


def test_a_night_that_does_not_publish_is_an_alarm_and_no_warning() -> None:
    nights = Nights(1, standing=[])
    stopped = night_facts(status=1, message="the marts gate stopped the run", failed=[STOP])
    nights.add(DAY, stopped, before=[], seconds=1)
    assert nights.alarms == ["2026-12-20: the marts gate stopped the run"]
    assert nights.warnings == []
    assert not nights.is_quiet
