"""The one job: everything, from the feeds to the publication."""

import dagster as dg

nightly_refresh = dg.define_asset_job(
    "nightly_refresh",
    selection=dg.AssetSelection.all() | dg.AssetSelection.all_asset_checks(),
    description="Feeds in, three gates held, marts published: one transaction a night. It works on "
    "a copy of the warehouse; a gate that stops it leaves yesterday's publication where it was.",
)
