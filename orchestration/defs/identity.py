"""What is worked out from beside the records: decisions of people, and what the last run kept.

The counts of baskets need nothing done to them; a step of their own would cost more than they do.
"""

from collections.abc import Iterator

import dagster as dg

from identity.overrides import load_overrides
from identity.person_tables import PERSON_TABLES, staging_name
from ingestion.engine import connect
from orchestration.defs.resources import POOL, Warehouse
from orchestration.defs.transformation import MANIFEST
from orchestration.figures import row_count, row_counts_now
from orchestration.run import say

TABLES = {
    ("identity", "overrides"): "One row a decision of a person: two records are always or never "
    "one.",
    ("identity", "names"): "One row a record that any green run saw, with its id's hash.",
    ("identity", "records"): "One row a record as the last green run saw it.",
    ("identity", "clusters"): "One row a record: the cluster that the last green run gave it.",
    ("identity", "edges"): "One row a pair of records that a rule joined in the last green run.",
    ("identity", "customer_anchors"): "One row a customer key that was ever given.",
    ("identity", "customer_links"): "One row a record and the time it belonged to a customer.",
    ("identity", "customer_key_changes"): "One row a merge, split or move of customers.",
    ("prediction", "identity_edges"): "One row a pair of records that Splink joins; empty unless "
    'matcher = "splink".',
    ("baskets", "keys"): "One row a product, category, store or channel with its number.",
    ("baskets", "days"): "One row a business date with the fingerprint of what its baskets hold.",
    ("baskets", "lines"): "One row a basket and product as the last green run counted it.",
    ("baskets", "item_counts"): "One row an item, place and band of sizes with its baskets.",
    ("baskets", "pairs"): "One row a pair of items and scope with its baskets.",
}
_STAGING = [
    dg.AssetKey(["staging", node["name"]])
    for node in MANIFEST["nodes"].values()
    if node["resource_type"] == "model"
    and node["name"] in {staging_name(system) for system in PERSON_TABLES}
]


@dg.multi_asset(
    name="prepare_identity",
    specs=[
        dg.AssetSpec(key, deps=_STAGING, group_name=key[0], description=text, kinds={"duckdb"})
        for key, text in TABLES.items()
    ],
    pool=POOL,
)
def prepare_identity(
    context: dg.AssetExecutionContext, warehouse: Warehouse
) -> Iterator[dg.MaterializeResult]:
    """Reads the decisions, and asks Splink where the settings say so."""
    with warehouse.step(context, "prepare_identity") as run:
        settings = run.settings.identity
        with connect(run.warehouse) as connection:
            decisions = load_overrides(connection, settings.overrides, run.key())
            if settings.matcher == "splink":
                from identity.splink_edges import write_edges

                say(f"  splink: {write_edges(connection):,} links")
            rows = row_counts_now(connection)
        if decisions:
            say(f"  identity: {decisions} decision(s) of {settings.overrides}")
        for key in TABLES:
            yield dg.MaterializeResult(
                asset_key=dg.AssetKey(key), metadata=row_count(rows, ".".join(key))
            )


ASSETS = [prepare_identity]
