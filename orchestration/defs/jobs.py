"""The one job: everything, from the feeds to the publication."""

import dagster as dg

nightly_refresh = dg.define_asset_job(
    "nightly_refresh",
    selection=dg.AssetSelection.all() | dg.AssetSelection.all_asset_checks(),
    description="Feeds in, gates held, marts published: one transaction a night.",
)
