"""Sensors that tell of runs which Dagster's UI or daemon started.

They are on by default and do nothing while `[alerts]` names nobody: the settings are the one
switch. Runs of `tokui refresh` are told of by the command, which outlives a run that is killed.
"""

from dataclasses import replace

import dagster as dg

from ingestion.errors import ConfigurationError
from orchestration import home as homes
from orchestration.alerts import tell_of_run
from orchestration.channels import channels
from orchestration.defs.jobs import nightly_refresh
from orchestration.instance import LOCKED_TAG
from orchestration.journal import Journal


def tell(run: dg.DagsterRun) -> str:
    """Send the alert about a run that Dagster saw end, if there is one to send; what was done."""
    if LOCKED_TAG in run.tags:
        return "tokui refresh tells of its own runs"
    try:
        home, settings = homes.load()
    except ConfigurationError as error:
        return str(error)
    if not channels(settings.alerts):
        return "[alerts] in tokui.toml names nobody"
    row = Journal(home.journal).find_run(run.run_id)
    if row is None:
        return "the run ended before its first step"
    if row.status == "running":
        row = replace(row, status="killed")
    return "\n".join(tell_of_run(home, settings, row)) or "nothing to tell"


@dg.run_failure_sensor(
    name="failed_run_alert_sensor",
    description="Tells of a run that failed, by webhook or e-mail as [alerts] in tokui.toml says; "
    "does nothing while nobody is named there.",
    monitored_jobs=[nightly_refresh],
    default_status=dg.DefaultSensorStatus.RUNNING,
)
def failed_run_alert_sensor(context: dg.RunFailureSensorContext) -> dg.SkipReason:
    """A run that failed."""
    return dg.SkipReason(tell(context.dagster_run))


@dg.run_status_sensor(
    run_status=dg.DagsterRunStatus.SUCCESS,
    name="green_run_alert_sensor",
    description="Tells of a run that published with a feed held back or with warnings, as "
    "[alerts] in tokui.toml says.",
    monitored_jobs=[nightly_refresh],
    default_status=dg.DefaultSensorStatus.RUNNING,
)
def green_run_alert_sensor(context: dg.RunStatusSensorContext) -> dg.SkipReason:
    """A run that published, with a feed held or with warnings."""
    return dg.SkipReason(tell(context.dagster_run))


SENSORS = [failed_run_alert_sensor, green_run_alert_sensor]
