"""`python -m ingestion pos`: one feed, without the orchestrator.

Loads into a warehouse of its own (`--into`, by default `$TOKUI_HOME/try/warehouse.duckdb`), so that
trying a feed never touches the warehouse that runs publish.
"""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from ingestion import ledger, personal
from ingestion.contract import FEEDS
from ingestion.discovery import why_left_alone
from ingestion.engine import connect
from ingestion.errors import ConfigurationError, FeedStoppedError
from ingestion.settings import config_path, home_root, load_settings
from ingestion.source import FeedReport, LoadContext, load_feed


def main(arguments: list[str] | None = None) -> int:
    """Load one feed and print what became of its rows.

    Returns 0, 1 (files were refused and nothing was loaded) or 2 (configuration).
    """
    parser = argparse.ArgumentParser(prog="python -m ingestion", description=__doc__)
    parser.add_argument("feed", choices=list(FEEDS))
    parser.add_argument("--into", type=Path, metavar="FILE", help="a file named warehouse.duckdb")
    options = parser.parse_args(arguments)
    try:
        report = _load(options.feed, options.into)
    except FeedStoppedError as error:
        print(error, file=sys.stderr)
        return 1
    except ConfigurationError as error:
        print(error, file=sys.stderr)
        return 2
    print_report(report)
    for held in report.held:
        print(f"held, nothing of the feed was loaded: {held.message}", file=sys.stderr)
    return 1 if report.held else 0


def print_report(report: FeedReport) -> None:
    """A line a table that had files."""
    print(f"{'table':32}{'files':>6}{'rows in':>10}{'stored':>10}{'unchanged':>10}{'aside':>7}")
    for table in report.tables.values():
        if table.files or table.files_known:
            print(
                f"{table.table:32}{table.files:>6}{table.rows_in:>10}{table.stored:>10}"
                f"{table.unchanged:>10}{table.quarantined:>7}"
            )
    for row in report.quarantined:
        print(f"set aside: {row.table} {row.file} line {row.line}: {row.reason}")
    for name in report.unrecognised:
        print(f"left alone: {name}: {why_left_alone(name)}")
    for name in report.unfinished:
        print(f"still being written, left for the next run: {name}")
    for table in report.tables.values():
        if table.unknown_columns:
            print(f"kept in _extra of {table.table}: {', '.join(table.unknown_columns)}")


def _load(feed: str, into: Path | None) -> FeedReport:
    settings = load_settings(config_path())
    if settings.feeds[feed].path is None:
        raise ConfigurationError(f"{settings.source}: set path under [feeds.{feed}], it has none.")
    home = home_root(settings.profile)
    warehouse = into or home / "try" / "warehouse.duckdb"
    if warehouse.name != "warehouse.duckdb":
        raise ConfigurationError(f"--into {warehouse}: the file must be named warehouse.duckdb")
    warehouse.parent.mkdir(parents=True, exist_ok=True)
    key = personal.load_key(home, settings.profile)
    with connect(warehouse) as connection:
        ledger.prepare(connection, settings.profile, personal.fingerprint(key))
    now = datetime.now(UTC).replace(tzinfo=None)
    context = LoadContext(
        warehouse=warehouse,
        landing_dir=warehouse.parent / "landing",
        scratch_dir=warehouse.parent / "scratch",
        load_id=f"{now:%Y%m%dT%H%M%S%f}",
        key=key,
        now=now,
        progress=lambda message: print(message, file=sys.stderr),
        limits=settings.limits,
    )
    return load_feed(feed, settings.feeds[feed], context)


if __name__ == "__main__":
    sys.exit(main())
