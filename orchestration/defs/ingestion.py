"""Assets of raw: one step a feed, one asset a table, and the step that opens the warehouse."""

from collections.abc import Iterator

import dagster as dg

from ingestion.contract import FEEDS, Feed
from ingestion.discovery import why_left_alone
from ingestion.engine import connect
from ingestion.source import LoadContext, TableReport, load_feed
from orchestration.decisions import decisions_of
from orchestration.defs.resources import POOL, Warehouse
from orchestration.figures import row_count, row_counts, waiting_rows
from orchestration.run import Run, say

_LEDGER = {
    "files": "One row a file that was loaded, by the runs before this one.",
    "deletions": "One row a key that a later snapshot no longer had.",
    "applied_decisions": "One row a decision of a person about rows or files that a load heard.",
}
LEDGER = [dg.AssetKey(["ledger", name]) for name in _LEDGER]


@dg.multi_asset(
    name="open_warehouse",
    specs=[
        dg.AssetSpec(key, group_name="ledger", description=text, kinds={"duckdb"})
        for key, text in zip(LEDGER, _LEDGER.values(), strict=True)
    ],
    pool=POOL,
)
def open_warehouse(
    context: dg.AssetExecutionContext, warehouse: Warehouse
) -> Iterator[dg.MaterializeResult]:
    """Copies the current warehouse: everything after this happens in the copy."""
    with warehouse.step(context, "open_warehouse") as run:
        with connect(run.warehouse, read_only=True) as connection:
            rows = row_counts(connection)
        for key in LEDGER:
            yield dg.MaterializeResult(asset_key=key, metadata=row_count(rows, ".".join(key.path)))


def feed_assets(feed: Feed) -> dg.AssetsDefinition:
    """The step that loads a feed, and the assets of its raw and personal tables."""

    @dg.multi_asset(name=f"ingest_{feed.name}", specs=_specs(feed), pool=POOL)
    def ingest(
        context: dg.AssetExecutionContext, warehouse: Warehouse
    ) -> Iterator[dg.MaterializeResult]:
        with warehouse.step(context, f"ingest_{feed.name}") as run:
            yield from _ingest(run, feed)

    return ingest


def _ingest(run: Run, feed: Feed) -> Iterator[dg.MaterializeResult]:
    report = load_feed(feed.name, run.settings.feeds[feed.name], _load_context(run, feed))
    run.journal.record_feed(run.run_id, report)
    for name in report.unrecognised:
        say(f"  {feed.name}: {name} was left alone: {why_left_alone(name)}")
    for name in report.unfinished:
        say(f"  {feed.name}: {name} is still being written and waits for the next run")
    for decided in report.decided:
        say(f"  {decided}")
    for held in report.held:
        say(f"  {feed.name} is held at its last good state: {held.message}")
    with connect(run.warehouse, read_only=True) as connection:
        rows, waiting = row_counts(connection), waiting_rows(connection)
    for table in feed.tables:
        metadata = _metadata(report.tables[table.name]) | row_count(rows, table.qualified_name)
        metadata["rows_waiting_in_quarantine"] = waiting.get(table.qualified_name, 0)
        yield dg.MaterializeResult(asset_key=[feed.dataset, table.name], metadata=metadata)
        if table.personal:
            yield dg.MaterializeResult(
                asset_key=["pii", table.pii_name], metadata=row_count(rows, f"pii.{table.pii_name}")
            )


def _load_context(run: Run, feed: Feed) -> LoadContext:
    return LoadContext(
        warehouse=run.warehouse,
        landing_dir=run.landing_dir,
        scratch_dir=run.home.work / "scratch" / feed.name,
        load_id=run.run_id,
        key=run.key(),
        now=run.now,
        progress=lambda message: say(f"  {message}"),
        limits=run.settings.limits,
        decisions=decisions_of(run.journal),
    )


def _metadata(counted: TableReport) -> dict[str, int | str]:
    found: dict[str, int | str] = {
        "files_new": counted.files,
        "files_known": counted.files_known,
        "rows_in": counted.rows_in,
        "rows_stored": counted.stored,
        "rows_unchanged": counted.unchanged,
        "rows_quarantined": counted.quarantined,
        "rows_released": counted.released,
        "rows_forgotten": counted.forgotten,
        "keys_deleted": counted.deleted,
    }
    if counted.unknown_columns:
        found["unknown_columns"] = ", ".join(sorted(set(counted.unknown_columns)))
    return found


def _specs(feed: Feed) -> list[dg.AssetSpec]:
    specs = [
        dg.AssetSpec(
            [feed.dataset, table.name],
            deps=LEDGER,
            group_name=feed.dataset,
            description=table.description,
            kinds={"dlt", "duckdb"},
        )
        for table in feed.tables
    ]
    specs += [
        dg.AssetSpec(
            ["pii", table.pii_name],
            deps=LEDGER,
            group_name="pii",
            description=f"Plain personal values of {table.qualified_name}, a row each. Never "
            "published.",
            kinds={"dlt", "duckdb"},
        )
        for table in feed.pii_tables
    ]
    return specs


ASSETS = [open_warehouse, *(feed_assets(feed) for feed in FEEDS.values())]
