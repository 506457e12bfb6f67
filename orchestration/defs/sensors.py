"""The sensor that starts a run when a feed offers files that were not there before."""

import hashlib

import dagster as dg

from ingestion.contract import FEEDS
from ingestion.discovery import list_files
from ingestion.errors import ConfigurationError
from orchestration import home as homes
from orchestration.defs.jobs import nightly_refresh


@dg.sensor(
    name="new_files_sensor",
    job=nightly_refresh,
    minimum_interval_seconds=60,
    description="Starts the nightly job when a feed's folder holds a file that was not there a "
    "minute ago. It compares names, sizes and times, and reads no file.",
)
def new_files_sensor(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
    """Compares names, sizes and times with those seen last; reads no file."""
    try:
        _, settings = homes.load()
        seen = sorted(
            f"{file.uri} {file.size} {file.modified}"
            for feed in FEEDS.values()
            for file in list_files(feed, settings.feeds[feed.name])
        )
    except ConfigurationError as error:
        return dg.SkipReason(str(error))
    cursor = hashlib.sha256("\n".join(seen).encode()).hexdigest()
    if cursor == context.cursor:
        return dg.SkipReason("no new files")
    return dg.SensorResult(run_requests=[dg.RunRequest(run_key=cursor)], cursor=cursor)
