"""When a publication is late, by the schedule that the settings name."""

from datetime import UTC, datetime, timedelta

import dagster as dg

from orchestration.defs.schedules import configured

_SOME_DAY = datetime(2026, 1, 1, tzinfo=UTC)
_TICKS = 32
"""Runs of the schedule that are looked at: a month of a daily one."""
_RUNTIME = timedelta(hours=3)
"""A run that takes as long as that is not late yet."""


def publication_freshness() -> dg.FreshnessPolicy:
    """A warning when one run of the schedule did not publish, a failure when two did not.

    Dagster looks at when something was published and at nothing else. How old the data are is what
    `days_since_as_of` shows and what the gates judge.
    """
    gap = longest_gap(configured().cron, configured().timezone)
    return dg.FreshnessPolicy.time_window(
        fail_window=2 * gap + _RUNTIME, warn_window=gap + _RUNTIME
    )


def longest_gap(cron: str, timezone: str) -> timedelta:
    """The longest time between two runs of a schedule: a weekend for one of weekdays."""
    windows = dg.TimeWindowPartitionsDefinition(
        start=_SOME_DAY, fmt="%Y-%m-%dT%H:%M%z", cron_schedule=cron, timezone=timezone
    )
    longest, since = timedelta(0), _SOME_DAY
    for _ in range(_TICKS):
        window = windows.get_next_partition_window(since)
        assert window is not None  # They have no end.
        since = window.end
        # In UTC: two times of one zone differ by what clocks show, not by what went by.
        longest = max(longest, since.astimezone(UTC) - window.start.astimezone(UTC))
    return longest
