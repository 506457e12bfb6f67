"""The job by a name that Dagster finds again when it rebuilds it."""

import dagster as dg

from orchestration.definitions import defs


def nightly_refresh() -> dg.JobDefinition:
    """The nightly job as it is."""
    return defs.resolve_job_def("nightly_refresh")
