"""The code location: `dagster definitions validate -m orchestration.definitions`."""

import dagster as dg

from orchestration.defs import ingestion, publication, quality, transformation
from orchestration.defs.jobs import nightly_refresh
from orchestration.defs.resources import Warehouse
from orchestration.defs.schedules import nightly_refresh_schedule
from orchestration.defs.sensors import new_files_sensor

defs = dg.Definitions(
    assets=[*ingestion.ASSETS, *transformation.ASSETS, *publication.ASSETS],
    asset_checks=quality.CHECKS,
    jobs=[nightly_refresh],
    schedules=[nightly_refresh_schedule],
    sensors=[new_files_sensor],
    resources={"warehouse": Warehouse()},
    executor=dg.in_process_executor,
)
