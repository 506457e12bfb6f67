"""`tokui refresh`: load what is new, build, check and publish."""

from __future__ import annotations

import argparse

from ingestion.errors import ConfigurationError
from orchestration.commands.arguments import add_refresh_arguments


def add_to(commands: argparse._SubParsersAction) -> None:
    command = commands.add_parser("refresh", help="load what is new, build, check and publish")
    add_refresh_arguments(command)
    command.add_argument(
        "--each-day",
        action="store_true",
        help="publish every missed day, from the published date to the last complete one",
    )
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    from orchestration.child import run_refresh

    if not options.each_day:
        return run_refresh(options.as_of, options.full)
    if options.as_of:
        raise ConfigurationError("--each-day goes to the last complete date; leave --as-of out.")
    from orchestration.catch_up import refresh_each_day
    from orchestration.home import load

    home, settings = load()
    return refresh_each_day(home, settings, lambda: run_refresh(full=options.full, next_day=True))
