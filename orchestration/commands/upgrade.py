"""`tokui upgrade`: brings a warehouse that an older Tokui made to today's tables."""

from __future__ import annotations

import argparse
import sys


def add_to(commands: argparse._SubParsersAction) -> None:
    command = commands.add_parser(
        "upgrade", help="bring a warehouse that an older Tokui made to today's tables"
    )
    command.add_argument(
        "--dry-run", action="store_true", help="try it on copies and change nothing"
    )
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    import duckdb

    from ingestion.migrations import MigrationError
    from orchestration import home as homes
    from orchestration.child import BUSY, CRASHED, GREEN
    from orchestration.lock import RunGoingError, RunLock
    from orchestration.upgrade import upgrade

    home, settings = homes.load()
    try:
        RunLock.acquire(home.lock)
        done = upgrade(home, settings, is_dry=options.dry_run)
    except RunGoingError as error:
        print(f"tokui: {error}", file=sys.stderr)
        return BUSY
    except (MigrationError, OSError, duckdb.Error) as error:
        print(f"tokui: the upgrade stopped, and can be started again. {error}", file=sys.stderr)
        return CRASHED
    finally:
        RunLock.release(home.lock)
    for one in done:
        verb = "can be upgraded" if options.dry_run else "upgraded"
        print(f"{one.part}: {verb} from version {one.before} to {one.after}")
        if not options.dry_run:
            print(f"  the old file is kept until the next green run: {one.kept}")
    if not done:
        print("nothing to upgrade: warehouse and journal are of this version")
    return GREEN
