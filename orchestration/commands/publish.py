"""`tokui publish postgres`: brings the copy in Postgres to the published version."""

from __future__ import annotations

import argparse
import sys


def add_to(commands: argparse._SubParsersAction) -> None:
    command = commands.add_parser(
        "publish", help="bring a copy for BI servers to the published version"
    )
    command.add_argument("copy", choices=["postgres"], help="which copy")
    command.add_argument("--force", action="store_true", help="replace a later version too")
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    from ingestion.errors import ConfigurationError
    from orchestration import home as homes
    from orchestration.child import BUSY, CRASHED, GREEN
    from orchestration.lock import RunGoingError, RunLock
    from orchestration.postgres_copy import bring_up, sentence
    from orchestration.publication import read_manifest
    from serving.postgres.errors import CopyError

    home, settings = homes.load()
    if not settings.publication.postgres.enabled:
        raise ConfigurationError(
            f"{settings.source} has no copy in Postgres. Set `enabled = true` in "
            "[publication.postgres]; docs/postgres.md has the steps."
        )
    try:
        RunLock.acquire(home.lock)
        head = read_manifest(home)
        if head is None:
            raise ConfigurationError("nothing is published yet; run `tokui refresh`.")
        copied = bring_up(home, settings, head, force=options.force)
    except RunGoingError as error:
        print(f"tokui: {error}", file=sys.stderr)
        return BUSY
    except CopyError as error:
        print(f"tokui: the copy in Postgres stays as it was. {error}", file=sys.stderr)
        return CRASHED
    finally:
        RunLock.release(home.lock)
    for warning in copied.warnings:
        print(f"tokui: {warning}", file=sys.stderr)
    print(sentence(head["version"], copied))
    return GREEN
