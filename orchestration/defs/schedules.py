"""When the nightly job starts: after the latest cut-over, as `[schedule]` in tokui.toml says."""

import dagster as dg

from ingestion.errors import ConfigurationError
from ingestion.settings import Schedule
from orchestration import home as homes
from orchestration.defs.jobs import nightly_refresh


def _configured() -> Schedule:
    """The code location must load before a retailer has written any settings."""
    try:
        return homes.load()[1].schedule
    except ConfigurationError:
        return Schedule()


nightly_refresh_schedule = dg.ScheduleDefinition(
    name="nightly_refresh_schedule",
    job=nightly_refresh,
    cron_schedule=_configured().cron,
    execution_timezone=_configured().timezone,
)
