"""The code location: `dagster definitions validate -m orchestration.definitions`."""

from collections.abc import Mapping, Sequence

import dagster as dg

from orchestration.columns import TableFacts, columns_to_show
from orchestration.defs import (
    alerts,
    identity,
    ingestion,
    plans,
    prediction,
    publication,
    quality,
    transformation,
)
from orchestration.defs.furnishing import furnish
from orchestration.defs.jobs import nightly_refresh
from orchestration.defs.resources import Warehouse
from orchestration.defs.schedules import nightly_refresh_schedule
from orchestration.defs.sensors import new_files_sensor


def build_definitions(
    gates: Sequence[dg.AssetChecksDefinition],
    executor: dg.ExecutorDefinition,
    columns: Mapping[str, TableFacts],
) -> dg.Definitions:
    """Everything that Dagster must know; tests pass other gates and another executor."""
    return dg.Definitions(
        assets=furnish(
            [
                *ingestion.ASSETS,
                *plans.ASSETS,
                *identity.ASSETS,
                *transformation.ASSETS,
                *prediction.ASSETS,
                *publication.ASSETS,
            ],
            columns,
        ),
        asset_checks=gates,
        jobs=[nightly_refresh],
        schedules=[nightly_refresh_schedule],
        sensors=[new_files_sensor, *alerts.SENSORS],
        resources={"warehouse": Warehouse()},
        executor=executor,
    )


defs = build_definitions(quality.GATES, dg.in_process_executor, columns_to_show())
