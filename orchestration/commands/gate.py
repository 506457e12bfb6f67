"""`tokui gate`: what failed, and what a person accepts of it."""

from __future__ import annotations

import argparse
from datetime import date
from typing import TYPE_CHECKING

from orchestration.commands.arguments import parse_date

if TYPE_CHECKING:
    from ingestion.settings import Settings
    from orchestration.home import Home


def add_to(commands: argparse._SubParsersAction) -> None:
    command = commands.add_parser("gate", help="failed checks, and accepting one that is real")
    actions = command.add_subparsers(dest="action", required=True)
    actions.add_parser("list", help="failed checks of the last run, acceptances in force")
    accept = actions.add_parser("accept", help="let a failed check pass: what it found is real")
    accept.add_argument("check", metavar="SUITE.RULE", help="as `tokui gate list` shows it")
    accept.add_argument(
        "--date",
        metavar="DATE",
        type=parse_date,
        required=True,
        help="the date that the failed run computed for",
    )
    accept.add_argument("--reason", metavar="TEXT", required=True, help="why it is real")
    withdraw = actions.add_parser("withdraw", help="take an acceptance back")
    withdraw.add_argument("acceptance_id", metavar="ID", help="as `tokui gate list` shows it")
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    from orchestration import home as homes

    home, settings = homes.load()
    if options.action == "accept":
        return _accept(home, settings, options)
    if options.action == "withdraw":
        return _withdraw(home, options.acceptance_id)
    return _list(home)


def _accept(home: Home, settings: Settings, options: argparse.Namespace) -> int:
    from orchestration.acceptance import accept

    day = date.fromisoformat(options.date)
    acceptance = accept(home, settings, options.check, day, options.reason)
    rows = len(acceptance.row_ids)
    scope = f"{rows:,} row(s); others fail again" if rows else f"the run of {day} alone"
    print(f"accepted {options.check} for {scope}. Now run `tokui refresh`.")
    print(f"to take it back: `tokui gate withdraw {acceptance.acceptance_id}`")
    return 0


def _withdraw(home: Home, acceptance_id: str) -> int:
    from orchestration.acceptance import withdraw

    acceptance = withdraw(home, acceptance_id)
    print(f"withdrawn: {acceptance.suite}.{acceptance.rule} is judged again from the next run on.")
    return 0


def _list(home: Home) -> int:
    from expectations.messages import accept_command, accepted_by
    from orchestration.acceptance import in_force, last_failures
    from orchestration.journal import Journal

    journal = Journal(home.journal)
    failures = last_failures(journal)
    print("failed checks of the last run" if failures else "no check failed in the last run")
    for one in failures:
        state = "accepted" if one.is_accepted else one.severity
        where = f", for example {one.examples}" if one.examples else ""
        print(f"  {state}: {one.suite}.{one.rule}: {one.observed}, expected {one.threshold}{where}")
        if one.is_acceptable and not one.is_accepted:
            print(f"    if it is real: {accept_command(one.suite, one.rule, str(one.as_of))}")
    standing = in_force(journal)
    print("acceptances in force" if standing else "no acceptance is in force")
    for one in standing:
        scope = f"{len(one.row_ids):,} row(s)" if one.row_ids else "that date alone"
        print(f"  {one.acceptance_id}  {one.suite}.{one.rule}  {one.as_of}  {scope}")
        print(f"    {accepted_by(one)}")
    return 0
