"""`tokui inspect`: why a run ended as it did, and its warehouse."""

from __future__ import annotations

import argparse


def add_to(commands: argparse._SubParsersAction) -> None:
    command = commands.add_parser("inspect", help="why a run ended as it did, and its warehouse")
    command.add_argument("run_id", metavar="RUN", help="id of the run, or its beginning")
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    from orchestration.status import inspect_run

    return inspect_run(options.run_id)
