"""When the nightly job starts: after the latest cut-over, as `[schedule]` in tokui.toml says."""

import dagster as dg

from ingestion.errors import ConfigurationError
from ingestion.settings import Schedule
from orchestration import home as homes
from orchestration.defs.jobs import nightly_refresh


def configured() -> Schedule:
    """`[schedule]` of the settings; the code location must load before any were written."""
    try:
        return homes.load()[1].schedule
    except ConfigurationError:
        return Schedule()


nightly_refresh_schedule = dg.ScheduleDefinition(
    name="nightly_refresh_schedule",
    job=nightly_refresh,
    cron_schedule=configured().cron,
    execution_timezone=configured().timezone,
    description="Starts the nightly job after the latest cut-over of the stores. [schedule] in "
    "tokui.toml says when. A run that is still going lets the next one wait.",
)
